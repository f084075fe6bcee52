"""A shop that is switched off tells of no refund any more: its rewards wait, visibly, until it is connected again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from integrations.models import Connection, InboundEvent
from integrations.selectors import FULFILMENTS_OF
from kit.clock import database_now
from kit.tenancy import transaction_required
from merchants.events import record_many
from merchants.wakeups import wake
from rewards.actions.blocks import block_reward, lift_block
from rewards.locks import rewards_for_update
from rewards.models import Reward, RewardBlock

_STOPPABLE = (Reward.State.HELD, Reward.State.RELEASED)
REASON = "connection_off"
#: What a reward waits for that somebody must do at the service or here.
MENDED_BY_THE_MERCHANT = (
    *(f"{kind.lower()}_not_connected" for kind in FULFILMENTS_OF),
    *("credentials_refused", "credentials_unreadable", "permission_missing", "scope_missing", "account_closed"),
    *("no_funds", "shop_closed"),
)


@transaction_required
def pause_rewards_of(connection: Connection, *, by: str, now: datetime) -> int:
    """Block every undelivered reward of this connection's orders. Returns how many were not blocked before."""
    found = _locked(_rewards_of(connection).filter(state__in=_STOPPABLE).exclude(Exists(_open_block())))
    blocked = _blocked(found)
    rewards = [reward for reward in found if reward.state in _STOPPABLE and reward.pk not in blocked]
    for reward in rewards:
        block_reward(reward=reward, kind=RewardBlock.Kind.CONNECTION, reason=REASON, by=by, now=now)
    return len(rewards)


@transaction_required
def resume_rewards_of(connection: Connection, *, by: str, now: datetime) -> int:
    found = _locked(_rewards_of(connection).filter(Exists(_open_block())))
    blocked = _blocked(found)
    rewards = [reward for reward in found if reward.pk in blocked]
    for reward in rewards:
        lift_block(reward=reward, kind=RewardBlock.Kind.CONNECTION, by=by, now=now)
    return len(rewards)


def _locked(rewards: QuerySet[Reward]) -> list[Reward]:
    """As they are once nobody else is at them: workers release and deliver meanwhile, and one that had moved on would
    end the whole work."""
    return rewards_for_update(list(rewards.values_list("pk", flat=True)))


def _open_block() -> QuerySet[RewardBlock]:
    blocks: QuerySet[RewardBlock] = RewardBlock.objects.filter(
        reward=OuterRef("pk"), kind=RewardBlock.Kind.CONNECTION, lifted_at=None
    )
    return blocks


def _blocked(rewards: Sequence[Reward]) -> set[UUID]:
    blocks = RewardBlock.objects.filter(reward__in=rewards, kind=RewardBlock.Kind.CONNECTION, lifted_at=None)
    return set(blocks.values_list("reward_id", flat=True))


def _rewards_of(connection: Connection) -> QuerySet[Reward]:
    """Those from before it was removed and connected anew too."""
    told = InboundEvent.objects.filter(connection__kind=connection.kind, connection__address=connection.address)
    orders = told.filter(order_id__isnull=False).values("order_id")
    found: QuerySet[Reward] = Reward.objects.filter(order_id__in=orders)
    return found


def waiting_for_the_merchant(kind: str = "") -> QuerySet[Reward]:
    """Released, and nobody tries them before their hour is over unless somebody says that it is mended."""
    found: QuerySet[Reward] = Reward.objects.filter(
        state=Reward.State.RELEASED, reason__in=MENDED_BY_THE_MERCHANT, next_try_at__isnull=False
    )
    return found.filter(fulfilment__in=FULFILMENTS_OF.get(kind, ())) if kind else found


@transaction_required
def wake_rewards_of(kind: str) -> int:
    """Somebody mended the account these rewards wait for: they are tried at once, not at the end of their hour."""
    real_now = database_now()
    woken: int = waiting_for_the_merchant(kind).update(next_try_at=real_now)
    if woken:
        wake("fulfil", due_at=real_now, real_now=real_now)
    return woken


@transaction_required
def try_now(*, rewards: QuerySet[Reward], by: str, now: datetime) -> int:
    """Somebody pressed the button: those that still wait for an hour are tried at once, with fresh tries. Returns how
    many; of two people who press it the second wakes none."""
    real_now = database_now()
    waiting = set(rewards.filter(next_try_at__gt=real_now).values_list("pk", flat=True))
    found = [reward for reward in rewards_for_update(waiting) if _still_waits(reward, real_now)]
    if found:
        rows = Reward.objects.filter(pk__in=[reward.pk for reward in found])
        rows.update(next_try_at=real_now, attempts=0)
        record_many("reward.retried", told=[(reward, {}) for reward in found], by=by, now=now)
        wake("fulfil", due_at=real_now, real_now=real_now)
    return len(found)


def _still_waits(reward: Reward, real_now: datetime) -> bool:
    return reward.state == Reward.State.RELEASED and reward.next_try_at is not None and reward.next_try_at > real_now
