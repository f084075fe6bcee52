"""While a payment is disputed nothing of its order is given. What a lost dispute takes is settled like a refund."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kit.tenancy import transaction_required
from merchants.events import record
from rewards.actions.blocks import wake_stopped
from rewards.models import Reward, RewardBlock
from tracking.rules import OrderView

#: Nobody has it yet, so it can still be stopped.
NOT_GIVEN = (Reward.State.HELD, Reward.State.RELEASED, Reward.State.FULFILLING, Reward.State.FAILED)
DISPUTE = RewardBlock.Kind.DISPUTE


@transaction_required
def follow_dispute(*, rewards: Sequence[Reward], view: OrderView, now: datetime, by: str) -> None:
    """Stop what is undelivered while a dispute is open, and let go what no longer has to wait.

    The caller holds the rewards' rows. Running it again changes nothing.
    """
    if not view.disputes:
        return
    stopped = _stopped(rewards)
    for reward in rewards:
        must_wait = view.has_open_dispute and reward.state in NOT_GIVEN
        if must_wait and reward.pk not in stopped:
            _stop(reward, now=now, by=by)
        elif not must_wait and reward.pk in stopped:
            _let_go(reward, now=now, by=by)


def _stopped(rewards: Sequence[Reward]) -> set[object]:
    blocks = RewardBlock.objects.filter(reward__in=list(rewards), kind=DISPUTE, lifted_at=None)
    return set(blocks.values_list("reward_id", flat=True))


def _stop(reward: Reward, *, now: datetime, by: str) -> None:
    RewardBlock.objects.create(reward=reward, kind=DISPUTE, since=now, by=by)
    record("reward.blocked", subject=reward, by=by, now=now, data={"kind": DISPUTE})


def _let_go(reward: Reward, *, now: datetime, by: str) -> None:
    RewardBlock.objects.filter(reward=reward, kind=DISPUTE, lifted_at=None).update(lifted_at=now, lifted_by=by)
    record("reward.unblocked", subject=reward, by=by, now=now, data={"kind": DISPUTE})
    wake_stopped(reward, now)
