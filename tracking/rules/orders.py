"""What an order's facts say. Pure: frozen dataclasses in, frozen dataclasses out.

The newest row of every natural key counts (``as_of``, then the greater digest), so facts may arrive in any order,
twice or together and still mean the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from kit.days import add_days
from kit.money import divide_half_even
from programs.rules import Terms, line_in_scope

#: Days that stand in for an arrival nobody reports, and for shipping where a shop never reports it.
DAYS_FROM_SHIPPED = 5
DAYS_FROM_PAID = 7


class FactKind(StrEnum):
    SNAPSHOT = "SNAPSHOT"
    REFUND = "REFUND"
    PARCEL = "PARCEL"
    DELIVERY = "DELIVERY"
    DISPUTE = "DISPUTE"


@dataclass(frozen=True, slots=True)
class Fact:
    """One row of OrderFact, or one about to become a row. ``data`` is described at the readers below."""

    kind: FactKind
    key: str
    as_of: datetime
    data: dict[str, Any]
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """An order line. ``net_minor``: its total after all discounts, without tax. ``tax_minor``: the tax on that."""

    id: str
    product_id: str
    quantity: int
    net_minor: int
    tax_minor: int = 0
    collection_ids: tuple[str, ...] = ()
    gift_card: bool = False
    ships: bool = True


@dataclass(frozen=True, slots=True)
class Refund:
    """``lines``: (line id, quantity, net minor). ``other_minor``: given back on goods, no line named, tax included."""

    lines: tuple[tuple[str, int, int], ...]
    other_minor: int


@dataclass(frozen=True, slots=True)
class Parcel:
    shipped_at: datetime
    delivered_at: datetime | None
    quantities: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class OrderView:
    """All facts of one order read together. Money in minor units of ``currency``."""

    number: str
    currency: str
    placed_at: datetime
    paid_at: datetime | None
    is_paid: bool
    cancelled_at: datetime | None
    is_test: bool
    country: str
    lines: tuple[Line, ...]
    stated_net_minor: int | None
    codes: tuple[tuple[str, int], ...]
    tokens: tuple[str, ...]
    refunds: tuple[Refund, ...]
    parcels: tuple[Parcel, ...]
    delivered_at: datetime | None
    all_shipped: bool
    reports_shipping: bool
    #: What this was read from.
    told: tuple[Fact, ...] = field(default=(), repr=False, compare=False)

    @property
    def was_ever_paid(self) -> bool:
        return self.paid_at is not None

    @property
    def arrived_at(self) -> datetime | None:
        """When all of it was there: as told for the whole order, else with the last parcel. None: not known to be."""
        if self.delivered_at or not (self.parcels and self.all_shipped):
            return self.delivered_at
        arrivals = [parcel.delivered_at for parcel in self.parcels if parcel.delivered_at]
        return max(arrivals) if len(arrivals) == len(self.parcels) else None

    @property
    def lines_net_minor(self) -> int:
        return sum(line.net_minor for line in self.lines if not line.gift_card)

    @property
    def contradicts_itself(self) -> bool:
        """The stated subtotal and the lines disagree: the smaller one counts and the order is flagged."""
        return self.stated_net_minor is not None and self.stated_net_minor != self.lines_net_minor


def newest(facts: Iterable[Fact]) -> dict[tuple[FactKind, str], Fact]:
    """The one row of every natural key that counts."""
    best: dict[tuple[FactKind, str], Fact] = {}
    for fact in facts:
        held = best.get((fact.kind, fact.key))
        if held is None or (fact.as_of, fact.digest) > (held.as_of, held.digest):
            best[fact.kind, fact.key] = fact
    return best


def read_order(facts: Sequence[Fact]) -> OrderView | None:
    """Read all facts of an order; None while no snapshot has come (its refunds and parcels wait)."""
    current = newest(facts)
    snapshots = [fact for fact in facts if fact.kind == FactKind.SNAPSHOT]
    if not snapshots:
        return None
    data = max(snapshots, key=lambda fact: (fact.as_of, fact.digest)).data
    refunds = tuple(_refund(fact.data) for fact in _of(current, FactKind.REFUND))
    parcels = tuple(_parcel(fact, facts) for fact in _of(current, FactKind.PARCEL) if not fact.data.get("cancelled"))
    lines = tuple(_line(item) for item in data["lines"])
    return OrderView(
        number=data.get("number", ""),
        currency=data["currency"],
        placed_at=_time(data["placed_at"]),
        paid_at=_first_paid(snapshots),
        is_paid=bool(data.get("paid_at")),
        cancelled_at=_time_or_none(data.get("cancelled_at")),
        is_test=bool(data.get("test")),
        country=data.get("country", ""),
        lines=lines,
        stated_net_minor=data.get("stated_net_minor"),
        codes=tuple((item["code"], item["discount_minor"]) for item in data.get("codes", ())),
        tokens=_all_tokens(snapshots),
        refunds=refunds,
        parcels=parcels,
        delivered_at=_delivered_at(current),
        all_shipped=bool(data.get("shipped_all")) or _all_shipped(lines, refunds, parcels),
        reports_shipping=bool(data.get("reports_shipping", True)),
        told=tuple(facts),
    )


def earlier_versions(view: OrderView) -> Iterator[OrderView]:
    """The order as each earlier snapshot left it, with all that is known otherwise. The order of arrival is nothing."""
    snapshots = sorted(
        (fact for fact in view.told if fact.kind == FactKind.SNAPSHOT), key=lambda fact: (fact.as_of, fact.digest)
    )
    others = [fact for fact in view.told if fact.kind != FactKind.SNAPSHOT]
    for count in range(1, len(snapshots)):
        if version := read_order([*snapshots[:count], *others]):
            yield version


def _of(current: dict[tuple[FactKind, str], Fact], kind: FactKind) -> list[Fact]:
    return [fact for (fact_kind, _), fact in sorted(current.items()) if fact_kind == kind]


def _first_paid(snapshots: Sequence[Fact]) -> datetime | None:
    """The earliest payment any version reports: later versions (voided, refunded) do not unpay the order's past."""
    paid = [_time(fact.data["paid_at"]) for fact in snapshots if fact.data.get("paid_at")]
    return min(paid, default=None)


def _all_tokens(snapshots: Sequence[Fact]) -> tuple[str, ...]:
    """Every referral token any version carried: platforms drop note attributes from some of them."""
    return tuple(sorted({token for fact in snapshots for token in fact.data.get("tokens", ())}))


def _delivered_at(current: dict[tuple[FactKind, str], Fact]) -> datetime | None:
    delivery = current.get((FactKind.DELIVERY, "order"))
    return _time_or_none(delivery.data.get("delivered_at")) if delivery else None


def _all_shipped(lines: Sequence[Line], refunds: Sequence[Refund], parcels: Sequence[Parcel]) -> bool:
    """Every piece that ships and was not given back is in some parcel. A parcel without lines holds the whole order."""
    if not parcels:
        return False
    if any(not parcel.quantities for parcel in parcels):
        return True
    open_pieces: dict[str, int] = {line.id: line.quantity for line in lines if line.ships}
    for pieces in [*(parcel.quantities for parcel in parcels), *(((i, q) for i, q, _ in r.lines) for r in refunds)]:
        for line_id, quantity in pieces:
            open_pieces[line_id] = open_pieces.get(line_id, 0) - quantity
    return all(left <= 0 for left in open_pieces.values())


def _line(item: dict[str, Any]) -> Line:
    return Line(**{**item, "collection_ids": tuple(item.get("collection_ids", ()))})


def _refund(data: dict[str, Any]) -> Refund:
    lines = tuple((item["id"], item["quantity"], item["net_minor"]) for item in data.get("lines", ()))
    return Refund(lines=lines, other_minor=data.get("other_minor", 0))


def _parcel(newest_fact: Fact, facts: Iterable[Fact]) -> Parcel:
    data = newest_fact.data
    return Parcel(
        shipped_at=_time(data["shipped_at"]),
        delivered_at=_first_delivery(newest_fact, facts) if data.get("delivered_at") else None,
        quantities=tuple((item["id"], item["quantity"]) for item in data.get("lines", ())),
    )


def _first_delivery(parcel: Fact, facts: Iterable[Fact]) -> datetime:
    """Platforms stamp every later edit of a parcel as its delivery: the first time it was said to be there counts."""
    told = [fact.data["delivered_at"] for fact in facts if _same(fact, parcel) and fact.data.get("delivered_at")]
    return min(_time(at) for at in told)


def _same(one: Fact, other: Fact) -> bool:
    return (one.kind, one.key) == (other.kind, other.key)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _time_or_none(text: str | None) -> datetime | None:
    return _time(text) if text else None


def base_minor(view: OrderView, terms: Terms) -> int:
    """What percentages and the minimum look at: lines after all discounts, no tax, shipping, tips, gift cards."""
    in_scope = sum(line.net_minor for line in _counting_lines(view, terms))
    if view.stated_net_minor is None:
        return max(in_scope, 0)
    return max(min(in_scope, view.stated_net_minor), 0)


def net_base_minor(view: OrderView, terms: Terms) -> int:
    """The base less everything given back on it; never negative, whatever was refunded."""
    base = base_minor(view, terms)
    return max(base - _line_refunds(view, terms) - _other_refunds(view, terms), 0)


def refunds_exceed_order(view: OrderView, terms: Terms) -> bool:
    return _line_refunds(view, terms, capped=False) + _other_refunds(view, terms) > base_minor(view, terms)


def _counting_lines(view: OrderView, terms: Terms) -> list[Line]:
    return [
        line
        for line in view.lines
        if not line.gift_card and line_in_scope(terms, product_id=line.product_id, collection_ids=line.collection_ids)
    ]


def _line_refunds(view: OrderView, terms: Terms, *, capped: bool = True) -> int:
    """Given back on named lines that count, each line at most once over."""
    limit = {line.id: line.net_minor for line in _counting_lines(view, terms)}
    given: dict[str, int] = defaultdict(int)
    for refund in view.refunds:
        for line_id, _, net in refund.lines:
            given[line_id] += net
    return sum(min(given[line_id], net) if capped else given[line_id] for line_id, net in limit.items())


def _other_refunds(view: OrderView, terms: Terms) -> int:
    """The share of unnamed refunds that falls on the base: without the tax in it, and on lines in scope only."""
    other = sum(refund.other_minor for refund in view.refunds)
    goods = sum(line.net_minor + line.tax_minor for line in view.lines if not line.gift_card)
    if not other or goods <= 0:
        return 0
    counting = sum(line.net_minor for line in _counting_lines(view, terms))
    return divide_half_even(other * counting, goods)


class Basis(StrEnum):
    """What the hold counts from."""

    DELIVERED = "DELIVERED"
    SHIPPED = "SHIPPED"
    PAID = "PAID"
    WAITING_FOR_SHIPMENT = "WAITING_FOR_SHIPMENT"
    WAITING_FOR_PAYMENT = "WAITING_FOR_PAYMENT"


@dataclass(frozen=True, slots=True)
class Anchor:
    at: datetime | None
    basis: Basis


def anchor(view: OrderView, *, zone: str) -> Anchor:
    """The last parcel's delivery; else the last shipping + 5 days; else payment + 7 where no shipping is reported."""
    if view.paid_at is None:
        return Anchor(None, Basis.WAITING_FOR_PAYMENT)
    if view.arrived_at:
        return Anchor(view.arrived_at, Basis.DELIVERED)
    if view.parcels and view.all_shipped:
        arrivals = [
            parcel.delivered_at or add_days(parcel.shipped_at, DAYS_FROM_SHIPPED, zone) for parcel in view.parcels
        ]
        return Anchor(max(arrivals), Basis.SHIPPED)
    if not view.reports_shipping or not any(line.ships for line in view.lines):
        return Anchor(add_days(view.paid_at, DAYS_FROM_PAID, zone), Basis.PAID)
    return Anchor(None, Basis.WAITING_FOR_SHIPMENT)
