"""Everything about one person as one story: what led to their orders, what was decided, what became of it.

``story_of`` reads, in the same number of statements whatever there is; ``timeline`` is pure assembly. Words are the
audience's, and what is missing is told by insights.lacking.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Model, Q

from advocates.models import Advocate, Customer, Link, MergedAdvocate, MergedCustomer
from advocates.selectors import advocates_by_former_id, advocates_of
from engagement.models import Message
from kit.signing import parse_click_token
from merchants.models import Event
from programs.models import TermsVersion
from rewards.models import Reward, RewardBlock
from rewards.payout_words import payout_steps
from rewards.selectors import open_blocks
from rewards.wording import Missing
from tracking.models import Assignment, Claim, Click, Introduction, Leak, Order, OrderFact, Referral, Review
from tracking.rules import Fact, FactKind, OrderView, read_order

#: Rows of one sort that a story tells, the newest: whoever has more has lists of their own.
MOST = 40
MOST_EVENTS = 300


class What(StrEnum):
    """Sorts of moments; at the same instant the earlier named comes first."""

    VISIT = "visit"
    CLAIM = "claim"
    FACT = "fact"
    INTRODUCTION = "introduction"
    DECISION = "decision"
    ASSIGNMENT = "assignment"
    EVENT = "event"
    MAIL = "mail"
    AHEAD = "ahead"


_ORDER = list(What)


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    what: What
    row: Any


@dataclass(frozen=True, slots=True)
class Story:
    """What is known. ``customer`` is None for an order or a claim of somebody without an address. Newest first."""

    customer: Customer | None = None
    places: list[Advocate] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    facts: list[OrderFact] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    #: Of their own orders, by order.
    referrals: Mapping[UUID, Referral] = field(default_factory=dict)
    #: Orders of friends they brought.
    brought: list[Referral] = field(default_factory=list)
    #: What they get, and what their own orders bring others.
    rewards: list[Reward] = field(default_factory=list)
    blocks: Mapping[UUID, list[RewardBlock]] = field(default_factory=dict)
    payouts: Mapping[UUID, Missing] = field(default_factory=dict)
    clicks: Mapping[UUID, Click] = field(default_factory=dict)
    introductions: Mapping[UUID, Introduction] = field(default_factory=dict)
    assignments: list[Assignment] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    leaks: list[Leak] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    #: Whoever is named in the decisions: advocates and links of every considered touch, and their terms.
    advocates: Mapping[UUID, Advocate] = field(default_factory=dict)
    named_links: Mapping[UUID, Link] = field(default_factory=dict)
    versions: list[TermsVersion] = field(default_factory=list)
    #: Links whose codes came with the orders, taken out of use or not.
    typed_links: Mapping[str, Link] = field(default_factory=dict)
    #: There is more than is told here.
    is_cut: bool = False

    def view_of(self, order: Order) -> OrderView | None:
        return read_order([_fact(row) for row in self.facts if row.order_id == order.pk])


# --- reading --------------------------------------------------------------------------------------------------------


def story_of(
    customer: Customer | None = None,
    *,
    order: Order | None = None,
    claim: Claim | None = None,
    zone: str,
    language: str,
) -> Story:
    """Of a person, or of one order or claim that is nobody's in particular."""
    places = advocates_of(customer)[:MOST] if customer else []
    orders = _orders(customer, order, claim)
    facts = list(OrderFact.objects.filter(order__in=orders).order_by("as_of", "received_at", "pk"))
    referrals = list(_referrals().filter(order__in=orders))
    claims = _claims(customer, claim, referrals)
    brought = list(_referrals().filter(advocate__in=places).order_by("-attributed_at", "-pk")[:MOST])
    rewards = _rewards(customer, referrals)
    links = list(Link.objects.filter(advocate__in=places).order_by("created_at", "pk")[:MOST])
    story: dict[str, Any] = {
        "customer": customer,
        "places": places,
        "links": links,
        "orders": orders,
        "facts": facts,
        "claims": claims,
        "referrals": {row.order_id: row for row in referrals},
        "brought": brought,
        "rewards": rewards,
        "blocks": open_blocks(rewards),
        "payouts": payout_steps(rewards, zone=zone, language=language),
        "clicks": _clicks(_clicks_behind(claims, facts)),
        "introductions": {row.order_id: row for row in _of_orders(Introduction, orders)},
        "assignments": list(_of_orders(Assignment, orders)),
        "reviews": list(Review.objects.filter(referral__in=[*referrals, *brought])),
        "leaks": list(Leak.objects.filter(link__in=links).select_related("link")),
        "messages": list(Message.objects.filter(customer=customer).order_by("-at")[:MOST]) if customer else [],
        "typed_links": _typed_links(facts),
        **_named_in(orders, claims),
    }
    events = _events_about(story)
    sorts = (places, claims, orders, brought, rewards, links, story["messages"])
    return Story(**story, events=events, is_cut=len(events) == MOST_EVENTS or any(len(rows) == MOST for rows in sorts))


def _claims(customer: Customer | None, claim: Claim | None, referrals: Iterable[Referral]) -> list[Claim]:
    """Theirs by name, and those without one that led to their orders."""
    rows = Claim.objects.select_related("advocate__customer", "link", "terms", "program")
    theirs = {row.claim_id for row in referrals if row.claim_id} | ({claim.pk} if claim else set())
    rows = rows.filter(Q(friend=customer) | Q(pk__in=theirs) if customer else Q(pk__in=theirs))
    return list(rows.order_by("-claimed_at", "-pk")[:MOST])


def _orders(customer: Customer | None, order: Order | None, claim: Claim | None) -> list[Order]:
    rows = Order.objects.select_related("customer")
    if customer is not None:
        return list(rows.filter(customer=customer).order_by("-received_at", "-pk")[:MOST])
    if order is not None:
        return list(rows.filter(pk=order.pk))
    by_claim = Referral.objects.filter(claim=claim).values("order_id") if claim else []
    return list(rows.filter(pk__in=by_claim)) if claim else []


def _referrals() -> Any:
    return Referral.objects.select_related("advocate__customer", "program", "friend", "order", "link")


def _rewards(customer: Customer | None, referrals: list[Referral]) -> list[Reward]:
    rows = Reward.objects.select_related("recipient", "advocate__customer", "order", "kind", "program", "merchant")
    theirs = Q(referral__in=referrals) | Q(recipient=customer) if customer else Q(referral__in=referrals)
    return list(rows.filter(theirs).order_by("-created_at", "-pk")[:MOST])


def _of_orders(model: Any, orders: list[Order]) -> Any:
    return model.objects.filter(order__in=orders).select_related("advocate__customer")


def _clicks(keys: set[UUID]) -> dict[UUID, Click]:
    found: dict[UUID, Click] = Click.objects.select_related("link__advocate__customer", "program").in_bulk(keys)
    return found


def _clicks_behind(claims: Iterable[Claim], facts: Iterable[OrderFact]) -> set[UUID]:
    """Only those that led to something: a visit alone is nobody's."""
    told = {text for row in facts if row.kind == OrderFact.Kind.SNAPSHOT for text in row.data.get("tokens", ())}
    tokens = (parse_click_token(text, keys=settings.CLICK_TOKEN_KEYS) for text in told)
    return {token.click_id for token in tokens if token} | {row.click_id for row in claims if row.click_id}


def _typed_links(facts: Iterable[OrderFact]) -> dict[str, Link]:
    codes = {item["code"].upper() for row in facts for item in row.data.get("codes", ())}
    links = Link.objects.filter(code__in=codes).select_related("advocate__customer")
    return {link.code: link for link in links}


def _named_in(orders: list[Order], claims: list[Claim]) -> dict[str, Any]:
    told = [item for order in orders for item in considered_of(order)]
    advocates = advocates_named(_keys(told, "advocate_id"))
    programs = {advocate.program_id for advocate in advocates.values()} | {claim.program_id for claim in claims}
    return {
        "advocates": advocates,
        "named_links": Link.objects.in_bulk(_keys(told, "link_id")),
        "versions": list(TermsVersion.objects.filter(program__in=programs).order_by("-number")),
    }


def advocates_named(keys: set[UUID]) -> dict[UUID, Advocate]:
    """By the ids they were decided on with: some of these may lead to somebody else by now."""
    rows = Advocate.objects.select_related("customer", "program")
    found: dict[UUID, Advocate] = rows.in_bulk(keys)
    if gone := advocates_by_former_id(keys - found.keys()) if found.keys() < keys else {}:
        now = rows.in_bulk(set(gone.values()))
        found |= {former: now[key] for former, key in gone.items()}
    return found


def _keys(told: Iterable[Mapping[str, Any]], name: str) -> set[UUID]:
    return {UUID(item[name]) for item in told if item.get(name)}


def considered_of(order: Order) -> list[dict[str, Any]]:
    """The touches of the decision, in order of time (tracking.rules.Considered)."""
    return list((order.decision or {}).get("considered", ()))


def _events_about(story: Mapping[str, Any]) -> list[Event]:
    rows: list[Model] = [
        *([story["customer"]] if story["customer"] else []),
        *(
            row
            for name in ("places", "claims", "orders", "brought", "rewards", "reviews", "leaks")
            for row in story[name]
        ),
        *story["referrals"].values(),
        *story["introductions"].values(),
    ]
    subjects = {row.pk for row in rows} | _merged_into(story)
    events = Event.objects.filter(subject_id__in=subjects)
    return list(events.order_by("-at", "-pk")[:MOST_EVENTS])


def _merged_into(story: Mapping[str, Any]) -> set[UUID]:
    """What was merged into this person keeps a past of its own."""
    advocates = MergedAdvocate.objects.filter(into__in=story["places"]).values_list("pk")
    people = MergedCustomer.objects.filter(into=story["customer"]).values_list("pk")
    return {key for (key,) in people.union(advocates)} if story["customer"] else set()


def _fact(row: OrderFact) -> Fact:
    return Fact(FactKind(row.kind), row.key, row.as_of, row.data, row.digest)


# --- assembly -------------------------------------------------------------------------------------------------------

#: Said by the line of the claim, of the decision and of the assignment already.
_SAID_ELSEWHERE = frozenset({"claim.issued"})


def timeline(story: Story) -> list[Moment]:
    """Every moment in order of time; what happened at the same instant in the order of ``What``."""
    found = [
        *_visits(story),
        *(Moment(row.claimed_at, What.CLAIM, row) for row in story.claims),
        *(Moment(row.as_of, What.FACT, row) for row in story.facts),
        *(Moment(row.said_at, What.INTRODUCTION, row) for row in story.introductions.values() if row.said_at),
        *(Moment(decided_at(story, row), What.DECISION, row) for row in story.orders if _is_decided(row)),
        *(Moment(row.at, What.ASSIGNMENT, row) for row in story.assignments),
        *_events(story),
        *(Moment(row.sent_at or row.at, What.MAIL, row) for row in story.messages),
        *_ahead(story),
    ]
    return sorted(found, key=lambda moment: (moment.at, _ORDER.index(moment.what), str(moment.row.pk)))


def _visits(story: Story) -> Iterator[Moment]:
    return (Moment(click.at, What.VISIT, click) for click in story.clicks.values())


def _is_decided(order: Order) -> bool:
    return order.outcome != Order.Outcome.AWAITED


def decided_at(story: Story, order: Order) -> datetime:
    """The last time the decision changed: the log says so; nothing is logged of an order that was nobody's."""
    referral = story.referrals.get(order.pk)
    told = [event.at for event in story.events if referral and _decides(event, referral)]
    found: datetime = max(told, default=order.settled_at or order.received_at)
    return found


def _decides(event: Event, referral: Referral) -> bool:
    return event.subject_id == referral.pk and event.code in ("referral.attributed", "referral.blocked")


def _events(story: Story) -> Iterator[Moment]:
    """Without what another line of the same instant tells with more words."""
    told = {(referral.pk, decided_at(story, order)) for order, referral in _pairs(story)}
    for event in story.events:
        is_decision = event.code in ("referral.attributed", "referral.blocked")
        if event.code in _SAID_ELSEWHERE or (is_decision and (event.subject_id, event.at) in told):
            continue
        yield Moment(event.at, What.EVENT, event)


def _pairs(story: Story) -> Iterator[tuple[Order, Referral]]:
    for order in story.orders:
        if referral := story.referrals.get(order.pk):
            yield order, referral


def _ahead(story: Story) -> Iterator[Moment]:
    """Ends of holds: the days rewards come if nothing stops them."""
    for reward in story.rewards:
        if reward.state == Reward.State.HELD and reward.release_at is not None:
            yield Moment(reward.release_at, What.AHEAD, reward)
