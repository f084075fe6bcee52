"""Has a link got out? Judged by where, how fast and by whom it is used, against its own history. Pure.

A link is shared among friends, so its spread is small, slow and comes from mail, messengers and the friends' own pages.
Nothing here punishes anybody: what is found waits for a person, who sees the numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from tracking.rules.known import is_coupon_site

#: What is judged: the last day; and what it is compared with: four weeks before.
RECENT = timedelta(days=1)
HISTORY_DAYS = 28
#: Visits from coupon sites that are no accident, by the networks they came from. Which site led here is what a browser
#: says, so that one person can claim it as often as they like: where nobody bought, far more of them are needed.
COUPON_NETWORKS = 3
COUPON_NETWORKS_UNSOLD = 12
#: Among so many sites one coupon site is enough, where somebody bought.
MANY_SITES = 6
#: Different networks within an hour, and how often that must exceed an ordinary day of the link.
NETWORKS_IN_AN_HOUR = 40
NETWORKS_OVER_USUAL = 10
#: Visits of a day, against the average and the busiest day of its past.
VISITS_A_DAY = 60
VISITS_OVER_USUAL = 20
VISITS_OVER_BUSIEST = 5
#: A younger link has no history to be out of proportion to.
SETTLED_AFTER = timedelta(days=7)
#: Strangers who typed the code within a day, and how often that must exceed its ordinary day.
STRANGERS_A_DAY = 6
STRANGERS_OVER_USUAL = 5
#: Who speaks to crowds (influencers, partners, printed codes) may have so many times more.
CROWD = 5
SITES_KEPT = 5


class Kind(StrEnum):
    """By what it shows, the strongest first."""

    COUPON_SITE = "COUPON_SITE"
    TYPED = "TYPED"
    NETWORKS = "NETWORKS"
    VELOCITY = "VELOCITY"


@dataclass(frozen=True, slots=True)
class Visit:
    """A click. ``network`` is a keyed hash, "" where it is not known; ``referrer`` a host or ""."""

    at: datetime
    network: str = ""
    referrer: str = ""


@dataclass(frozen=True, slots=True)
class Typed:
    """An order with the code typed at the till. A stranger: no click, no claim, nothing else ties them."""

    at: datetime
    is_stranger: bool


@dataclass(frozen=True, slots=True)
class Spread:
    """What is known of one link at ``now``. ``visits``: the newest of the last day, a sample where there are many."""

    now: datetime
    made_at: datetime
    visits: Sequence[Visit] = ()
    #: Visits of today, which the sample may not hold in full.
    visits_today: int = 0
    #: Visits of each earlier day on which there were any.
    days_before: Sequence[int] = ()
    typed: Sequence[Typed] = ()
    #: Orders of the last day whose friend had come from a coupon site.
    sold_from_sites: int = 0
    speaks_to_crowds: bool = False
    #: What somebody looked at not long ago and left as it is.
    quiet: frozenset[Kind] = frozenset()
    quiet_sites: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that speaks for a leak, since when, with its numbers. Counts and hosts only, never a person."""

    kind: Kind
    since: datetime
    numbers: dict[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "since": self.since.isoformat(), **self.numbers}


@dataclass(frozen=True, slots=True)
class Found:
    signs: tuple[Sign, ...]

    @property
    def kind(self) -> Kind:
        return self.signs[0].kind

    @property
    def since(self) -> datetime:
        return min(sign.since for sign in self.signs)

    def to_json(self) -> dict[str, Any]:
        return {"signs": [sign.to_json() for sign in self.signs]}


def judge(spread: Spread) -> Found | None:
    """Every sign there is, the strongest first; None where the link's use is like that of any link."""
    signs = tuple(sign for sign in _signs(spread) if sign.kind not in spread.quiet)
    return Found(signs) if signs else None


def _signs(spread: Spread) -> Iterator[Sign]:
    for look in (_on_coupon_sites, _typed_by_strangers, _in_many_networks, _too_fast):
        if sign := look(spread):
            yield sign


def _allowed(spread: Spread, least: int) -> int:
    return least * CROWD if spread.speaks_to_crowds else least


# --- the signs --------------------------------------------------------------------------------------------------------


def _on_coupon_sites(spread: Spread) -> Sign | None:
    """Visits that came from where codes are collected for everybody. Crowds make no difference here."""
    hosts = Counter(visit.referrer for visit in spread.visits if visit.referrer)
    known = {host for host in hosts if host not in spread.quiet_sites and is_coupon_site(host)}
    coming = sum(hosts[host] for host in known)
    networks = {visit.network for visit in spread.visits if visit.referrer in known}
    if not known or len(networks) < _networks_needed(spread, len(hosts)):
        return None
    arrivals = sorted((visit.at, visit.referrer) for visit in spread.visits if visit.referrer in known)
    first_at, first_site = arrivals[0]
    numbers = {
        "site": first_site,
        "sites": sorted(known, key=lambda host: (-hosts[host], host))[:SITES_KEPT],
        "visits": coming,
        "hosts": len(hosts),
    }
    return Sign(Kind.COUPON_SITE, first_at, numbers)


def _networks_needed(spread: Spread, hosts: int) -> int:
    """Fewer where it is more than visits that anybody could make: an order from there, or by a stranger who read it."""
    read_there = any(typed.is_stranger and typed.at > spread.now - RECENT for typed in spread.typed)
    if not (spread.sold_from_sites or read_there):
        return COUPON_NETWORKS_UNSOLD
    return 1 if hosts >= MANY_SITES else COUPON_NETWORKS


def _typed_by_strangers(spread: Spread) -> Sign | None:
    """Codes are said aloud, so some strangers always type them; a wave of them read the code somewhere."""
    strangers = [typed.at for typed in spread.typed if typed.is_stranger]
    lately = sorted(at for at in strangers if at > spread.now - RECENT)
    usual = (len(strangers) - len(lately)) / HISTORY_DAYS
    if len(lately) < max(_allowed(spread, STRANGERS_A_DAY), STRANGERS_OVER_USUAL * usual):
        return None
    return Sign(Kind.TYPED, lately[0], {"orders": len(lately), "usual": round(usual, 1)})


def _in_many_networks(spread: Spread) -> Sign | None:
    """The most networks within any hour, against the link's ordinary day."""
    count, since = _busiest_hour(spread.visits)
    usual = _usual(spread)
    if since is None or count < max(_allowed(spread, NETWORKS_IN_AN_HOUR), NETWORKS_OVER_USUAL * usual):
        return None
    return Sign(Kind.NETWORKS, since, {"networks": count, "usual": round(usual, 1)})


def _busiest_hour(visits: Sequence[Visit]) -> tuple[int, datetime | None]:
    """How many networks there were at most within one hour, and when that hour began."""
    ordered = sorted((visit.at, visit.network) for visit in visits if visit.network)
    inside: Counter[str] = Counter()
    most, since, first = 0, None, 0
    for at, network in ordered:
        inside[network] += 1
        while ordered[first][0] <= at - timedelta(hours=1):
            _take_out(inside, ordered[first][1])
            first += 1
        if len(inside) > most:
            most, since = len(inside), ordered[first][0]
    return most, since


def _take_out(inside: Counter[str], network: str) -> None:
    inside[network] -= 1
    if not inside[network]:
        del inside[network]


def _too_fast(spread: Spread) -> Sign | None:
    """Out of proportion to the link's own history; one without a history is not judged by it."""
    recent = max(spread.visits_today, len(spread.visits))
    if not spread.days_before or spread.now - spread.made_at < SETTLED_AFTER or not spread.visits:
        return None
    usual, busiest = _usual(spread), max(spread.days_before)
    if recent < max(_allowed(spread, VISITS_A_DAY), VISITS_OVER_USUAL * usual, VISITS_OVER_BUSIEST * busiest):
        return None
    first_at = min(visit.at for visit in spread.visits)
    return Sign(Kind.VELOCITY, first_at, {"visits": recent, "usual": round(usual, 1), "busiest": busiest})


def _usual(spread: Spread) -> float:
    """Visits of an ordinary day: the average over the days it existed, four weeks at most."""
    existed = min(HISTORY_DAYS, max(1, (spread.now - spread.made_at).days))
    return sum(spread.days_before) / existed
