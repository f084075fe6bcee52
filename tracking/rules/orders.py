"""What an order's facts say. Pure: frozen dataclasses in, frozen dataclasses out.

The newest row of every natural key counts (``as_of``, then the greater digest), so facts may arrive in any order,
twice or together and still mean the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from kit.days import add_days

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
    """``lines``: (line id, quantity, net minor). ``other_minor``: given back on goods, no line named, tax included.

    ``shipping_minor``: given back on shipping, without tax.
    """

    lines: tuple[tuple[str, int, int], ...]
    other_minor: int
    shipping_minor: int = 0


class DisputeStatus(StrEnum):
    OPENED = "opened"
    WON = "won"  # the shop keeps the money
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Dispute:
    """The buyer had their bank ask the payment back. ``amount_minor`` None: all of it."""

    key: str
    status: DisputeStatus
    amount_minor: int | None
    opened_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.status == DisputeStatus.OPENED

    @property
    def is_lost(self) -> bool:
        return self.status == DisputeStatus.LOST


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
    #: After discounts, without tax.
    shipping_minor: int = 0
    shipping_tax_minor: int = 0
    disputes: tuple[Dispute, ...] = ()
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
    def has_open_dispute(self) -> bool:
        return any(dispute.is_open for dispute in self.disputes)

    @property
    def has_lost_dispute(self) -> bool:
        return any(dispute.is_lost for dispute in self.disputes)

    @property
    def lost_wholly(self) -> bool:
        return any(dispute.is_lost and dispute.amount_minor is None for dispute in self.disputes)

    @property
    def lost_minor(self) -> int:
        """Of disputes about an amount; ``lost_wholly`` says whether one took everything."""
        return sum(dispute.amount_minor or 0 for dispute in self.disputes if dispute.is_lost)

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
    taxed = bool(data.get("shipping_refunds_taxed"))
    refunds = tuple(_refund(fact.data, taxed) for fact in _of(current, FactKind.REFUND))
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
        shipping_minor=data.get("shipping_minor", 0),
        shipping_tax_minor=data.get("shipping_tax_minor", 0),
        disputes=_disputes(facts, data["currency"]),
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


def _refund(data: dict[str, Any], shipping_taxed: bool) -> Refund:
    """Only the order knows whether its refunds tell shipping with the tax in it; the tax they tell is then left out."""
    lines = tuple((item["id"], item["quantity"], item["net_minor"]) for item in data.get("lines", ()))
    tax = data.get("shipping_tax_minor", 0) if shipping_taxed else 0
    return Refund(lines, data.get("other_minor", 0), max(data.get("shipping_minor", 0) - tax, 0))


def _disputes(facts: Iterable[Fact], currency: str) -> tuple[Dispute, ...]:
    by_key: dict[str, list[Fact]] = {}
    for fact in facts:
        if fact.kind == FactKind.DISPUTE:
            by_key.setdefault(fact.key, []).append(fact)
    return tuple(_dispute(key, sorted(by_key[key], key=_dispute_rank), currency) for key in sorted(by_key))


def _dispute_rank(fact: Fact) -> tuple[bool, datetime, bool, str]:
    """An end is an end, whatever is told of the beginning later; of two ends at the same moment the loss counts."""
    status = fact.data["status"]
    return status != DisputeStatus.OPENED, fact.as_of, status == DisputeStatus.LOST, fact.digest


def _dispute(key: str, told: Sequence[Fact], currency: str) -> Dispute:
    """From all that was told of it, the deciding fact last. An amount nobody repeats stays as it was told."""
    amounts = [fact.data for fact in told if fact.data.get("amount_minor") is not None]
    in_this_currency = amounts and amounts[-1].get("currency", currency) == currency
    opened = [_time(fact.data["opened_at"]) for fact in told if fact.data.get("opened_at")]
    return Dispute(
        key,
        DisputeStatus(told[-1].data["status"]),
        amounts[-1]["amount_minor"] if in_this_currency else None,
        min(opened, default=None),
    )


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
