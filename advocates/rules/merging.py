"""What somebody is in a program who was two people there. Pure: the stricter word counts, the earlier day, the higher
level."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

#: The strictest first. Whoever has joined by either address has joined.
STRICTEST = ("BANNED", "PAUSED", "ACTIVE", "INVITED")


@dataclass(frozen=True, slots=True)
class Standing:
    """``trust``: what a clean history has earned; it is earned anew by the history of both."""

    state: str
    joined_at: datetime
    tier: int
    tier_moved_at: datetime | None
    trust: int


def standing_of_both(stays: Standing, goes: Standing) -> Standing:
    joined = [one for one in (stays, goes) if one.state != "INVITED"] or [stays, goes]
    higher = max(stays, goes, key=lambda one: one.tier)
    return Standing(
        state=min(stays.state, goes.state, key=STRICTEST.index),
        joined_at=min(one.joined_at for one in joined),
        tier=higher.tier,
        tier_moved_at=higher.tier_moved_at,
        trust=min(stays.trust, goes.trust),
    )


def earlier(moments: Iterable[datetime | None]) -> datetime | None:
    """Of those that are known."""
    return min((moment for moment in moments if moment), default=None)
