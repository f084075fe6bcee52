"""Stop a reward and let it go again. One open block per kind; the second of two people is told that it is done."""

from __future__ import annotations

from datetime import datetime

from kit.clock import real_time
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from merchants.wakeups import wake
from rewards.locks import reward_for_update
from rewards.models import Reward, RewardBlock


class RewardStateError(Exception):
    """The reward is not where this can be done (any more): HTTP 409. ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction_required
def block_reward(*, reward: Reward, kind: RewardBlock.Kind, reason: str, by: str, now: datetime) -> RewardBlock:
    """Stop release and fulfilment until lifted. Only what has not been delivered can be stopped."""
    locked = reward_for_update(reward.pk)
    if locked is None or locked.state not in (Reward.State.HELD, Reward.State.RELEASED):
        raise RewardStateError("reward_not_stoppable")
    if RewardBlock.objects.filter(reward=locked, kind=kind, lifted_at=None).exists():
        raise RewardStateError("already_stopped")
    block: RewardBlock = RewardBlock.objects.create(reward=locked, kind=kind, reason=reason, since=now, by=by)
    record("reward.blocked", subject=locked, by=by, now=now, data={"kind": kind})
    return block


@transaction_required
def stop_until(*, reward: Reward, kind: RewardBlock.Kind, now: datetime) -> bool:
    """Stop it for what it waits for by itself, once. False: it waits for that already. The caller holds the row."""
    _block, is_new = RewardBlock.objects.get_or_create(
        reward=reward, kind=kind, lifted_at=None, defaults={"since": now, "by": SYSTEM}
    )
    return is_new


@transaction_required
def lift_block(*, reward: Reward, kind: str, by: str, now: datetime) -> None:
    locked = reward_for_update(reward.pk)
    assert locked is not None
    lifted = RewardBlock.objects.filter(reward=locked, kind=kind, lifted_at=None).update(lifted_at=now, lifted_by=by)
    if not lifted:
        raise RewardStateError("not_stopped")
    record("reward.unblocked", subject=locked, by=by, now=now, data={"kind": kind})
    wake_stopped(locked, now)


def wake_stopped(reward: Reward, now: datetime) -> None:
    """It may go on: at its date, or at the next try."""
    if reward.state == Reward.State.HELD and reward.release_at:
        wake("release", due_at=real_time(reward.release_at, reward.merchant))
    elif reward.state in (Reward.State.RELEASED, Reward.State.FULFILLING) and reward.next_try_at:
        wake("fulfil", due_at=real_time(now, reward.merchant))
