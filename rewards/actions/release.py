"""Release: a hold that is over becomes something to deliver. Rows are the queue; running twice changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Case, F, Value, When

from kit.clock import real_time
from kit.many import any_of
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record_many
from merchants.wakeups import wake
from rewards import ledger
from rewards.actions.restored import stop_what_may_be_out
from rewards.locks import due_rewards_for_update
from rewards.models import Reward

#: Rewards in one transaction: a fraction of a second of work, so that whoever waits for one of them waits no longer.
BATCH = 1000


@transaction_required
def release_due(*, now: datetime, limit: int = BATCH) -> int:
    """Release a batch of what is due and not stopped. Returns how many were looked at; less than ``limit`` means
    nothing is left."""
    rewards = due_rewards_for_update(now=now, limit=limit)
    if rewards and (free := stop_what_may_be_out(rewards=rewards, now=now)):
        release_rewards(rewards=free, now=now)
        wake("fulfil", due_at=real_time(now, rewards[0].merchant))
    return len(rewards)


@transaction_required
def release_rewards(*, rewards: Sequence[Reward], now: datetime) -> None:
    """HELD to RELEASED: state, ledger, event, each in as many statements for a thousand rewards as for one.

    The caller holds the rows. What is given by hand then waits for a hand; the rest may be tried at once.
    """
    _move_on(rewards, now)
    ledger.post_many("reward.released", bookings=[_owed(reward) for reward in rewards], now=now)
    record_many("reward.released", told=[(reward, _facts_of(reward)) for reward in rewards], by=SYSTEM, now=now)


def _move_on(rewards: Sequence[Reward], now: datetime) -> None:
    """In the rows and in what the caller has in hand."""
    try_at = real_time(now, rewards[0].merchant)
    by_hand = [reward.pk for reward in rewards if reward.is_by_hand]
    next_try_at = Case(When(any_of("pk", by_hand), then=F("next_try_at")), default=Value(try_at))
    rows = Reward.objects.filter(any_of("pk", [reward.pk for reward in rewards]))
    rows.update(state=Reward.State.RELEASED, released_at=now, next_try_at=next_try_at)
    for reward in rewards:
        reward.state, reward.released_at = Reward.State.RELEASED, now
        if not reward.is_by_hand:
            reward.next_try_at = try_at


def _owed(reward: Reward) -> ledger.Booking:
    moves = [ledger.release(reward.amount_minor)]
    return ledger.Booking(moves, reward.unit, reward.program_id, reward=reward)


def _facts_of(reward: Reward) -> dict[str, object]:
    return {"amount_minor": reward.amount_minor, "unit": reward.unit, "side": reward.side}
