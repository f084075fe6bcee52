"""A shop that is switched off tells of no refund any more: its rewards wait, visibly, until it is connected again."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from integrations.models import Connection, InboundEvent
from kit.tenancy import transaction_required
from rewards.actions.blocks import block_reward, lift_block
from rewards.models import Reward, RewardBlock

_STOPPABLE = (Reward.State.HELD, Reward.State.RELEASED)
REASON = "connection_off"


@transaction_required
def pause_rewards_of(connection: Connection, *, by: str, now: datetime) -> int:
    """Block every undelivered reward of this connection's orders. Returns how many were not blocked before."""
    blocked = RewardBlock.objects.filter(kind=RewardBlock.Kind.CONNECTION, lifted_at=None).values("reward_id")
    rewards = list(_rewards_of(connection).filter(state__in=_STOPPABLE).exclude(pk__in=blocked))
    for reward in rewards:
        block_reward(reward=reward, kind=RewardBlock.Kind.CONNECTION, reason=REASON, by=by, now=now)
    return len(rewards)


@transaction_required
def resume_rewards_of(connection: Connection, *, by: str, now: datetime) -> int:
    blocked = RewardBlock.objects.filter(kind=RewardBlock.Kind.CONNECTION, lifted_at=None).values("reward_id")
    rewards = list(_rewards_of(connection).filter(pk__in=blocked))
    for reward in rewards:
        lift_block(reward=reward, kind=RewardBlock.Kind.CONNECTION, by=by, now=now)
    return len(rewards)


def _rewards_of(connection: Connection) -> QuerySet[Reward]:
    """In the order in which rewards are locked; those from before it was removed and connected anew too."""
    told = InboundEvent.objects.filter(connection__kind=connection.kind, connection__address=connection.address)
    orders = told.filter(order_id__isnull=False).values("order_id")
    found: QuerySet[Reward] = Reward.objects.filter(order_id__in=orders).order_by("pk")
    return found
