"""The two transactions around a provider's call: claim before it, record after it (rewards.steps.fulfil calls between).

An attempt is written with its key and lease before anybody outside is asked. Whoever finds a lease over takes the
reward with the same key and looks up first, so a worker may die anywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.clock import real_time
from kit.days import add_days
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from merchants.selectors import workspace
from merchants.wakeups import wake
from rewards import ledger
from rewards.actions.settle import settle_locked
from rewards.actions.trust import renew_trust
from rewards.fulfilment import Delivered, FulfilmentOrder, fulfiller_for
from rewards.locks import reward_for_update, rewards_of_referral_for_update, rewards_to_fulfil_for_update
from rewards.models import FulfilmentAttempt, Reward
from rewards.rules.ending import TOLD_BEFORE
from rewards.selectors import gives_of, may_have_arrived
from tracking.actions.facts import lock_order
from tracking.facts import OrderKey
from tracking.locks import lock_advocate, lock_friend, referral_for_update

#: Waits after the 1st, 2nd ... failed try; then the reward is FAILED and a person must look. Most faults are over in
#: seconds (a busy provider, a deploy, a killed worker), so the first eleven tries come within seven minutes and none of
#: them waits longer than one: with ten seconds to the next ring a reward is late by less than 90 s after a fault ended,
#: however many came before it (./run chaos). What lasts longer than that is an outage: then the waits are long.
WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 10, 20, 30, 45, 60, 60, 60, 60, 60, 600, 3600, 6 * 3600, 12 * 3600, 24 * 3600)
)
LONGEST_WAIT = WAITS[-1]
MOST_TRIES = len(WAITS) + 1
LEASE_MARGIN = timedelta(seconds=10)
#: Released and not with the person, as far as we know.
UNDELIVERED = (Reward.State.RELEASED, Reward.State.FULFILLING, Reward.State.FAILED)


@dataclass(frozen=True, slots=True)
class ClaimedReward:
    """``is_again``: an earlier try may have reached the provider, so look up before delivering."""

    attempt: FulfilmentAttempt
    order: FulfilmentOrder
    kind: str
    is_again: bool


def key_of(reward: Reward) -> str:
    """One key for every try of one reward: the provider's own protection against delivering twice."""
    return f"rwd-{reward.pk}"


@transaction_required
def claim_next(*, real_now: datetime) -> ClaimedReward | None:
    """Take one reward to deliver: FULFILLING, with an open attempt and its lease. One without a try left is FAILED."""
    while rewards := rewards_to_fulfil_for_update(real_now=real_now, limit=1):
        reward = rewards[0]
        _close_open(reward, real_now, "lease_over")
        if reward.attempts < MOST_TRIES:
            return _claim(reward, real_now)
        _fail(reward, "no_answer", real_now + reward.merchant.clock_offset)
    return None


def _claim(reward: Reward, real_now: datetime) -> ClaimedReward:
    before = FulfilmentAttempt.objects.filter(reward=reward).count()
    reward.state = Reward.State.FULFILLING
    reward.attempts += 1
    reward.valid_until = reward.valid_until or end_of_validity(reward, real_now + reward.merchant.clock_offset)
    reward.save(update_fields=["state", "attempts", "valid_until"])
    attempt: FulfilmentAttempt = FulfilmentAttempt.objects.create(
        reward=reward,
        number=before + 1,
        key=key_of(reward),
        state=FulfilmentAttempt.State.CLAIMED,
        started_at=real_now,
        lease_until=real_now + timedelta(seconds=fulfiller_for(reward.fulfilment).timeout) + LEASE_MARGIN,
    )
    wake("fulfil", due_at=attempt.lease_until)
    return ClaimedReward(attempt, order_of(reward), reward.fulfilment, is_again=before > 0)


def _close_open(reward: Reward, real_now: datetime, detail: str) -> None:
    """Whoever made the open attempt is gone, late or second: what it did nobody knows."""
    attempts = FulfilmentAttempt.objects.filter(reward=reward, state=FulfilmentAttempt.State.CLAIMED)
    attempts.update(state=FulfilmentAttempt.State.UNKNOWN, ended_at=real_now, detail=detail)


def order_of(reward: Reward) -> FulfilmentOrder:
    """Every try tells the provider the same, so that its own protection against twice knows it again."""
    gives = gives_of(reward)
    return FulfilmentOrder(
        key=key_of(reward),
        reward_id=reward.pk,
        program_id=reward.program_id,
        advocate_id=reward.advocate_id,
        side=reward.side,
        amount_minor=reward.amount_minor,
        unit=reward.unit,
        recipient_email=reward.recipient.email,
        recipient_name=reward.recipient.name,
        recipient_external_id=reward.recipient.external_id,
        kind_id=reward.kind_id,
        form=gives.form if gives else "",
        setting={"name": gives.name, **gives.setting} if gives else {},
        valid_until=reward.valid_until,
    )


def end_of_validity(reward: Reward, now: datetime) -> datetime | None:
    """Until when what is delivered now can be used; None for ever."""
    gives = gives_of(reward)
    return add_days(now, gives.valid_days, workspace().time_zone) if gives and gives.valid_days else None


@transaction_required
def record_delivered(*, attempt: FulfilmentAttempt, delivered: Delivered, now: datetime, real_now: datetime) -> bool:
    """FULFILLED, once: False when another worker was first. Then settles what came in while it was under way.

    Told late, after somebody else took the reward over and failed, it counts all the same: the person has it.
    """
    reward = lock_all(attempt.reward)
    if reward.state not in UNDELIVERED:
        return False
    _close_open(reward, real_now, "other_was_first")
    _end(attempt, FulfilmentAttempt.State.SUCCEEDED, real_now)
    pay(reward=reward, voucher=delivered.voucher, by=SYSTEM, now=now)
    settle_what_it_is_for(reward, now=now, by=SYSTEM)
    return True


@transaction_required
def pay(*, reward: Reward, voucher: str, by: str, now: datetime) -> None:
    """The reward is with the person: state, ledger, event, and what the advocate is trusted for it. The caller holds
    the advocate's lock and the row, and settles afterwards."""
    reward.state, reward.fulfilled_at, reward.voucher = Reward.State.FULFILLED, now, voucher
    reward.valid_until = reward.valid_until or end_of_validity(reward, now)
    reward.next_try_at, reward.failed_at, reward.reason = None, None, ""
    paid = ["state", "fulfilled_at", "voucher", "valid_until", "next_try_at", "failed_at", "reason"]
    reward.save(update_fields=paid)
    ledger.post(
        "reward.fulfilled",
        moves=[ledger.fulfil(reward.amount_minor)],
        unit=reward.unit,
        program_id=reward.program_id,
        now=now,
        reward=reward,
    )
    data = {"amount_minor": reward.amount_minor, "unit": reward.unit, "side": reward.side}
    record("reward.fulfilled", subject=reward, by=by, now=now, data=data)
    if reward.valid_until:
        wake("expire", due_at=real_time(reward.valid_until - TOLD_BEFORE, reward.merchant))
    if reward.referral_id and reward.side == Reward.Side.ADVOCATE:
        renew_trust(reward.advocate_id, now=now)


@transaction_required
def record_unknown(*, attempt: FulfilmentAttempt, reason: str, now: datetime, real_now: datetime) -> None:
    """Nobody knows: the attempt stays open, its lease set to the next look. Meanwhile the amount must not move."""
    reward = lock_all(attempt.reward)
    if reward.state == Reward.State.FULFILLING and _is_open(attempt):
        _look_again(reward, attempt, reason, None, now=now, real_now=real_now)


def _look_again(
    reward: Reward, attempt: FulfilmentAttempt, reason: str, after: float | None, *, now: datetime, real_now: datetime
) -> None:
    wait = wait_after(reward.attempts, after)
    if wait is None:
        _end(attempt, FulfilmentAttempt.State.UNKNOWN, real_now, reason)
        _fail(reward, reason, now)
        return
    attempt.lease_until, attempt.detail = real_now + wait, reason[:300]
    attempt.save(update_fields=["lease_until", "detail"])
    wake("fulfil", due_at=attempt.lease_until)


@transaction_required
def record_retry(
    *, attempt: FulfilmentAttempt, reason: str, after: float | None, now: datetime, real_now: datetime
) -> None:
    """Not delivered for certain: RELEASED again, not before the provider's Retry-After; FAILED after the last try.

    "Not now" says nothing about an earlier try that ended without an answer: then it stays unknown.
    """
    reward = lock_all(attempt.reward)
    if reward.state != Reward.State.FULFILLING or not _is_open(attempt):
        return
    if may_have_arrived(reward):
        _look_again(reward, attempt, reason, after, now=now, real_now=real_now)
        return
    _end(attempt, FulfilmentAttempt.State.RETRY, real_now, reason)
    wait = wait_after(reward.attempts, after)
    if wait is None:
        _fail(reward, reason, now)
    else:
        _wait(reward, reason, real_now + wait)
    settle_what_it_is_for(reward, now=now, by=SYSTEM)


def _wait(reward: Reward, reason: str, until: datetime) -> None:
    reward.state, reward.reason, reward.next_try_at = Reward.State.RELEASED, reason[:40], until
    reward.save(update_fields=["state", "reason", "next_try_at"])
    wake("fulfil", due_at=until)


@transaction_required
def record_refused(*, attempt: FulfilmentAttempt, reason: str, now: datetime, real_now: datetime) -> None:
    """The provider said no for good: FAILED at the first try, with its reason, for the merchant to see."""
    reward = lock_all(attempt.reward)
    if reward.state != Reward.State.FULFILLING or not _is_open(attempt):
        return
    _end(attempt, FulfilmentAttempt.State.FAILED, real_now, reason)
    _fail(reward, reason, now)
    settle_what_it_is_for(reward, now=now, by=SYSTEM)


def _fail(reward: Reward, reason: str, now: datetime) -> None:
    reward.state, reward.failed_at, reward.reason, reward.next_try_at = Reward.State.FAILED, now, reason[:40], None
    reward.save(update_fields=["state", "failed_at", "reason", "next_try_at"])
    data = {"reason": reason[:200], "attempts": reward.attempts}
    record("reward.failed", subject=reward, by=SYSTEM, now=now, data=data)


def _end(attempt: FulfilmentAttempt, state: FulfilmentAttempt.State, real_now: datetime, detail: str = "") -> None:
    attempt.state, attempt.ended_at, attempt.detail = state, real_now, detail[:300]
    attempt.save(update_fields=["state", "ended_at", "detail"])


def _is_open(attempt: FulfilmentAttempt) -> bool:
    """Whether nobody took the reward over meanwhile. Read again: the object may be older than the row."""
    attempt.refresh_from_db()
    return attempt.state == FulfilmentAttempt.State.CLAIMED


def wait_after(attempts: int, told: float | None = None) -> timedelta | None:
    """None after the last try. ``told``: the provider's own wish in seconds, believed up to a day."""
    if attempts >= MOST_TRIES:
        return None
    return max(WAITS[attempts - 1], timedelta(seconds=min(told or 0, LONGEST_WAIT.total_seconds())))


def lock_all(reward: Reward) -> Reward:
    """Everything settling will need, in the one order of locks, before the reward's row. Its order and referral are
    as read under them (``settle_what_it_is_for``)."""
    order = reward.order
    if order is None:
        locked = reward_for_update(reward.pk)
    else:
        lock_order(OrderKey(order.platform, order.external_id))
        order.refresh_from_db()
        if order.customer_id:
            lock_friend(order.customer_id)
        referral = referral_for_update(order.pk)
        assert referral is not None, "a reward of an order has one, and it is never deleted"
        lock_advocate(referral.advocate_id)
        locked = next((row for row in rewards_of_referral_for_update(referral.pk) if row.pk == reward.pk), None)
    assert locked is not None, "rewards are never deleted"
    if order is not None:
        locked.order, locked.referral = order, referral
    return locked


@transaction_required
def settle_what_it_is_for(reward: Reward, *, now: datetime, by: str) -> None:
    """Settle its order from the facts known by now, under the locks of ``lock_all``. What somebody gave at their own
    discretion has none."""
    if reward.order is not None:
        settle_locked(order=reward.order, referral=reward.referral, now=now, by=by)
