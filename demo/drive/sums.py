"""What must come out, reckoned from the shop's own documents and nothing of the product's."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

PERCENT = 10


def minor(text: str) -> int:
    """Cents of an amount in euros."""
    return int(Decimal(text) * 100)


def tenth(base_minor: int) -> int:
    """Ten percent, half to the even cent."""
    return int((Decimal(base_minor) * PERCENT / 100).quantize(Decimal(1), ROUND_HALF_EVEN))


def net_lines(order: dict[str, Any]) -> dict[int, int]:
    """By line id: price times pieces, without its share of the discount and without the tax that prices contain."""
    return {line["id"]: _net(line) for line in order["line_items"]}


def _net(line: dict[str, Any]) -> int:
    gross = minor(line["price"]) * line["quantity"]
    return gross - _sum(line["discount_allocations"], "amount") - _sum(line["tax_lines"], "price")


def _sum(parts: Iterable[dict[str, Any]], name: str) -> int:
    return sum(minor(part[name]) for part in parts)


def net_of(order: dict[str, Any], *, without: Iterable[int] = ()) -> int:
    """The order's base, less the lines given back."""
    gone = set(without)
    return sum(net for line, net in net_lines(order).items() if line not in gone)
