"""Where a shop tells its customers of the program, which of these places are live, and which to make live next.

A place is live by evidence alone: the snippet ran beside it, or somebody came by its address, within ``LIVE_DAYS``.
Only a place where neither can be seen counts by the merchant's word.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

#: How long a sign of life holds.
LIVE_DAYS = 30
#: How long the merchant's word holds; then we ask again, for notices outlive what they told of.
WORD_DAYS = 180


class Place(StrEnum):
    """By effect, the best first: where somebody is who has just bought, then where every customer passes, then where
    they must be looking for something (docs/decisions/0025)."""

    POST_PURCHASE = "post-purchase"
    ACCOUNT = "account"
    NEWSLETTER = "newsletter"
    HOMEPAGE = "homepage"
    STAFF = "staff"
    POSTER = "poster"
    APP_MENU = "app-menu"
    CHAT = "chat"
    SOCIAL = "social"
    BLOG = "blog"
    PHONE = "phone"


#: Told by voice: who heard it types the shop's own address, so nothing of it may ever be seen.
BY_WORD = frozenset({Place.PHONE})
#: On pages of the shop, where the snippet reports the block.
ON_PAGES = frozenset({Place.POST_PURCHASE, Place.ACCOUNT, Place.HOMEPAGE, Place.BLOG})


class How(StrEnum):
    """What shows that a place is live; of the same day, the strongest says it."""

    JOINED = "joined"
    OPENED = "opened"
    SNIPPET = "snippet"
    WORD = "word"


class State(StrEnum):
    LIVE = "live"
    #: There was a sign of life, but long ago.
    QUIET = "quiet"
    NEVER = "never"
    #: The merchant has no such place.
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of life, on a day of the merchant's zone."""

    place: Place
    how: How
    day: date


@dataclass(frozen=True, slots=True)
class Line:
    place: Place
    state: State
    #: The latest sign of life; of a place that was never live there is none.
    last: Sign | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Every place once, by effect."""

    lines: tuple[Line, ...]

    @property
    def live(self) -> int:
        return sum(line.state == State.LIVE for line in self.lines)

    @property
    def of(self) -> int:
        """The places this shop has."""
        return sum(line.state != State.NOT_OURS for line in self.lines)

    @property
    def to_do(self) -> tuple[Line, ...]:
        """What is not live, the best effect first."""
        return tuple(line for line in self.lines if line.state in (State.QUIET, State.NEVER))

    def line(self, place: Place) -> Line:
        return next(line for line in self.lines if line.place == place)


def coverage(signs: Iterable[Sign], *, today: date, not_ours: Collection[Place] = ()) -> Coverage:
    latest: dict[Place, Sign] = {}
    for sign in signs:
        if _counts(sign) and (sign.place not in latest or _rank(sign) > _rank(latest[sign.place])):
            latest[sign.place] = sign
    return Coverage(tuple(_line(place, latest.get(place), today, not_ours) for place in Place))


def _counts(sign: Sign) -> bool:
    return sign.how != How.WORD or sign.place in BY_WORD


def _rank(sign: Sign) -> tuple[date, int]:
    return sign.day, -list(How).index(sign.how)


def _line(place: Place, last: Sign | None, today: date, not_ours: Collection[Place]) -> Line:
    """What is seen is believed before what was said: a place the shop "does not have" and that lives, is live."""
    if last and _lives(last, today):
        return Line(place, State.LIVE, last)
    if place in not_ours:
        return Line(place, State.NOT_OURS, last)
    return Line(place, State.QUIET if last else State.NEVER, last)


def _lives(sign: Sign, today: date) -> bool:
    return today - sign.day <= timedelta(days=WORD_DAYS if sign.how == How.WORD else LIVE_DAYS)
