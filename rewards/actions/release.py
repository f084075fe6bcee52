"""Release: a hold that is over becomes something to deliver. Rows are the queue; running twice changes nothing."""

from __future__ import annotations

from datetime import datetime

from kit.clock import real_time
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from merchants.wakeups import wake
from rewards import ledger
from rewards.locks import due_rewards_for_update
from rewards.models import Reward

BATCH = 100


@transaction_required
def release_due(*, now: datetime, limit: int = BATCH) -> int:
    """Release a batch of what is due and not stopped. Returns how many; less than ``limit`` means nothing is left."""
    rewards = due_rewards_for_update(now=now, limit=limit)
    for reward in rewards:
        release_reward(reward=reward, now=now)
    if rewards:
        wake("fulfil", due_at=real_time(now, rewards[0].merchant))
    return len(rewards)


@transaction_required
def release_reward(*, reward: Reward, now: datetime) -> None:
    """HELD to RELEASED; the caller holds the row. What is given by hand then waits for a hand."""
    reward.state, reward.released_at = Reward.State.RELEASED, now
    if not reward.is_by_hand:
        reward.next_try_at = real_time(now, reward.merchant)
    reward.save(update_fields=["state", "released_at", "next_try_at"])
    ledger.post(
        "reward.released",
        moves=[ledger.release(reward.amount_minor)],
        unit=reward.currency,
        program_id=reward.program_id,
        now=now,
        reward=reward,
    )
    data = {"amount_minor": reward.amount_minor, "currency": reward.currency, "side": reward.side}
    record("reward.released", subject=reward, by=SYSTEM, now=now, data=data)
