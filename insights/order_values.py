"""What the shop's own orders say about their size and about returns. One statement, whatever their number."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Avg, Count, F, Q, StdDev

from kit.money import BASIS_POINTS
from tracking.models import Order

#: Older orders say little about the next ones.
LOOKS_BACK = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class OrderValues:
    """Paid orders of a year in one currency. ``average_minor``: after discounts, without tax and shipping, before
    refunds. ``return_bp``: those of which nothing is left. ``spread_bp``: standard deviation by mean."""

    orders: int = 0
    average_minor: int | None = None
    return_bp: int | None = None
    spread_bp: int | None = None


def order_values(currency: str, *, now: datetime) -> OrderValues:
    """Test orders are left out, and so is what was never paid."""
    paid = Order.objects.filter(
        currency=currency, placed_at__gte=now - LOOKS_BACK, paid_at__isnull=False, is_test=False, base_minor__gt=0
    )
    gone = Q(net_base_minor__lte=0) | Q(cancelled_at__isnull=False)
    found = paid.aggregate(
        orders=Count("id"), gone=Count("id", filter=gone), mean=Avg(F("base_minor")), spread=StdDev(F("base_minor"))
    )
    if not found["orders"]:
        return OrderValues()
    return OrderValues(
        found["orders"],
        average_minor=round(found["mean"]),
        return_bp=round(found["gone"] * BASIS_POINTS / found["orders"]),
        spread_bp=round(found["spread"] / found["mean"] * BASIS_POINTS),
    )
