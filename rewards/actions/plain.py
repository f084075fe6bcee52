"""Many orders at once that nothing was known of: new here, without a code, of buyers nobody referred before.

Most orders of any shop are such. Nearly all of them are nobody's referral, and there is nothing to judge: ``take_in``
comes to the same rows one by one, with twenty statements for each, a batch with a dozen altogether. Those that came
through a link are judged one after the other, as ever; what comes before that is shared. Whatever might be more is left
to ``take_in``, which stays the rule: a test holds both against each other.

Locks are taken for the whole batch, of its orders, then of its friends, then of the advocates of those that are judged,
so that two batches wait for each other there but never in a circle. Budgets and breakers are locked as each referral
needs them: two batches over the same two programs may meet there, and the one that Postgres stops begins again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from advocates.actions.after_order import programs_that_enrol
from advocates.actions.customers import BadEmail, know_many, note_paid_order
from advocates.models import Customer
from kit.asked import asked_often
from kit.many import any_of, insert_rows
from kit.tenancy import transaction_required
from kit.text import email_key, normalise_email
from programs.rules import Terms
from rewards.actions.settle import Settled, customer_told, follow_purchase, is_purchase, note_order, settle_first
from tracking.actions.attribute import advocates_by_token, evidence_key
from tracking.actions.facts import digested, lock_orders, write_facts
from tracking.actions.introductions import asks_by_mail
from tracking.actions.traces import keep_new_traces
from tracking.facts import OrderKey, PersonIn, TraceIn
from tracking.locks import lock_advocates, lock_friends
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
    """``settled``: those that were plain. ``has_locked``: whether locks of orders and friends are held now."""

    settled: dict[OrderKey, Settled]
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
    orders = {one.key: _order(one, buyers, now) for one in found}
    insert_rows(list(orders.values()))
    write_facts([(orders[one.key], fact) for one in found for fact in one.facts], now)
    strangers, sent = [one for one in found if not one.view.tokens], [one for one in found if one.view.tokens]
    keep_new_traces([(orders[one.key], one.trace) for one in strangers], now=now)
    _note_payments(strangers, orders)
    settled = {one.key: Settled(orders[one.key]) for one in strangers}
    lock_advocates(advocates_by_token([token for one in sent for token in one.view.tokens]))
    for one in sent:
        settled[one.key] = settle_first(order=orders[one.key], view=one.view, trace=one.trace, now=now, by=by)
    _follow_purchases(found, orders, now=now, by=by)
    return Taken(settled, has_locked=True)


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
    if view is None or view.codes:
        return None
    try:
        buyer = customer_told(one.person, view, by, now) if one.person else None
    except BadEmail:
        return None
    return _Plain(one.key, facts, view, buyer, one.trace)


def _names(one: Told) -> set[object]:
    """The order, and its buyer where one is told who can be one."""
    address = normalise_email(one.person.email) if one.person else None
    return {one.key, email_key(address)} if address else {one.key}


def _never_seen(found: list[_Plain]) -> list[_Plain]:
    """The caller holds the locks of all of them."""
    known = {OrderKey(*key) for key in _known_keys([one.key.external_id for one in found])}
    return [one for one in found if one.key not in known]


@asked_often
def _known_keys(external_ids: list[str]) -> QuerySet[Any]:
    return Order.objects.filter(any_of("external_id", external_ids)).values_list("platform", "external_id")


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
    return {friend_id for (friend_id,) in _friends_among(customer_ids)}


@asked_often
def _friends_among(customer_ids: list[UUID]) -> QuerySet[Any]:
    claims, referrals = (model.objects.filter(any_of("friend", customer_ids)) for model in (Claim, Referral))
    return claims.values_list("friend_id").union(referrals.values_list("friend_id"))


def _order(one: _Plain, buyers: dict[str, Customer], now: datetime) -> Order:
    """A stranger's as ``take_in`` leaves its row, judged on no evidence at all; that of somebody sent, still open."""
    buyer = buyers[one.buyer.email_key] if one.buyer else None
    order = Order(platform=one.key.platform, external_id=one.key.external_id, received_at=now, customer=buyer)
    if one.view.tokens:
        return order
    decision = attribute(placed_at=one.view.placed_at, buyer=_NOBODY, touches=(), zone="UTC")
    order.outcome = Order.Outcome(decision.verdict)
    order.decision = decision.to_json()
    order.evidence_key = evidence_key(one.view, order.customer_id)
    note_order(order, one.view, Terms(currency=one.view.currency), now)
    return order


def _note_payments(strangers: list[_Plain], orders: dict[OrderKey, Order]) -> None:
    for one in strangers:
        customer, view = orders[one.key].customer, one.view
        if customer and view.paid_at and not view.is_test:
            note_paid_order(customer=customer, paid_at=view.paid_at)


def _follow_purchases(found: list[_Plain], orders: dict[OrderKey, Order], *, now: datetime, by: str) -> None:
    """Asked once for all of them whether anything follows from a purchase here."""
    bought = [orders[one.key] for one in found if one.view.is_paid and is_purchase(orders[one.key])]
    if bought and (programs_that_enrol() or asks_by_mail()):
        for order in bought:
            follow_purchase(order=order, now=now, by=by)
