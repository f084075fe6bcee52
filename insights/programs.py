"""How much hangs on each program: constant in queries, however many programs there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from advocates.models import Advocate
from programs.models import CodePool, PoolCode
from rewards.models import Reward
from tracking.models import Referral


@dataclass(frozen=True, slots=True)
class Counts:
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


def counts_by_program() -> dict[UUID, Counts]:
    advocates, referrals, rewards = (_per_program(model) for model in (Advocate, Referral, Reward))
    return {
        key: Counts(advocates.get(key, 0), referrals.get(key, 0), rewards.get(key, 0))
        for key in {*advocates, *referrals, *rewards}
    }


def stock_by_pool() -> Mapping[tuple[UUID, str], Stock]:
    """(program, purpose) -> stock. Pools without a code are absent: read them as NO_STOCK."""
    rows = (
        PoolCode.objects.filter(pool__kind=None)
        .values("pool__program_id", "pool__purpose")
        .annotate(left=Count("id", filter=Q(taken_for=None)), total=Count("id"))
    )
    return {
        (row["pool__program_id"], row["pool__purpose"]): Stock(row["left"], row["total"]) for row in rows.order_by()
    }


def stock_of(program_id: UUID) -> dict[str, Stock]:
    """Purpose -> stock, for both purposes."""
    rows = PoolCode.objects.filter(pool__program_id=program_id).values("pool__purpose")
    found = rows.annotate(left=Count("id", filter=Q(taken_for=None)), total=Count("id")).order_by()
    known = {row["pool__purpose"]: Stock(row["left"], row["total"]) for row in found}
    return {purpose: known.get(purpose, NO_STOCK) for purpose in CodePool.Purpose.values}


def _per_program(model: Any) -> dict[UUID, int]:
    rows = model.objects.values("program_id").annotate(count=Count("id")).order_by()
    return {row["program_id"]: row["count"] for row in rows}
