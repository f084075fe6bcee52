"""What other orders, the calendar and the person give a referral when it first qualifies. Pure.

One order's facts say what it is worth; these say how that is raised or limited. They are asked once, in the order of
settlement, written onto the referral and never asked again: what was granted stays granted, and every order of
arrival of one order's own facts ends the same.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from kit.days import local_date, start_of_day
from kit.money import BASIS_POINTS, percent_of
from programs.rules import CapPeriod, RewardRule


@dataclass(frozen=True, slots=True)
class Bonus:
    """A bonus campaign's effect on one side: basis points of the plain amount, and units on top."""

    multiplier_bp: int = BASIS_POINTS
    extra_minor: int = 0

    def on(self, amount: int) -> int:
        """Nothing earned is nothing raised."""
        return percent_of(amount, self.multiplier_bp) + self.extra_minor if amount else 0


_BONUSES = ("advocate_bonus", "friend_bonus")


@dataclass(frozen=True, slots=True)
class Grant:
    """``tier``: the level whose reward counts. ``ordinal``: which of the advocate's referrals it is; ``earns``: False
    where only every N-th does. ``most_minor``: what the advocate's cap by value left. ``trust``: for the hold clock.
    ``chosen``: which of the rule's choices the advocate took (the one thing that may still change)."""

    tier: int = 0
    ordinal: int = 1
    earns: bool = True
    bonus_id: str = ""
    advocate_bonus: Bonus = field(default_factory=Bonus)
    friend_bonus: Bonus = field(default_factory=Bonus)
    most_minor: int | None = None
    trust: int = 0
    chosen: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Grant:
        """Of what was written down earlier, also by a release that knew less."""
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        bonuses: dict[str, Any] = {name: Bonus(**known[name]) for name in _BONUSES if name in known}
        return cls(**{**known, **bonuses})

    def advocate_amount(self, rule: RewardRule, base_minor: int) -> int:
        amount = self.advocate_bonus.on(rule.amount_for(base_minor)) if base_minor > 0 else 0
        return amount if self.most_minor is None else min(amount, self.most_minor)

    def friend_amount(self, rule: RewardRule, base_minor: int) -> int:
        return self.friend_bonus.on(rule.amount_for(base_minor)) if base_minor > 0 else 0


def earns_now(*, qualified: int, rewarded: int, every: int) -> bool:
    """Whether the newest of ``qualified`` referrals earns, where ``rewarded`` of them did and every N-th should.

    Counted by what is still due and not by the ordinal alone: after a return the same place is reached twice, and
    pays once.
    """
    return qualified // every > rewarded


def cap_starts_at(period: CapPeriod, *, now: datetime, zone: str) -> datetime | None:
    """From when rewards count under the cap; None: from ever. Calendar periods begin in the merchant's zone."""
    today = local_date(now, zone)
    if period == CapPeriod.MONTH:
        return start_of_day(today.replace(day=1), zone)
    if period == CapPeriod.YEAR:
        return start_of_day(date(today.year, 1, 1), zone)
    if period == CapPeriod.ROLLING_30:
        return now - timedelta(days=30)
    if period == CapPeriod.ROLLING_365:
        return now - timedelta(days=365)
    return None


@dataclass(frozen=True, slots=True)
class CapNotice:
    reached: bool
    near: bool


def cap_notice(*, given: int, cap: int, before: int | None = None) -> CapNotice:
    """After ``given`` (rewards, or value) of at most ``cap``, up from ``before``: tell once on crossing 80 %, and when
    it is reached. Counting one by one, ``before`` is one less."""
    before = given - 1 if before is None else before
    return CapNotice(reached=given >= cap, near=_comes_near(before, given, cap) and given < cap)


@dataclass(frozen=True, slots=True)
class BudgetNotice:
    warn: bool
    reached: bool


def budget_notice(*, reserved: int, limit: int, before: int) -> BudgetNotice:
    """The same for a program's budget, where both may be crossed at once."""
    return BudgetNotice(warn=_comes_near(before, reserved, limit), reached=before < limit <= reserved)


def _comes_near(before: int, now: int, most: int) -> bool:
    """Crosses 80 %, to the unit."""
    return before * 10 < most * 8 <= now * 10
