"""How much hangs on each program: constant in queries, however many programs there are, and in cost however old.

Rewards come from the sums that are kept; people and referrals are counted by an index, up to where a page says "more".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet

from advocates.models import Advocate
from insights.together import CountOf
from kit.asked import asked_often
from programs.models import CodePool, PoolCode, Program
from rewards.selectors import rewards_by_program
from tracking.models import Referral

#: Counting on beyond this would cost more than anybody gains from it.
MANY = 10_000


@dataclass(frozen=True, slots=True)
class Counts:
    """``advocates`` and ``referrals``: MANY + 1 stands for any number above MANY."""

    advocates: int = 0
    referrals: int = 0
    rewards: int = 0


@dataclass(frozen=True, slots=True)
class Stock:
    """Codes of one pool: how many are left of all that were ever uploaded."""

    left: int = 0
    total: int = 0

    @property
    def is_low(self) -> bool:
        """The same border at which the event codes.low is recorded (programs.actions.stock)."""
        return self.left <= 20 or self.left * 10 < self.total


NO_COUNTS, NO_STOCK = Counts(), Stock()


def counts_by_program(program_id: UUID | None = None) -> dict[UUID, Counts]:
    """Of every program, or of one alone."""
    rewards = rewards_by_program()
    return {
        key: Counts(advocates, referrals, rewards.get(key, 0))
        for key, advocates, referrals in (_people_of(program_id) if program_id else _people())
    }


@asked_often
def _people() -> QuerySet[Any]:
    return _counted(Program.objects.all())


@asked_often
def _people_of(program_id: UUID) -> QuerySet[Any]:
    return _counted(Program.objects.filter(pk=program_id))


def _counted(programs: QuerySet[Any]) -> QuerySet[Any]:
    """(program, advocates, referrals)."""
    rows = programs.annotate(advocates=_some(Advocate), referrals=_some(Referral)).order_by()
    return rows.values_list("pk", "advocates", "referrals")


def _some(model: Any) -> CountOf:
    rows = model.objects.filter(program=OuterRef("pk")).order_by().values("pk")
    return CountOf(rows[: MANY + 1])


def stock_by_pool() -> Mapping[tuple[UUID, str], Stock]:
    """(program, purpose) -> stock. Pools without a code are absent: read them as NO_STOCK."""
    of_programs, _of_kinds = stock_everywhere()
    return of_programs


def stock_everywhere() -> tuple[Mapping[tuple[UUID, str], Stock], Mapping[UUID, Stock]]:
    """The same, and beside it by kind: one statement."""
    rows = _codes()
    of_programs = {(program, purpose): Stock(left, total) for program, purpose, kind, left, total in rows if not kind}
    return of_programs, {kind: Stock(left, total) for _program, _purpose, kind, left, total in rows if kind}


@asked_often
def _codes() -> QuerySet[Any]:
    rows = PoolCode.objects.values_list("pool__program_id", "pool__purpose", "pool__kind_id")
    return rows.annotate(left=Count("id", filter=Q(taken_for=None)), total=Count("id")).order_by()


def stock_of(program_id: UUID) -> dict[str, Stock]:
    """Purpose -> stock, for both purposes."""
    known = {purpose: Stock(left, total) for purpose, left, total in _codes_of(program_id)}
    return {purpose: known.get(purpose, NO_STOCK) for purpose in CodePool.Purpose.values}


@asked_often
def _codes_of(program_id: UUID) -> QuerySet[Any]:
    rows = PoolCode.objects.filter(pool__program=program_id).order_by().values_list("pool__purpose")
    return rows.annotate(left=Count("id", filter=Q(taken_for=None)), total=Count("id"))
