"""Orders told by people: a sale recorded or cancelled by hand, a delivery marked or taken back.

Each becomes a fact like any other and goes through ``take_in``; undoing is a newer fact, nothing is removed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from kit.tenancy import transaction_required
from rewards.actions.settle import Settled, take_in
from tracking.actions.facts import facts_of, lock_order
from tracking.facts import OrderKey, PersonIn
from tracking.models import Order
from tracking.rules import DisputeStatus, Fact, FactKind
from tracking.selectors import order_by_key

#: Where such orders were "placed": typed into a form, read from a table, or agreed in talks.
HAND, TABLE, LEAD = "hand", "table", "lead"
BY_PEOPLE = (HAND, TABLE, LEAD)
LINE = "order"


class SaleError(Exception):
    """Nothing changed. ``code``: already_recorded, not_recorded_by_hand, already_cancelled, not_seen_yet, future,
    before_order, not_delivered."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Sale:
    """What a person knows of an order. ``amount_minor``: net of tax and shipping, after discounts.

    ``dispute``: how the dispute about its payment stands; None says nothing about disputes.
    """

    number: str
    person: PersonIn
    amount_minor: int
    currency: str
    placed_at: datetime
    #: Only the day is known: its first instant. Told again, the moment it was first given stays.
    day_from: datetime | None = None
    code: str = ""
    #: Signed clicks by which the buyer came.
    tokens: tuple[str, ...] = ()
    is_paid: bool = True
    #: Where that was later than the order was placed.
    paid_at: datetime | None = None
    is_cancelled: bool = False
    tax_minor: int = 0
    shipping_minor: int = 0
    dispute: DisputeStatus | None = None


@transaction_required
def record_sale(*, sale: Sale, by: str, now: datetime) -> Settled:
    """A sale typed into a form. Refused when an order of this number is known, wherever it came from."""
    key = OrderKey(HAND, sale.number)
    lock_order(key)
    if is_known(sale.number):
        raise SaleError("already_recorded")
    return tell_sale(key=key, sale=sale, by=by, now=now)


@transaction_required
def tell_sale(*, key: OrderKey, sale: Sale, by: str, now: datetime) -> Settled:
    """Tell this sale's state as a version of its order. The same again is the version it repeats: nothing changes."""
    lock_order(key)
    order = order_by_key(key)
    newest = _newest(order, FactKind.SNAPSHOT)
    facts = [_next(FactKind.SNAPSHOT, sale_data(sale, newest.data if newest else {}, now), newest, now)]
    if sale.dispute:
        facts.append(_next(FactKind.DISPUTE, dispute_data(sale.dispute), _newest(order, FactKind.DISPUTE), now))
    return take_in(
        key=key,
        facts=facts,
        person=sale.person,
        now=now,
        by=by,
    )


@transaction_required
def cancel_sale(*, order: Order, by: str, now: datetime) -> Settled:
    """Only what people recorded: the others are cancelled where they were placed."""
    if order.platform not in BY_PEOPLE:
        raise SaleError("not_recorded_by_hand")
    key = OrderKey(order.platform, order.external_id)
    lock_order(key)
    newest = _newest(order, FactKind.SNAPSHOT)
    if newest is None:
        raise SaleError("not_seen_yet")
    if newest.data.get("cancelled_at"):
        raise SaleError("already_cancelled")
    data = {**newest.data, "cancelled_at": now.isoformat()}
    return take_in(key=key, facts=[_next(FactKind.SNAPSHOT, data, newest, now)], person=None, now=now, by=by)


@transaction_required
def mark_delivered(*, order: Order, delivered_at: datetime, by: str, now: datetime) -> Settled:
    """The hold counts from here. Again with another moment corrects it."""
    if order.placed_at is None:
        raise SaleError("not_seen_yet")
    if delivered_at > now:
        raise SaleError("future")
    if delivered_at < order.placed_at:
        raise SaleError("before_order")
    return _tell_delivery(order, delivered_at, by, now)


@transaction_required
def take_back_delivery(*, order: Order, by: str, now: datetime) -> Settled:
    """As if it had not been marked: what the shop told about parcels counts again, if anything."""
    if not is_marked_delivered(order):
        raise SaleError("not_delivered")
    return _tell_delivery(order, None, by, now)


def is_marked_delivered(order: Order) -> bool:
    """Whether somebody told the delivery of the whole order; parcels arrive by what the shop says of each."""
    return says_delivered(facts_of(order))


def says_delivered(facts: Sequence[Fact]) -> bool:
    """The same of facts that were read already."""
    told = _last(facts, FactKind.DELIVERY)
    return told is not None and told.data.get("delivered_at") is not None


def is_known(number: str) -> bool:
    """Whether any order has this number, as its shop writes it or with the usual sign before it."""
    plain = number.removeprefix("#")
    written = [plain, f"#{plain}"]
    return bool(Order.objects.filter(Q(external_id__in=written) | Q(number__in=written)).exists())


def sale_data(sale: Sale, told: dict[str, Any], now: datetime) -> dict[str, Any]:
    """A snapshot's data. The moment of cancelling is kept from when it was first told."""
    placed = _placed(sale, told)
    cancelled = told.get("cancelled_at") or now.isoformat()
    return {
        "number": sale.number,
        "currency": sale.currency,
        "placed_at": placed,
        "paid_at": _paid(sale, placed) if sale.is_paid else (told.get("paid_at") if sale.is_cancelled else None),
        "cancelled_at": cancelled if sale.is_cancelled else None,
        "test": False,
        "country": sale.person.country or told.get("country", ""),
        "lines": [
            {"id": LINE, "product_id": "", "quantity": 1, "net_minor": sale.amount_minor, "tax_minor": sale.tax_minor}
        ],
        "stated_net_minor": None,
        "shipping_minor": sale.shipping_minor,
        "shipping_tax_minor": 0,
        "codes": [{"code": sale.code, "discount_minor": 0}] if sale.code else [],
        "tokens": list(sale.tokens),
        "shipped_all": False,
        "reports_shipping": False,
    }


def dispute_data(status: DisputeStatus) -> dict[str, Any]:
    """People tell of the whole order."""
    return {"status": status.value, "amount_minor": None, "opened_at": None}


def _placed(sale: Sale, told: dict[str, Any]) -> str:
    """Two tellings of the same day mean the same moment."""
    before = datetime.fromisoformat(told["placed_at"]) if told.get("placed_at") else None
    is_same_day = before and sale.day_from and sale.day_from <= before < sale.day_from + timedelta(hours=26)
    return before.isoformat() if before and is_same_day else sale.placed_at.isoformat()


def _paid(sale: Sale, placed: str) -> str:
    return sale.paid_at.isoformat() if sale.paid_at else placed


def _tell_delivery(order: Order, delivered_at: datetime | None, by: str, now: datetime) -> Settled:
    key = OrderKey(order.platform, order.external_id)
    lock_order(key)
    data = {"delivered_at": delivered_at.isoformat() if delivered_at else None}
    fact = _next(FactKind.DELIVERY, data, _newest(order, FactKind.DELIVERY), now)
    return take_in(key=key, facts=[fact], person=None, now=now, by=by)


def _newest(order: Order | None, kind: FactKind) -> Fact | None:
    return _last(facts_of(order), kind) if order else None


def _last(facts: Sequence[Fact], kind: FactKind) -> Fact | None:
    return next((fact for fact in reversed(facts) if fact.kind == kind), None)


def _next(kind: FactKind, data: dict[str, Any], newest: Fact | None, now: datetime) -> Fact:
    """A repetition is the version it repeats; news is newer than all before it."""
    if newest is None:
        return Fact(kind, "order", now, data)
    as_of = newest.as_of if newest.data == data else max(now, newest.as_of + timedelta(microseconds=1))
    return Fact(kind, "order", as_of, data)
