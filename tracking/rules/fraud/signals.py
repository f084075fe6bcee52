"""The signals: what each needs to know, and whether it sees something. Each a small function on the evidence.

A signal answers with ``Seen`` (how strongly, in percent of its points, and the values that showed it) or None. It is
never asked where something it needs was not told. What it raises means that a person must look.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from tracking.rules.fraud.evidence import Evidence, Place
from tracking.rules.fraud.likeness import email_likeness, name_likeness
from tracking.rules.known import is_coupon_site, is_disposable, is_relay

HOUR = timedelta(hours=1)
#: With this many other orders of the advocate's friends within one hour it is too many: the sixth is looked at.
MOST_OTHERS_IN_HOUR = 5
#: From one place with one browser within this time: hardly two people.
HASTE = timedelta(minutes=10)
#: From opening a link to an order that is placed: nobody fills in an address in less.
FASTEST = timedelta(seconds=30)
#: Clicks of one link from one address in one minute that no person makes.
RUSH = 30


class Signal(StrEnum):
    """What may speak against a referral. Words for the team: tracking.fraud_wording."""

    SIMILAR_EMAIL = "SIMILAR_EMAIL"
    SIMILAR_NAME = "SIMILAR_NAME"
    SAME_BROWSER = "SAME_BROWSER"
    SAME_ADDRESS = "SAME_ADDRESS"
    ADDRESS_AND_HASTE = "ADDRESS_AND_HASTE"
    DISPOSABLE_MAIL = "DISPOSABLE_MAIL"
    RELAY_MAIL = "RELAY_MAIL"
    VELOCITY = "VELOCITY"
    RING = "RING"
    COUPON_SITE = "COUPON_SITE"
    TOO_FAST = "TOO_FAST"
    LEAKED_CODE = "LEAKED_CODE"
    HAMMERED_LINK = "HAMMERED_LINK"
    LISTED = "LISTED"
    BREAKER = "BREAKER"
    EVALUATION_FAILED = "EVALUATION_FAILED"


#: Points of each signal at its strongest, against 40 for "look at it" and 80 for "decide first". The reasons stand in
#: docs/decisions. None can reach 80 alone, and what happens in honest lives (a dorm, an office, a relay) stays below 40
#: even together.
WEIGHTS: dict[str, int] = {
    Signal.SIMILAR_EMAIL: 50,
    Signal.SIMILAR_NAME: 30,
    Signal.SAME_BROWSER: 5,
    Signal.SAME_ADDRESS: 15,
    Signal.ADDRESS_AND_HASTE: 40,
    Signal.DISPOSABLE_MAIL: 45,
    Signal.RELAY_MAIL: 5,
    Signal.VELOCITY: 45,
    Signal.RING: 50,
    Signal.COUPON_SITE: 45,
    Signal.TOO_FAST: 10,
    Signal.LEAKED_CODE: 45,
    Signal.HAMMERED_LINK: 40,
}
LARGEST_WEIGHT = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """``share``: percent of the signal's points. ``values``: numbers and ids, never a person's data."""

    share: int = 100
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rule:
    signal: Signal
    #: Names of fields of Evidence without which nothing can be said.
    needs: tuple[str, ...]
    look: Callable[[Evidence], Seen | None]

    def can_see(self, evidence: Evidence) -> bool:
        return all(getattr(evidence, name) is not None for name in self.needs)


def similar_email(evidence: Evidence) -> Seen | None:
    likeness = email_likeness(evidence.advocate_email or "", evidence.friend_email or "")
    return Seen(likeness, {"how": likeness.name.lower()}) if likeness else None


def similar_name(evidence: Evidence) -> Seen | None:
    likeness = name_likeness(evidence.advocate_name or "", evidence.friend_name or "")
    return Seen(likeness, {"how": likeness.name.lower()}) if likeness else None


def same_address(evidence: Evidence) -> Seen | None:
    """Weak by intent: whole dormitories and offices share one address. The neighbourhood alone is weaker still."""
    order, places = _places(evidence)
    if any(order.shares_address(place) for place in places):
        return Seen(100, {"what": "address"})
    return Seen(34, {"what": "network"}) if any(order.shares_network(place) for place in places) else None


def same_browser(evidence: Evidence) -> Seen | None:
    """Half of mankind uses the same browser; only together with the same network it says a little."""
    order, places = _places(evidence)
    nearby = [place for place in places if order.shares_address(place) or order.shares_network(place)]
    return Seen() if any(order.shares_agent(place) for place in nearby) else None


def address_and_haste(evidence: Evidence) -> Seen | None:
    """The advocate's own address and browser, and minutes between link and order, or between the two people."""
    order, places = _places(evidence)
    alike = [place for place in places if order.shares_address(place) and order.shares_agent(place)]
    gaps = [abs(evidence.ordered_at - place.at) for place in alike]
    if alike and evidence.clicked_at:
        gaps.append(abs(evidence.ordered_at - evidence.clicked_at))
    quickest = min(gaps, default=HASTE)
    return Seen(100, {"minutes": int(quickest.total_seconds() // 60)}) if quickest < HASTE else None


def _places(evidence: Evidence) -> tuple[Place, Sequence[Place]]:
    assert evidence.order_place is not None, "asked only where the order's place was told"
    return evidence.order_place, evidence.advocate_places


def disposable_mail(evidence: Evidence) -> Seen | None:
    return Seen() if is_disposable(_domain(evidence.friend_email)) else None


def relay_mail(evidence: Evidence) -> Seen | None:
    return Seen() if is_relay(_domain(evidence.friend_email)) else None


def _domain(email: str | None) -> str:
    return (email or "").rpartition("@")[2]


def velocity(evidence: Evidence) -> Seen | None:
    others = busiest_hour(evidence.other_orders_at, evidence.ordered_at)
    return Seen(100, {"orders": others + 1}) if others >= MOST_OTHERS_IN_HOUR else None


def busiest_hour(others: Sequence[datetime], at: datetime) -> int:
    """Most of the others that lie within one hour together with ``at``, whichever way orders came in."""
    near = sorted(other for other in others if abs(other - at) < HOUR)
    starts = [start for start in [*near, at] if start <= at]
    return max((sum(start <= other < start + HOUR for other in near) for start in starts), default=0)


def ring(evidence: Evidence) -> Seen | None:
    """A brought B, B brought C, and C brings A: nobody of them is new to the others."""
    return Seen(100, {"people": evidence.ring}) if evidence.ring else None


def coupon_site(evidence: Evidence) -> Seen | None:
    sites = [host for host in evidence.referrers or () if is_coupon_site(host)]
    return Seen(100, {"site": sites[0]}) if sites else None


def too_fast(evidence: Evidence) -> Seen | None:
    assert evidence.clicked_at is not None, "asked only where the click is known"
    gap = evidence.ordered_at - evidence.clicked_at
    return Seen(100, {"seconds": int(gap.total_seconds())}) if timedelta(0) <= gap < FASTEST else None


def leaked_code(evidence: Evidence) -> Seen | None:
    return Seen() if evidence.leaked else None


def hammered_link(evidence: Evidence) -> Seen | None:
    clicks = evidence.clicks_in_minute or 0
    return Seen(100, {"clicks": clicks}) if clicks >= RUSH else None


RULES: tuple[Rule, ...] = (
    Rule(Signal.SIMILAR_EMAIL, ("advocate_email", "friend_email"), similar_email),
    Rule(Signal.SIMILAR_NAME, ("advocate_name", "friend_name"), similar_name),
    Rule(Signal.SAME_ADDRESS, ("order_place",), same_address),
    Rule(Signal.SAME_BROWSER, ("order_place",), same_browser),
    Rule(Signal.ADDRESS_AND_HASTE, ("order_place",), address_and_haste),
    Rule(Signal.DISPOSABLE_MAIL, ("friend_email",), disposable_mail),
    Rule(Signal.RELAY_MAIL, ("friend_email",), relay_mail),
    Rule(Signal.VELOCITY, (), velocity),
    Rule(Signal.RING, (), ring),
    Rule(Signal.COUPON_SITE, ("referrers",), coupon_site),
    Rule(Signal.TOO_FAST, ("clicked_at",), too_fast),
    Rule(Signal.LEAKED_CODE, ("leaked",), leaked_code),
    Rule(Signal.HAMMERED_LINK, ("clicks_in_minute",), hammered_link),
)
