"""What is left on a person's account of one unit. Pure.

What runs out first is used first. Only what was not used runs out; what is taken back after it was used is owed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Credit:
    """``amount``: what stands of it, less what was taken back. ``until`` None: it never runs out."""

    amount: int
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Use:
    amount: int
    at: datetime


def left_of(credits: Iterable[Credit], uses: Iterable[Use], *, now: datetime) -> int:
    """Below zero where more was used than stands."""
    lots = [_Lot(credit.amount, credit) for credit in sorted(credits, key=_runs_out)]
    owed = sum(_take(lots, use) for use in sorted(uses, key=lambda use: use.at))
    return sum(lot.left for lot in lots if lot.is_there(now)) - owed


@dataclass(slots=True)
class _Lot:
    left: int
    credit: Credit

    def is_there(self, at: datetime) -> bool:
        return self.credit.since <= at < (self.credit.until or _NEVER)


def _runs_out(credit: Credit) -> datetime:
    return credit.until or _NEVER


def _take(lots: list[_Lot], use: Use) -> int:
    """Use it from what was there then; returns what nothing covers."""
    wanted = use.amount
    for lot in lots:
        if wanted and lot.is_there(use.at):
            taken = min(lot.left, wanted)
            lot.left, wanted = lot.left - taken, wanted - taken
    return wanted
