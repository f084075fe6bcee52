"""What people do to rewards by hand: mark one sent, try a failed one again."""

from __future__ import annotations

from datetime import datetime

from kit.clock import real_time
from kit.tenancy import transaction_required
from merchants.events import record
from merchants.wakeups import wake
from programs.rules import Fulfilment
from rewards.actions.blocks import RewardStateError
from rewards.actions.fulfil import lock_all, pay
from rewards.actions.settle import settle_order
from rewards.models import Reward, RewardBlock


@transaction_required
def mark_sent(*, reward: Reward, voucher: str, by: str, now: datetime) -> Reward:
    """A released manual reward is with the person. The second of two people gets RewardStateError: 409."""
    locked = lock_all(reward)
    if locked.fulfilment != Fulfilment.MANUAL or locked.state != Reward.State.RELEASED:
        raise RewardStateError("reward_not_waiting_for_a_hand")
    if RewardBlock.objects.filter(reward=locked, lifted_at=None).exists():
        raise RewardStateError("reward_stopped")
    pay(reward=locked, voucher=voucher, by=by, now=now)
    settle_order(order=locked.order, now=now, by=by)
    return locked


@transaction_required
def try_again(*, reward: Reward, by: str, now: datetime) -> Reward:
    """FAILED back to RELEASED with fresh tries; the key stays, so what did arrive is found by lookup."""
    locked = lock_all(reward)
    if locked.state != Reward.State.FAILED:
        raise RewardStateError("reward_not_failed")
    locked.state, locked.failed_at, locked.reason, locked.attempts = Reward.State.RELEASED, None, "", 0
    locked.next_try_at = real_time(now, locked.merchant)
    locked.save(update_fields=["state", "failed_at", "reason", "attempts", "next_try_at"])
    record("reward.retried", subject=locked, by=by, now=now)
    wake("fulfil", due_at=locked.next_try_at)
    return locked
