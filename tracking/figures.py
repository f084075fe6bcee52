"""How many clicks: asked of the daily figures, so that the answer costs days and links, never clicks."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Count, Max, Min, Sum

from advocates.models import Advocate
from tracking.models import DayStat, LinkDay, SetAside


def clicks_between(first: date, last: date) -> int:
    """Of both days and those between them, as the merchant's calendar has them."""
    return int(DayStat.objects.filter(day__gte=first, day__lte=last).aggregate(n=Sum("clicks", default=0))["n"])


def clicks_per_link(advocate: Advocate) -> dict[UUID, int]:
    """Since there are links; a link that nobody opened is not named."""
    rows = LinkDay.objects.filter(link__advocate=advocate).values("link_id").annotate(n=Sum("clicks")).order_by()
    return {row["link_id"]: row["n"] for row in rows}


def clicks_of(advocate: Advocate) -> int:
    return sum(clicks_per_link(advocate).values())


def program_days(slug: str) -> tuple[date, date] | None:
    """The first and the last day on which a link of the program was opened."""
    days = DayStat.objects.filter(program__slug=slug).aggregate(first=Min("day"), last=Max("day"))
    return (days["first"], days["last"]) if days["first"] else None


def set_aside_by_reason() -> list[tuple[str, int]]:
    """Clicks that could not be recorded: a code (tracking.wording.aside_text) and how many."""
    rows = SetAside.objects.values("reason").annotate(n=Count("pk")).order_by("reason")
    return [(row["reason"], row["n"]) for row in rows]
