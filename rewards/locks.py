"""Every row lock of this app, ordered by pk (kit/locks.py states the order between kinds)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from kit.locks import Rank, note
from programs.models import CodePool, PoolCode
from rewards.models import FulfilmentAttempt, Reward, RewardBlock

#: Why a pool could not deliver: the reason of what waits for codes.
NO_CODES = "code_pool_empty"


def rewards_of_referral_for_update(referral_id: UUID) -> list[Reward]:
    note(Rank.REWARD)
    rows = Reward.objects.filter(referral_id=referral_id).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True))


def reward_for_update(reward_id: UUID) -> Reward | None:
    note(Rank.REWARD)
    return Reward.objects.filter(pk=reward_id).select_for_update(of=("self",), no_key=True).first()


def due_rewards_for_update(*, now: datetime, limit: int) -> list[Reward]:
    """Held, due and not stopped; rows another worker holds are left to it."""
    note(Rank.REWARD)
    rows = Reward.objects.filter(state=Reward.State.HELD, release_at__lte=now).exclude(_is_stopped())
    return _locked(rows, limit)


def rewards_to_fulfil_for_update(*, real_now: datetime, limit: int) -> list[Reward]:
    """Released, or being delivered by somebody whose lease is over; not stopped, and their next try has come.

    What waits for codes need not wait longer once there are some.
    """
    note(Rank.REWARD)
    abandoned = FulfilmentAttempt.objects.filter(
        reward=OuterRef("pk"), state=FulfilmentAttempt.State.CLAIMED, lease_until__lte=real_now
    )
    takeable = Q(state=Reward.State.RELEASED) | (Q(state=Reward.State.FULFILLING) & Exists(abandoned))
    is_due = Q(next_try_at__lte=real_now) | Q(state=Reward.State.RELEASED, reason=NO_CODES) & Exists(_free_codes())
    return _locked(Reward.objects.filter(takeable & is_due).exclude(_is_stopped()), limit)


def _locked(rows: QuerySet[Reward], limit: int) -> list[Reward]:
    """The rows nobody else holds, locked, in order of pk.

    Blocks and attempts are rows of their own: one that was committed between the statement's snapshot and the lock is
    seen by a new statement only, so the same is asked again of what is held now.
    """
    held = list(rows.order_by("pk").select_for_update(of=("self",), no_key=True, skip_locked=True)[:limit])
    still = set(rows.filter(pk__in=[row.pk for row in held]).values_list("pk", flat=True)) if held else set()
    return [row for row in held if row.pk in still]


def _free_codes() -> QuerySet[PoolCode]:
    free: QuerySet[PoolCode] = PoolCode.objects.filter(
        pool__program=OuterRef("program"), pool__purpose=CodePool.Purpose.REWARD, taken_for=None
    )
    return free


def _is_stopped() -> Exists:
    return Exists(RewardBlock.objects.filter(reward=OuterRef("pk"), lifted_at=None))
