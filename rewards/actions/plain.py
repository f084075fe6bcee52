"""Many orders at once of which there is nothing to judge: new here, without a code or token, of buyers nobody referred.

Most orders of any shop are such. ``take_in`` comes to the same rows one by one, with twenty statements for each; a
batch takes a dozen altogether. Whatever might be more than plain is left to ``take_in``, which stays the rule: a test
holds both against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from advocates.actions.after_order import programs_that_enrol
from advocates.actions.customers import BadEmail, know_many, note_paid_order
from advocates.models import Customer
from kit.many import any_of
from kit.tenancy import transaction_required
from kit.text import email_key, normalise_email
from programs.rules import Terms
from rewards.actions.settle import customer_told, follow_purchase, is_purchase, note_order
from tracking.actions.attribute import evidence_key
from tracking.actions.facts import digested, lock_orders, write_facts
from tracking.actions.introductions import asks_by_mail
from tracking.actions.traces import keep_new_traces
from tracking.facts import OrderKey, PersonIn, TraceIn
from tracking.locks import lock_friends
from tracking.models import Claim, Order, Referral
from tracking.rules import Buyer, Fact, OrderView, attribute, read_order

_NOBODY = Buyer(customer_id=None, paid_before=False)


@dataclass(frozen=True, slots=True)
class Told:
    """An order as it was told, by whichever way."""

    key: OrderKey
    facts: Sequence[Fact]
    person: PersonIn | None
    trace: TraceIn | None = None


@dataclass(frozen=True, slots=True)
class _Plain:
    """``buyer`` is an unsaved row until its own is known; None: the order names nobody."""

    key: OrderKey
    facts: Sequence[Fact]
    view: OrderView
    buyer: Customer | None
    trace: TraceIn | None


@dataclass(frozen=True, slots=True)
class Taken:
    """``orders``: those that were plain. ``has_locked``: whether locks of orders and friends are held now."""

    orders: dict[OrderKey, Order]
    has_locked: bool = False


@transaction_required
def take_in_plain(*, told: Sequence[Told], now: datetime, by: str) -> Taken:
    """Take in those of the orders that are plain; nothing is written of the others."""
    found = _at_first_sight(told, by, now)
    if not found:
        return Taken({})
    lock_orders([one.key for one in found])
    found = _never_seen(found)
    buyers = know_many([one.buyer for one in found if one.buyer])
    lock_friends([buyer.pk for buyer in buyers.values() if not buyer.is_just_made])
    found = _of_nobodys_friends(found, buyers)
    orders = {one.key: _settled(one, buyers, now) for one in found}
    Order.objects.bulk_create(orders.values())
    write_facts([(orders[one.key], fact) for one in found for fact in one.facts], now)
    keep_new_traces([(orders[one.key], one.trace) for one in found], now=now)
    _note_buyers(found, orders, now=now, by=by)
    return Taken(orders, has_locked=True)


def _at_first_sight(told: Sequence[Told], by: str, now: datetime) -> list[_Plain]:
    """What may be plain as far as it says itself; of one order or one buyer the first alone.

    Also where that first one is not plain: a friend's further orders may earn by it, so they wait behind it.
    """
    seen: set[object] = set()
    found = []
    for one in told:
        names = _names(one)
        if not seen & names and (plain := _read(one, by, now)):
            found.append(plain)
        seen |= names
    return found


def _read(one: Told, by: str, now: datetime) -> _Plain | None:
    facts = digested(one.facts)
    view = read_order(facts)
    if view is None or view.tokens or view.codes:
        return None
    try:
        buyer = customer_told(one.person, by, now) if one.person else None
    except BadEmail:
        return None
    return _Plain(one.key, facts, view, buyer, one.trace)


def _names(one: Told) -> set[object]:
    """The order, and its buyer where one is told who can be one."""
    address = normalise_email(one.person.email) if one.person else None
    return {one.key, email_key(address)} if address else {one.key}


def _never_seen(found: list[_Plain]) -> list[_Plain]:
    """The caller holds the locks of all of them."""
    ids = any_of("external_id", [one.key.external_id for one in found])
    known = {OrderKey(*key) for key in Order.objects.filter(ids).values_list("platform", "external_id")}
    return [one for one in found if one.key not in known]


def _of_nobodys_friends(found: list[_Plain], buyers: dict[str, Customer]) -> list[_Plain]:
    """Of buyers who never claimed an offer and were never referred: no advocate can have an order of theirs."""
    known = [buyer.pk for buyer in buyers.values() if not buyer.is_just_made]
    friends = _referred(known) if known else set()
    return [
        one
        for one in found
        if one.buyer is None or ((buyer := buyers.get(one.buyer.email_key)) is not None and buyer.pk not in friends)
    ]


def _referred(customer_ids: list[UUID]) -> set[UUID]:
    claims, referrals = (model.objects.filter(friend__in=customer_ids) for model in (Claim, Referral))
    return set(claims.values_list("friend_id", flat=True).union(referrals.values_list("friend_id", flat=True)))


def _settled(one: _Plain, buyers: dict[str, Customer], now: datetime) -> Order:
    """As ``take_in`` leaves its row: judged on no evidence at all."""
    buyer = buyers[one.buyer.email_key] if one.buyer else None
    order = Order(platform=one.key.platform, external_id=one.key.external_id, received_at=now, customer=buyer)
    decision = attribute(placed_at=one.view.placed_at, buyer=_NOBODY, touches=(), zone="UTC")
    order.outcome = Order.Outcome(decision.verdict)
    order.decision = decision.to_json()
    order.evidence_key = evidence_key(one.view, order.customer_id)
    note_order(order, one.view, Terms(currency=one.view.currency), now)
    return order


def _note_buyers(found: list[_Plain], orders: dict[OrderKey, Order], *, now: datetime, by: str) -> None:
    may_follow = programs_that_enrol() or asks_by_mail()
    for one in found:
        order, view = orders[one.key], one.view
        if order.customer and view.paid_at and not view.is_test:
            note_paid_order(customer=order.customer, paid_at=view.paid_at)
        if may_follow and view.is_paid and is_purchase(order):
            follow_purchase(order=order, now=now, by=by)
