"""Refuse a reward that is not paid yet, and take a mistaken refusal back. Settling does the rest."""

from __future__ import annotations

from datetime import datetime

from kit.tenancy import transaction_required
from merchants.events import record
from rewards.actions.blocks import RewardStateError
from rewards.actions.fulfil import lock_all, settle_what_it_is_for
from rewards.actions.standing import bring_gift
from rewards.models import Reward
from rewards.rules import Why
from rewards.selectors import may_have_arrived

LONGEST_NOTE = 500
#: Not paid, and nobody is delivering it at this moment.
REFUSABLE = (Reward.State.HELD, Reward.State.RELEASED, Reward.State.FAILED)


@transaction_required
def reject_reward(*, reward: Reward, reason: str, by: str, now: datetime) -> Reward:
    """Worth nothing from here on, whatever the order does. ``reason`` is for the team. RewardStateError: too late."""
    locked = lock_all(reward)
    if locked.rejected_at or locked.state not in REFUSABLE or may_have_arrived(locked):
        raise RewardStateError("reward_not_refusable")
    locked.rejected_at = now
    locked.note = "\n".join(filter(None, [locked.note, reason.strip()]))[:LONGEST_NOTE]
    locked.save(update_fields=["rejected_at", "note"])
    data = {"amount_minor": locked.amount_minor, "unit": locked.unit, "reason": Why.REJECTED}
    record("reward.rejected", subject=locked, by=by, now=now, data=data)
    return _settled(locked, by=by, now=now)


@transaction_required
def undo_rejection(*, reward: Reward, by: str, now: datetime) -> Reward:
    """As if it had never been refused: held or released again, with what its order is worth by now."""
    locked = lock_all(reward)
    if locked.rejected_at is None:
        raise RewardStateError("reward_not_refused")
    locked.rejected_at = None
    locked.save(update_fields=["rejected_at"])
    record("reward.unrejected", subject=locked, by=by, now=now)
    return _settled(locked, by=by, now=now)


def _settled(reward: Reward, *, by: str, now: datetime) -> Reward:
    if reward.is_discretionary:
        bring_gift(reward=reward, now=now, by=by)
    else:
        settle_what_it_is_for(reward, now=now, by=by)
    reward.refresh_from_db()
    return reward
