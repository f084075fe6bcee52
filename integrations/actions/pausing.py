"""A shop that is switched off tells of no refund any more: its rewards wait, visibly, until it is connected again."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from integrations.models import Connection, InboundEvent
from integrations.selectors import FULFILMENTS_OF
from kit.clock import database_now
from kit.tenancy import transaction_required
from merchants.wakeups import wake
from rewards.actions.blocks import block_reward, lift_block
from rewards.models import Reward, RewardBlock

_STOPPABLE = (Reward.State.HELD, Reward.State.RELEASED)
REASON = "connection_off"
#: What a reward waits for that somebody must do at the service or here.
MENDED_BY_THE_MERCHANT = (
    *(f"{kind.lower()}_not_connected" for kind in FULFILMENTS_OF),
    *("credentials_refused", "credentials_unreadable", "permission_missing", "scope_missing", "account_closed"),
)


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


@transaction_required
def wake_rewards_of(kind: str) -> int:
    """Somebody mended the account these rewards wait for: they are tried at once, not at the end of their hour."""
    waiting = Reward.objects.filter(
        state=Reward.State.RELEASED, fulfilment__in=FULFILMENTS_OF.get(kind, ()), next_try_at__isnull=False
    )
    real_now = database_now()
    woken: int = waiting.filter(reason__in=MENDED_BY_THE_MERCHANT).update(next_try_at=real_now)
    if woken:
        wake("fulfil", due_at=real_now, real_now=real_now)
    return woken
