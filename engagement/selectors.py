"""Reads about the places where a shop tells of its program: what shows that they are live, and what came of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from advocates.models import Advocate
from engagement.models import Arrival, PlaceDay, PlaceWord, StaffLink
from engagement.rules.coverage import LIVE_DAYS, How, Place, Sign
from kit.days import local_date
from programs.models import Program

#: An opening from before is as good as none.
LOOKED_BACK_DAYS = 365


@dataclass(frozen=True, slots=True)
class Came:
    """What came by a place or staff link in the last ``LIVE_DAYS`` days. ``joined``: those who take part now."""

    opened: int = 0
    joined: int = 0


@dataclass(frozen=True, slots=True)
class By:
    """The way somebody came to the page to join."""

    place: Place
    staff_link: StaffLink | None = None


def by_mark(program: Program, mark: str) -> By | None:
    """What the last part of an address says; None for what we never wrote there, and for a link taken out of use.

    Small letters or capitals: some of these addresses are typed from a card.
    """
    if mark.lower() in set(Place):
        return By(Place(mark.lower()))
    link: StaffLink | None = StaffLink.objects.filter(program=program, mark=mark.upper(), retired_at=None).first()
    return By(Place.STAFF, link) if link else None


def staff_links(program: Program) -> QuerySet[Any]:
    """Those in use, by name."""
    return StaffLink.objects.filter(program=program, retired_at=None).order_by("name", "pk")


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of all places by their addresses and by the merchant's word."""

    signs: tuple[Sign, ...]
    came: dict[Place, Came]
    words: dict[Place, PlaceWord]

    @property
    def not_ours(self) -> set[Place]:
        return {place for place, word in self.words.items() if word.says == PlaceWord.Says.NOT_OURS}


def seen_at_places(now: datetime, zone: str) -> Seen:
    """Of all programs together, since a place is one place whatever is told there. Three statements."""
    today = local_date(now, zone)
    opened, joined, words = _opened(today), _joined("place", now), _words()
    return Seen(
        signs=(*_signs_of_opening(opened), *_signs_of_joining(joined, zone), *_signs_of_words(words, zone)),
        came={place: Came(_in(opened, place), _in(joined, place)) for place in Place},
        words=words,
    )


def came_by_staff_links(links: list[StaffLink], now: datetime, zone: str) -> dict[Any, Came]:
    """By the link's key, for any number of them in two statements."""
    since = local_date(now, zone) - timedelta(days=LIVE_DAYS)
    keys = [link.pk for link in links]
    days = PlaceDay.objects.filter(staff_link__in=keys, day__gte=since)
    opened = dict(days.values_list("staff_link").annotate(n=Sum("opened")).order_by())
    joined = {key: n for key, (n, _last) in _joined("staff_link_id", now).items()}
    return {key: Came(opened.get(key, 0), joined.get(key, 0)) for key in keys}


# --- parts ------------------------------------------------------------------------------------------------------

_Found = dict[Any, tuple[int, Any]]


def _opened(today: date) -> _Found:
    """Of each place: how often lately, and the last day."""
    lately = Sum("opened", filter=Q(day__gte=today - timedelta(days=LIVE_DAYS)), default=0)
    days = PlaceDay.objects.filter(day__gte=today - timedelta(days=LOOKED_BACK_DAYS))
    rows = days.values("place").annotate(n=lately, last=Max("day")).order_by()
    return {Place(row["place"]): (row["n"], row["last"]) for row in rows}


def _joined(by: str, now: datetime) -> _Found:
    """Who came lately and takes part: how many by each place or staff link, and when the last one came."""
    lately = Arrival.objects.filter(at__gte=now - timedelta(days=LIVE_DAYS))
    rows = lately.exclude(advocate__state=Advocate.State.INVITED).values(by).annotate(n=Count("pk"), last=Max("at"))
    return {row[by]: (row["n"], row["last"]) for row in rows.order_by()}


def _words() -> dict[Place, PlaceWord]:
    return {Place(word.place): word for word in PlaceWord.objects.exclude(says="")}


def _in(found: _Found, place: Place) -> int:
    return found[place][0] if place in found else 0


def _signs_of_opening(opened: _Found) -> Iterator[Sign]:
    for place, (_count, last) in opened.items():
        yield Sign(place, How.OPENED, last)


def _signs_of_joining(joined: _Found, zone: str) -> Iterator[Sign]:
    for place, (_count, last) in joined.items():
        yield Sign(Place(place), How.JOINED, local_date(last, zone))


def _signs_of_words(words: dict[Place, PlaceWord], zone: str) -> Iterator[Sign]:
    for place, word in words.items():
        if word.says == PlaceWord.Says.DONE:
            yield Sign(place, How.WORD, local_date(word.said_at, zone))
