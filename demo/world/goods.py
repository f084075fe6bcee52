"""What is sold, and an order's facts as a shop's hooks would tell them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kit.money import divide_half_even
from tracking.rules import DisputeStatus, Fact, FactKind


@dataclass(frozen=True)
class Item:
    """``gross_minor`` with tax; ``tax``: basis points."""

    product_id: str
    gross_minor: int
    tax: int


COFFEE = (Item("710001", 1490, 700), Item("710002", 1390, 700), Item("710003", 1590, 700))
MILL, CUPS = Item("710004", 7900, 1900), Item("710005", 3250, 1900)
KAFFEE = (*COFFEE, MILL, CUPS)
KUMO = (Item("box", 3_300, 1000), Item("box-large", 5_500, 1000), Item("box-year", 33_000, 1000))
HALCYON = (Item("plan-team", 48_000, 0), Item("plan-studio", 120_000, 0))
COMPANY = Item("plan-company", 2_400_000, 0)

Basket = Sequence[tuple[Item, int]]


@dataclass(frozen=True)
class Sold:
    """One order's unchanging side. ``discount``: basis points off every line by ``code``; ``discount_minor``: fixed."""

    external_id: str
    number: str
    currency: str
    basket: Basket
    placed_at: datetime
    country: str = "DE"
    code: str = ""
    token: str = ""
    discount: int = 0
    discount_minor: int = 0

    @property
    def gross_minor(self) -> int:
        return sum(item.gross_minor * quantity for item, quantity in self.basket)

    @property
    def off_minor(self) -> int:
        return self.discount_minor or divide_half_even(self.gross_minor * self.discount, 10_000)

    def lines(self) -> list[dict[str, Any]]:
        return [self._line(index, item, quantity) for index, (item, quantity) in enumerate(self.basket, start=1)]

    def net_of(self, line: int) -> int:
        """Of the line of this number, counted from 1."""
        net: int = self.lines()[line - 1]["net_minor"]
        return net

    def _line(self, index: int, item: Item, quantity: int) -> dict[str, Any]:
        gross = item.gross_minor * quantity
        paid = gross - divide_half_even(self.off_minor * gross, self.gross_minor)
        net = divide_half_even(paid * 10_000, 10_000 + item.tax)
        return {
            "id": str(index), "product_id": item.product_id, "quantity": quantity, "net_minor": net,
            "tax_minor": paid - net, "collection_ids": [], "gift_card": False, "ships": True,
        }  # fmt: skip


def snapshot(sold: Sold, *, as_of: datetime, cancelled_at: datetime | None = None) -> Fact:
    lines = sold.lines()
    data = {
        "number": sold.number,
        "currency": sold.currency,
        "placed_at": sold.placed_at.isoformat(),
        "paid_at": sold.placed_at.isoformat(),
        "cancelled_at": cancelled_at.isoformat() if cancelled_at else None,
        "test": False,
        "country": sold.country,
        "lines": lines,
        "stated_net_minor": sum(line["net_minor"] for line in lines),
        "codes": [{"code": sold.code, "discount_minor": sold.off_minor}] if sold.code else [],
        "tokens": [sold.token] if sold.token else [],
        "shipped_all": False,
        "reports_shipping": True,
    }
    return Fact(FactKind.SNAPSHOT, "order", as_of, data)


def parcel(sold: Sold, shipped_at: datetime, delivered_at: datetime | None = None) -> Fact:
    data = {
        "shipped_at": shipped_at.isoformat(),
        "delivered_at": delivered_at.isoformat() if delivered_at else None,
        "cancelled": False,
        "lines": [{"id": str(index), "quantity": quantity} for index, (_, quantity) in enumerate(sold.basket, start=1)],
    }
    return Fact(FactKind.PARCEL, f"{sold.external_id}-1", delivered_at or shipped_at, data)


def dispute(sold: Sold, at: datetime, status: DisputeStatus) -> Fact:
    """The buyer's bank asks all of it back, or that has ended."""
    data = {"status": status.value, "amount_minor": None, "opened_at": None}
    return Fact(FactKind.DISPUTE, f"{sold.external_id}-d", at, data)


def refund(sold: Sold, at: datetime, lines: Sequence[int]) -> Fact:
    """These lines given back whole, by number from 1."""
    given = [{"id": str(line), "quantity": sold.basket[line - 1][1], "net_minor": sold.net_of(line)} for line in lines]
    key = f"{sold.external_id}-r{'-'.join(map(str, lines))}"
    return Fact(FactKind.REFUND, key, at, {"lines": given, "other_minor": 0})
