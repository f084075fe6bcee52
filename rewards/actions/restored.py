"""After a restore from a backup: nothing that the rows call open is given before somebody has looked.

What a provider can be asked about is looked up before it is given, by itself: it gets a try that ended without an
answer. What only people know waits for them: gifts by hand, parcels and payouts in review, codes of uploaded pools as
failed once they are tried (rewards.fulfillers).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count

from kit.ids import uuid7
from kit.many import insert_many
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record, record_many
from merchants.models import Event
from merchants.selectors import RESTORED_EVENT, restored_at, workspace
from programs.actions.stock import set_codes_aside
from programs.rules import Fulfilment
from rewards.actions.fulfil import key_of
from rewards.locks import open_rewards_for_update
from rewards.models import FulfilmentAttempt, Payout, Reward, RewardBlock
from rewards.rules.restored import RESTORED, hold_was_over, may_be_out

Try = FulfilmentAttempt.State
#: Given by a row of ours: what a restore forgot was not given, as far as anybody can use it.
OUR_OWN = (Fulfilment.BALANCE,)


@dataclass(frozen=True, slots=True)
class Doubts:
    """``payouts``: numbers of those that are confirmed and not closed; their transfers may have been made."""

    to_look_up: int
    to_review: int
    codes: int
    payouts: tuple[int, ...]


@transaction_required
def doubt_what_is_open(
    *, backup_at: datetime, most_codes: int | None = None, now: datetime, real_now: datetime
) -> Doubts | None:
    """Run once after a restore, before any worker. None: it was done for this backup already, nothing changes.

    ``most_codes``: how many codes of each pool can have been given since the backup; None: any number.
    """
    if _is_done(backup_at):
        return None
    rewards = [reward for reward in open_rewards_for_update() if reward.fulfilment not in OUR_OWN]
    _doubt_tries([reward for reward in rewards if not reward.is_by_hand], now=now, real_now=real_now)
    by_hand = [reward for reward in rewards if reward.is_by_hand and _can_wait_for_people(reward, now)]
    _put_in_review(by_hand, now)
    doubts = Doubts(
        to_look_up=sum(not reward.is_by_hand for reward in rewards),
        to_review=len(by_hand),
        codes=set_codes_aside(most=most_codes, by=SYSTEM, now=now),
        payouts=tuple(_unanswered_payouts()),
    )
    told = {"backup_at": backup_at.isoformat(), "look_up": doubts.to_look_up, "review": doubts.to_review}
    record(RESTORED_EVENT, subject=workspace(), by=SYSTEM, now=now, data=told | {"codes": doubts.codes})
    return doubts


def _is_done(backup_at: datetime) -> bool:
    """A restored database holds no word of its own restore, whichever backup it came from."""
    done = Event.objects.filter(subject_id=workspace().pk, code=RESTORED_EVENT)
    return bool(done.filter(data__backup_at=backup_at.isoformat()).exists())


def _doubt_tries(rewards: Sequence[Reward], *, now: datetime, real_now: datetime) -> None:
    """Whoever has a try behind them is looked up first. What may be out keeps its amount until that was done."""
    if not rewards:
        return
    before = _tries_of([reward.pk for reward in rewards])
    insert_many(
        FulfilmentAttempt,
        same={"lease_until": real_now, "started_at": real_now, "ended_at": real_now, "detail": RESTORED},
        each={
            "id": [uuid7() for _ in rewards],
            "reward_id": [reward.pk for reward in rewards],
            "number": [before.get(reward.pk, 0) + 1 for reward in rewards],
            "key": [key_of(reward) for reward in rewards],
            "state": [str(Try.UNKNOWN if _may_be_out(reward, now) else Try.RETRY) for reward in rewards],
        },
    )


def _tries_of(reward_ids: Collection[UUID]) -> dict[UUID, int]:
    rows = FulfilmentAttempt.objects.filter(reward__in=reward_ids).values_list("reward_id")
    return dict(rows.annotate(count=Count("pk")).order_by())


def _may_be_out(reward: Reward, now: datetime) -> bool:
    is_held = reward.state == Reward.State.HELD
    return may_be_out(is_held=is_held, release_at=reward.release_at, restored_at=now)


def _can_wait_for_people(reward: Reward, now: datetime) -> bool:
    """What a confirmed payout pays is asked about line by line."""
    return reward.state in (Reward.State.HELD, Reward.State.RELEASED) and _may_be_out(reward, now)


def _put_in_review(rewards: Iterable[Reward], now: datetime) -> None:
    """Who is in review for another reason is stopped by hand beside it: ending the one must not end the other."""
    rewards = list(rewards)
    kind = RewardBlock.Kind
    in_review = _stopped([reward.pk for reward in rewards], kind.REVIEW)
    stops = [(reward, kind.MANUAL if reward.pk in in_review else kind.REVIEW) for reward in rewards]
    stopped = _stopped([reward.pk for reward, what in stops if what == kind.MANUAL], kind.MANUAL)
    stops = [(reward, what) for reward, what in stops if (what, reward.pk in stopped) != (kind.MANUAL, True)]
    RewardBlock.objects.bulk_create(
        RewardBlock(reward=reward, kind=what, reason=RESTORED, since=now, by=SYSTEM) for reward, what in stops
    )
    told: list[tuple[Any, dict[str, Any]]] = [(reward, {"kind": what, "reason": RESTORED}) for reward, what in stops]
    record_many("reward.blocked", told=told, by=SYSTEM, now=now)


def _stopped(reward_ids: Collection[UUID], kind: str) -> set[UUID]:
    rows = RewardBlock.objects.filter(reward__in=reward_ids, kind=kind, lifted_at=None)
    return set(rows.values_list("reward_id", flat=True))


def _unanswered_payouts() -> list[int]:
    rows = Payout.objects.filter(state=Payout.State.CONFIRMED).order_by("number")
    return list(rows.values_list("number", flat=True))


@transaction_required
def stop_what_may_be_out(*, rewards: Sequence[Reward], now: datetime) -> list[Reward]:
    """Those of the due ``rewards`` that may be released. After a restore the others wait for a review, once: their
    hold was over before it, and nobody can be asked about them. The caller holds the rows."""
    since = restored_at()
    if since is None:
        return list(rewards)
    outside = [reward for reward in rewards if reward.fulfilment not in OUR_OWN]
    was_over = [reward for reward in outside if hold_was_over(release_at=reward.release_at, restored_at=since)]
    known = _looked_at(was_over)
    _put_in_review([reward for reward in was_over if reward.pk not in known], now)
    kept = {reward.pk for reward in was_over} - known
    return [reward for reward in rewards if reward.pk not in kept]


def _looked_at(rewards: Sequence[Reward]) -> set[UUID]:
    """Who needs no (other) review: tried already, so looked up before the next try; or stopped for it before."""
    ids = [reward.pk for reward in rewards]
    tried = FulfilmentAttempt.objects.filter(reward__in=ids)
    unsure = tried.filter(reward__fulfilment=Fulfilment.COUPON_POOL).exclude(state=Try.UNKNOWN)
    stops = RewardBlock.objects.filter(reward__in=ids, reason=RESTORED)
    looked_up = tried.exclude(pk__in=unsure.values("pk")).values_list("reward_id", flat=True)
    return {*looked_up, *stops.values_list("reward_id", flat=True)}
