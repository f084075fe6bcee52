"""How much hangs on each program: constant in queries, however many programs there are, and in cost however old.

Rewards come from the sums that are kept; people and referrals are counted by an index, up to where a page says "more".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q

from advocates.models import Advocate
from insights.together import CountOf
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
    which = {"program_id": program_id} if program_id else {}
    rewards = rewards_by_program(**which)
    programs = Program.objects.filter(pk=program_id) if program_id else Program.objects.all()
    rows = programs.annotate(advocates=_some(Advocate), referrals=_some(Referral)).order_by()
    return {
        key: Counts(advocates, referrals, rewards.get(key, 0))
        for key, advocates, referrals in rows.values_list("pk", "advocates", "referrals")
    }


def _some(model: Any) -> CountOf:
    rows = model.objects.filter(program=OuterRef("pk")).order_by().values("pk")
    return CountOf(rows[: MANY + 1])


def stock_by_pool() -> Mapping[tuple[UUID, str], Stock]:
    """(program, purpose) -> stock. Pools without a code are absent: read them as NO_STOCK."""
    return _by_pool(_counted(PoolCode.objects.filter(pool__kind=None)))


def stock_everywhere() -> tuple[Mapping[tuple[UUID, str], Stock], Mapping[UUID, Stock]]:
    """The same, and beside it by kind: one statement."""
    rows = list(_counted(PoolCode.objects.all()))
    of_kinds = {row["pool__kind_id"]: Stock(row["left"], row["total"]) for row in rows if row["pool__kind_id"]}
    return _by_pool(row for row in rows if not row["pool__kind_id"]), of_kinds


def _counted(codes: Any) -> Any:
    rows = codes.values("pool__program_id", "pool__purpose", "pool__kind_id")
    return rows.annotate(left=Count("id", filter=Q(taken_for=None)), total=Count("id")).order_by()


def _by_pool(rows: Iterable[Any]) -> dict[tuple[UUID, str], Stock]:
    return {(row["pool__program_id"], row["pool__purpose"]): Stock(row["left"], row["total"]) for row in rows}


def stock_of(program_id: UUID) -> dict[str, Stock]:
    """Purpose -> stock, for both purposes."""
    rows = PoolCode.objects.filter(pool__program_id=program_id).values("pool__purpose")
    found = rows.annotate(left=Count("id", filter=Q(taken_for=None)), total=Count("id")).order_by()
    known = {row["pool__purpose"]: Stock(row["left"], row["total"]) for row in found}
    return {purpose: known.get(purpose, NO_STOCK) for purpose in CodePool.Purpose.values}
