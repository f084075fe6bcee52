"""What each link brought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Sum

from advocates.models import Channel, Link, Share
from tracking.models import Claim, LinkDay


@dataclass(frozen=True, slots=True)
class Brought:
    """A link with what came by it."""

    link: Link
    shares: int = 0
    clicks: int = 0
    claims: int = 0


def brought_by(links: Iterable[Link]) -> list[Brought]:
    """Three statements, however many links. Clicks cost days, not clicks."""
    rows = list(links)
    keys = [link.pk for link in rows]
    shares = _counted(Share.objects.filter(link__in=keys))
    claims = _counted(Claim.objects.filter(link__in=keys))
    days = LinkDay.objects.filter(link__in=keys).values("link_id").annotate(n=Sum("clicks")).order_by()
    clicks = {row["link_id"]: row["n"] for row in days}
    return [Brought(link, shares.get(link.pk, 0), clicks.get(link.pk, 0), claims.get(link.pk, 0)) for link in rows]


def as_shown(lines: Iterable[Brought]) -> list[Brought]:
    """The main one, places of one's own, the portal's channels; then earlier codes and those out of use."""
    return sorted(lines, key=lambda line: (not is_shown(line.link), not is_main(line.link), not line.link.placement))


def is_main(link: Link) -> bool:
    """The one whose code is said aloud."""
    return is_shown(link) and link.channel == Channel.LINK and not link.placement


def is_shown(link: Link) -> bool:
    """In use, and under its newest code."""
    return link.replaced_by_id is None and link.retired_at is None


def _counted(rows: QuerySet[Any]) -> dict[UUID, int]:
    return {row["link_id"]: row["n"] for row in rows.values("link_id").annotate(n=Count("pk")).order_by()}
