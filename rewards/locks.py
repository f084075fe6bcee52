"""Every row lock of this app, ordered by pk (kit/locks.py states the order between kinds)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from kit.locks import Rank, note
from rewards.models import FulfilmentAttempt, Reward, RewardBlock


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
    return list(rows.order_by("pk").select_for_update(of=("self",), no_key=True, skip_locked=True)[:limit])


def rewards_to_fulfil_for_update(*, real_now: datetime, limit: int) -> list[Reward]:
    """Released, or being delivered by somebody whose lease is over; not stopped, and their next try has come."""
    note(Rank.REWARD)
    abandoned = FulfilmentAttempt.objects.filter(
        reward=OuterRef("pk"), state=FulfilmentAttempt.State.CLAIMED, lease_until__lte=real_now
    )
    takeable = Q(state=Reward.State.RELEASED) | (Q(state=Reward.State.FULFILLING) & Exists(abandoned))
    rows = Reward.objects.filter(takeable, next_try_at__lte=real_now).exclude(_is_stopped())
    return list(rows.order_by("pk").select_for_update(of=("self",), no_key=True, skip_locked=True)[:limit])


def _is_stopped() -> Exists:
    return Exists(RewardBlock.objects.filter(reward=OuterRef("pk"), lifted_at=None))
