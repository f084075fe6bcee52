"""How many clicks: asked of the daily figures, so that the answer costs days and links, never clicks."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Sum

from advocates.models import Advocate
from tracking.models import DayStat, LinkDay


def clicks_between(first: date, last: date) -> int:
    """Of both days and those between them, as the merchant's calendar has them."""
    return int(DayStat.objects.filter(day__gte=first, day__lte=last).aggregate(n=Sum("clicks", default=0))["n"])


def clicks_per_link(advocate: Advocate) -> dict[UUID, int]:
    """Since there are links; a link that nobody opened is not named."""
    rows = LinkDay.objects.filter(link__advocate=advocate).values("link_id").annotate(n=Sum("clicks")).order_by()
    return {row["link_id"]: row["n"] for row in rows}


def clicks_of(advocate: Advocate) -> int:
    return sum(clicks_per_link(advocate).values())
