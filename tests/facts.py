"""Facts as a shop would tell them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tracking.rules import Fact, FactKind


def snapshot(
    placed_at: datetime,
    *,
    lines: list[int] | None = None,
    token: str = "",
    codes: list[tuple[str, int]] | None = None,
    paid: bool = True,
    cancelled_at: datetime | None = None,
    as_of: datetime | None = None,
    **more: Any,
) -> Fact:
    """An order of lines worth these minor units each, net."""
    data = {
        "number": "#1001",
        "currency": "EUR",
        "placed_at": placed_at.isoformat(),
        "paid_at": placed_at.isoformat() if paid else None,
        "cancelled_at": cancelled_at.isoformat() if cancelled_at else None,
        "test": False,
        "country": "DE",
        "lines": [
            {"id": str(n), "product_id": f"p{n}", "quantity": 1, "net_minor": net, "tax_minor": 0}
            for n, net in enumerate(lines or [20000], start=1)
        ],
        "stated_net_minor": None,
        "codes": [{"code": code, "discount_minor": discount} for code, discount in codes or []],
        "tokens": [token] if token else [],
        "shipped_all": False,
        "reports_shipping": True,
        **more,
    }
    return Fact(FactKind.SNAPSHOT, "order", as_of or placed_at, data)


def refund(
    at: datetime,
    key: str = "r1",
    *,
    amount: int = 0,
    lines: list[tuple[str, int, int]] | None = None,
    shipping: int = 0,
) -> Fact:
    data = {
        "lines": [{"id": line, "quantity": quantity, "net_minor": net} for line, quantity, net in lines or []],
        "other_minor": amount,
        "shipping_minor": shipping,
    }
    return Fact(FactKind.REFUND, key, at, data)


def parcel(
    shipped_at: datetime, key: str = "f1", *, delivered_at: datetime | None = None, as_of: datetime | None = None
) -> Fact:
    data = {
        "shipped_at": shipped_at.isoformat(),
        "delivered_at": delivered_at.isoformat() if delivered_at else None,
        "cancelled": False,
        "lines": [],
    }
    return Fact(FactKind.PARCEL, key, as_of or delivered_at or shipped_at, data)


def delivery(delivered_at: datetime | None, as_of: datetime | None = None) -> Fact:
    data = {"delivered_at": delivered_at.isoformat() if delivered_at else None}
    at = as_of or delivered_at
    assert at is not None
    return Fact(FactKind.DELIVERY, "order", at, data)


def dispute(at: datetime, status: str = "opened", key: str = "d1", *, amount: int | None = None) -> Fact:
    """Told at ``at``; without an amount the whole order is disputed."""
    return Fact(FactKind.DISPUTE, key, at, {"status": status, "amount_minor": amount, "opened_at": None})


DAY = timedelta(days=1)
NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
