"""What people do to rewards by hand: mark one sent, try a failed one again, say what became of one in doubt."""

from __future__ import annotations

from datetime import datetime

from kit.clock import real_time
from kit.tenancy import transaction_required
from merchants.events import record
from merchants.wakeups import wake
from programs.rules import Fulfilment
from rewards.actions.blocks import RewardStateError
from rewards.actions.fulfil import lock_all, pay, settle_what_it_is_for
from rewards.models import FulfilmentAttempt, Reward, RewardBlock
from rewards.selectors import may_have_arrived

#: Given by a person of the team; a payout gives the rest of what no sweep tries.
BY_HAND = (Fulfilment.MANUAL, Fulfilment.SHIPMENT)


@transaction_required
def mark_sent(*, reward: Reward, voucher: str, by: str, now: datetime) -> Reward:
    """A released reward that a hand gives or sends is with the person, ``voucher`` its reference or parcel's number.

    The second of two people gets RewardStateError: 409.
    """
    locked = lock_all(reward)
    if locked.fulfilment not in BY_HAND or locked.state != Reward.State.RELEASED:
        raise RewardStateError("reward_not_waiting_for_a_hand")
    if RewardBlock.objects.filter(reward=locked, lifted_at=None).exists():
        raise RewardStateError("reward_stopped")
    pay(reward=locked, voucher=voucher, by=by, now=now)
    settle_what_it_is_for(locked, now=now, by=by)
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


@transaction_required
def mark_arrived(*, reward: Reward, voucher: str, by: str, now: datetime) -> Reward:
    """Somebody asked the provider: the delivery that got no answer did arrive. Paid, and the order's news follow."""
    locked = _failed_without_answer(reward)
    record("reward.arrived", subject=locked, by=by, now=now)
    pay(reward=locked, voucher=voucher, by=by, now=now)
    settle_what_it_is_for(locked, now=now, by=by)
    locked.refresh_from_db()
    return locked


@transaction_required
def mark_not_arrived(*, reward: Reward, by: str, now: datetime) -> Reward:
    """The same, and it did not: still FAILED, but its amount may follow the order again, and it may be tried again."""
    locked = _failed_without_answer(reward)
    attempts = FulfilmentAttempt.objects.filter(reward=locked, state=FulfilmentAttempt.State.UNKNOWN)
    attempts.update(state=FulfilmentAttempt.State.FAILED, detail="did_not_arrive")
    record("reward.not_arrived", subject=locked, by=by, now=now)
    settle_what_it_is_for(locked, now=now, by=by)
    locked.refresh_from_db()
    return locked


def _failed_without_answer(reward: Reward) -> Reward:
    locked = lock_all(reward)
    if locked.state != Reward.State.FAILED or not may_have_arrived(locked):
        raise RewardStateError("reward_outcome_known")
    return locked
