"""What each link brought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet, Sum, Value

from advocates.models import Channel, Link, Share
from kit.asked import asked_often
from kit.many import any_of
from tracking.models import Claim, LinkDay


@dataclass(frozen=True, slots=True)
class Brought:
    """A link with what came by it."""

    link: Link
    shares: int = 0
    clicks: int = 0
    claims: int = 0


def brought_by(links: Iterable[Link]) -> list[Brought]:
    """One statement, however many links. Clicks cost days, not clicks."""
    rows = list(links)
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    for key, what, number in _brought([link.pk for link in rows]) if rows else ():
        found[key][what] = number
    return [Brought(link, **found[link.pk]) for link in rows]


@asked_often
def _brought(link_ids: list[UUID]) -> QuerySet[Any]:
    by_these = any_of("link", link_ids)
    shares = _told(Share.objects.filter(by_these), "shares", Count("pk"))
    claims = _told(Claim.objects.filter(by_these), "claims", Count("pk"))
    clicks = _told(LinkDay.objects.filter(by_these), "clicks", Sum("clicks"))
    return shares.union(claims, clicks, all=True)


def as_shown(lines: Iterable[Brought]) -> list[Brought]:
    """The main one, places of one's own, the portal's channels; then earlier codes and those out of use."""
    return sorted(lines, key=lambda line: (not is_shown(line.link), not is_main(line.link), not line.link.placement))


def is_main(link: Link) -> bool:
    """The one whose code is said aloud."""
    return is_shown(link) and link.channel == Channel.LINK and not link.placement


def is_shown(link: Link) -> bool:
    """In use, and under its newest code."""
    return link.replaced_by_id is None and link.retired_at is None


def _told(rows: QuerySet[Any], what: str, number: Any) -> QuerySet[Any]:
    """(link, what, how many)."""
    grouped = rows.order_by().values("link_id").annotate(what=Value(what), n=number)
    return grouped.values_list("link_id", "what", "n")
