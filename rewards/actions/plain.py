"""Many orders at once that nothing was known of: new here, and without a code.

Most orders of any shop are such. Nearly all of them are nobody's referral, and there is nothing to judge. Those that
came through a link, and those of buyers who are somebody's friend already, are judged one after the other as ever. What
comes before that is shared, and what is written goes off together (kit.gather). Whatever might be more is left to
``take_in``, which stays the rule: a test holds both against each other.

Locks are taken for the whole batch, of its orders, then of its friends, then of the advocates of those that are judged,
so that two batches wait for each other there but never in a circle. Budgets and breakers are locked as each referral
needs them: two batches over the same two programs may meet there, and the one that Postgres stops begins again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from advocates.actions.after_order import programs_that_enrol
from advocates.actions.customers import BadEmail, know_many, note_paid_order
from advocates.models import Customer
from kit.asked import asked_often
from kit.gather import gathered
from kit.many import any_of, insert_rows
from kit.tenancy import transaction_required
from kit.text import email_key, normalise_email
from merchants.models import Event, Outbox, WakeUp
from programs.rules import Terms
from rewards.actions.settle import Settled, customer_told, follow_purchase, is_purchase, note_order, settle_first
from rewards.models import LedgerEntry, Posting, Reward
from tracking.actions.attribute import advocates_by_token, clicks_by_token, evidence_key
from tracking.actions.facts import digested, lock_orders, write_facts
from tracking.actions.introductions import asks_by_mail
from tracking.actions.ties import NO_TIES, claims_by_click, ties_among
from tracking.actions.traces import Salts, keep_order_trace
from tracking.facts import OrderKey, PersonIn, TraceIn
from tracking.locks import lock_advocates, lock_friends
from tracking.models import Order, OrderFact, OrderTrace, Referral
from tracking.rules import Buyer, Fact, OrderView, attribute, read_order

_NOBODY = Buyer(customer_id=None, paid_before=False)
#: What each of the orders writes rows of.
_GATHERED = (Order, OrderFact, OrderTrace, Referral, Reward, Posting, LedgerEntry, Event, Outbox, WakeUp)


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
    with gathered(*_GATHERED):
        return Taken(_settled(found, now, by), has_locked=True)


def _settled(found: list[_Plain], now: datetime, by: str) -> dict[OrderKey, Settled]:
    lock_orders([one.key for one in found])
    found = _never_seen(found)
    buyers = know_many([one.buyer for one in found if one.buyer])
    known = [buyer.pk for buyer in buyers.values() if not buyer.is_just_made]
    lock_friends(known)
    ties = ties_among(known)
    found = [one for one in found if one.buyer is None or one.buyer.email_key in buyers]
    sent_by = advocates_by_token([token for one in found for token in one.view.tokens])
    lock_advocates(sent_by.union(*(tie.advocates() for tie in ties.values())))
    orders = {one.key: _order(one, buyers, now) for one in found}
    clicks = {one.key: clicks_by_token(one.view.tokens) for one in found}
    claimed = claims_by_click(set[UUID]().union(*clicks.values()))
    nobodys = set()
    for one in found:
        order, clicked = orders[one.key], [claim for click in clicks[one.key] for claim in claimed.get(click, ())]
        tie = ties.get(order.customer_id) if order.customer_id else None
        order.ties = replace(tie or NO_TIES, clicked=clicked)
        if not one.view.tokens and not order.ties.has_any:
            nobodys.add(one.key)
            _note_nobodys(order, one.view, now)
    insert_rows(list(orders.values()))
    write_facts([(orders[one.key], fact) for one in found for fact in one.facts], now)
    salts, follows = Salts(now), bool(programs_that_enrol() or asks_by_mail())
    return {one.key: _settle(one, orders[one.key], one.key in nobodys, salts, follows, now=now, by=by) for one in found}


def _settle(
    one: _Plain, order: Order, is_nobodys: bool, salts: Salts, follows: bool, *, now: datetime, by: str
) -> Settled:
    """``follows``: whether anything here follows from a purchase."""
    kept = keep_order_trace(order=order, trace=one.trace, is_new_order=True, now=now, salts=salts)
    if is_nobodys:
        _note_payment(order, one.view)
        settled = Settled(order)
    else:
        settled = settle_first(order=order, view=one.view, trace=one.trace, kept=kept, now=now, by=by)
    order.ties = None  # whoever comes back to it reads anew
    if follows and one.view.is_paid and is_purchase(order):
        follow_purchase(order=order, now=now, by=by)
    return settled


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


def _order(one: _Plain, buyers: dict[str, Customer], now: datetime) -> Order:
    """Not settled yet."""
    buyer = buyers[one.buyer.email_key] if one.buyer else None
    return Order(platform=one.key.platform, external_id=one.key.external_id, received_at=now, customer=buyer)


def _note_nobodys(order: Order, view: OrderView, now: datetime) -> None:
    """A stranger's as ``take_in`` leaves its row: judged on no evidence at all."""
    decision = attribute(placed_at=view.placed_at, buyer=_NOBODY, touches=(), zone="UTC")
    order.outcome = Order.Outcome(decision.verdict)
    order.decision = decision.to_json()
    order.evidence_key = evidence_key(view, order.customer_id)
    note_order(order, view, Terms(currency=view.currency), now)


def _note_payment(order: Order, view: OrderView) -> None:
    if order.customer and view.paid_at and not view.is_test:
        note_paid_order(customer=order.customer, paid_at=view.paid_at)
