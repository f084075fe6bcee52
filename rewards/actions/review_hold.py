"""Open, follow and close the review of a referral, and the REVIEW blocks on its rewards with it.

Settling calls ``follow_assessment`` whenever an order is settled; people's decisions (rewards.actions.reviews) are
never undone here. Everybody who comes here holds the locks of the order, the friend and the referral.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kit.clock import real_time
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from merchants.wakeups import wake
from rewards.actions.blocks import wake_stopped
from rewards.locks import rewards_of_referral_for_update
from rewards.models import Reward, RewardBlock
from rewards.review_selectors import UNPAID, countdown, policy_of, review_of, stopped_by_review
from rewards.selectors import may_have_arrived
from tracking.actions.facts import lock_order
from tracking.facts import OrderKey
from tracking.locks import lock_advocate, lock_friend, referral_for_update
from tracking.models import Order, Referral, Review
from tracking.rules.fraud import Assessment, Level

REVIEW = RewardBlock.Kind.REVIEW
#: Delivered ones are past stopping; what is just being delivered cannot be called back either.
STOPPABLE = (Reward.State.HELD, Reward.State.RELEASED, Reward.State.FAILED)
#: Nobody decided these: new evidence may still open or close them.
UNDECIDED = (Review.State.OPEN, Review.State.LAPSED)
LIVE = (Referral.State.PENDING, Referral.State.QUALIFIED)


@dataclass(frozen=True, slots=True)
class Held:
    """A review with everything about it locked and read since."""

    review: Review
    referral: Referral
    rewards: list[Reward]


@transaction_required
def lock_review(review: Review) -> Held:
    """The order, the friend, the referral, the advocate and the rewards, in the one order; then the review anew."""
    referral = lock_referral(review.referral_id)
    rewards = rewards_of_referral_for_update(referral.pk)
    review.refresh_from_db()
    review.referral = referral
    return Held(review, referral, rewards)


@transaction_required
def lock_referral(referral_id: UUID) -> Referral:
    """With its order as read under the locks."""
    order: Order = Referral.objects.select_related("order").get(pk=referral_id).order
    lock_order(OrderKey(order.platform, order.external_id))
    order.refresh_from_db()
    if order.customer_id:
        lock_friend(order.customer_id)
    referral = referral_for_update(order.pk)
    assert referral is not None, "referrals are never deleted"
    lock_advocate(referral.advocate_id)
    referral.order = order
    return referral


@transaction_required
def follow_assessment(
    *, referral: Referral, rewards: Sequence[Reward], now: datetime, by: str = SYSTEM
) -> Review | None:
    """Bring review and blocks to what the referral's assessment says. Running it again changes nothing.

    The caller holds the rewards' rows. The rewards of a passing referral cost no statement.
    """
    judged = Assessment.from_json(referral.assessment)
    review = review_of(referral)
    if review is None:
        cause = _cause_to_open(referral, judged)
        return _open(referral, judged, cause, rewards, now=now, by=by) if cause else None
    if review.advocate_id != referral.advocate_id:
        _begin_anew(review, referral, judged, now=now)
    if review.state in UNDECIDED and review.cause not in (Review.Cause.HAND, Review.Cause.APPEAL):
        _follow(review, referral, judged, now=now, by=by)
    if review.stops_rewards:
        stop_for_review(review, rewards, now=now, by=by)
        wake_review(review, rewards, now)
    elif review.state == Review.State.OPEN:  # a sample that was more than one before: what it stopped goes on
        let_go(rewards, now=now, by=by)
    return review


def refused_sides(referral: Referral) -> frozenset[str]:
    """For these no reward is made any more: whatever the other side got, and while a second look is asked for."""
    review = review_of(referral)
    if review is None or review.advocate_id != referral.advocate_id:
        return frozenset()
    return frozenset(side for side, ok in sides_of(review).items() if ok is False)


def _cause_to_open(referral: Referral, judged: Assessment) -> Review.Cause | None:
    if referral.state not in LIVE:
        return None
    if judged.level != Level.PASS:
        return Review.Cause(judged.cause)
    return Review.Cause.SAMPLE if judged.is_sample else None


def _open(
    referral: Referral,
    judged: Assessment,
    cause: Review.Cause,
    rewards: Sequence[Reward],
    *,
    now: datetime,
    by: str,
) -> Review:
    review = start_review(referral=referral, cause=cause, level=judged.level, score=judged.score, now=now, by=by)
    if review.stops_rewards:
        stop_for_review(review, rewards, now=now, by=by)
    wake_review(review, rewards, now)
    return review


@transaction_required
def start_review(*, referral: Referral, cause: Review.Cause, level: str, score: int, now: datetime, by: str) -> Review:
    """The review's row, and the referral knows of it."""
    review: Review = Review.objects.create(
        referral=referral,
        advocate_id=referral.advocate_id,
        level=level,
        score=min(score, MOST_POINTS),
        cause=cause,
        opened_at=now,
        answer_by=_answer_by(referral, now),
    )
    referral.has_review = True
    referral.save(update_fields=["has_review"])
    announce("review.opened", review, now=now, by=by)
    return review


#: As much as the column holds.
MOST_POINTS = 32_767


def _begin_anew(review: Review, referral: Referral, judged: Assessment, *, now: datetime) -> None:
    """New evidence named another advocate: what was decided was decided about somebody else."""
    review.advocate_id = referral.advocate_id
    review.cause = _cause_to_open(referral, judged) or Review.Cause.SAMPLE
    reopen(review, now)
    review.note = review.appeal_text = ""
    review.appealed_at = review.appeal_answered_at = review.undone_at = None
    review.save()


@transaction_required
def reopen(review: Review, now: datetime, *, keeps_sides: bool = False) -> None:
    """It waits for a person from now on, as a new one does. The caller saves it. ``keeps_sides``: what was said about
    them holds until it is said anew."""
    review.state, review.opened_at, review.reminded_at = Review.State.OPEN, now, None
    review.decided_at, review.decided_by = None, ""
    if not keeps_sides:
        review.advocate_ok = review.friend_ok = None
    review.answer_by = _answer_by(review.referral, now)


def _answer_by(referral: Referral, now: datetime) -> datetime:
    return now + timedelta(days=policy_of(referral.program_id).remind_days)


def _follow(review: Review, referral: Referral, judged: Assessment, *, now: datetime, by: str) -> None:
    """Nobody decided yet: it stands while there is reason for it, and comes back with it."""
    cause = _cause_to_open(referral, judged)
    is_open = review.state == Review.State.OPEN
    if review.cause == Review.Cause.ERROR and referral.state != Referral.State.BLOCKED:
        return
    if review.cause == Review.Cause.BREAKER and is_open and referral.state in LIVE:
        return  # that it is one of few by now says nothing about how it came
    if cause is None and is_open:
        lapse(review=review, now=now, by=by)
        return
    if cause is None or not _is_news(review, judged, cause):
        return
    review.level, review.score, review.cause = judged.level, min(judged.score, MOST_POINTS), cause
    if not is_open:
        reopen(review, now)
    review.save()
    announce("review.opened" if not is_open else "review.changed", review, now=now, by=by)


_WEIGHT = {Level.PASS: 0, Level.MEDIUM: 1, Level.HIGH: 2}


def _is_news(review: Review, judged: Assessment, cause: Review.Cause) -> bool:
    """An open one follows up as well as down. What was let go at the end of its hold comes back for worse alone; what
    lapsed since nothing waited comes back with its order."""
    if review.state == Review.State.OPEN:
        return (review.level, review.score, review.cause) != (judged.level, min(judged.score, MOST_POINTS), cause)
    if review.cause == cause == Review.Cause.SAMPLE:
        return False  # its time is over; settling the order again draws no new sample
    was_let_go = True in (review.advocate_ok, review.friend_ok)
    return not was_let_go or _WEIGHT[judged.level] > _WEIGHT[Level(review.level)]


@transaction_required
def stop_for_review(review: Review, rewards: Iterable[Reward], *, now: datetime, by: str) -> None:
    """A REVIEW block on each undelivered reward whose side is undecided."""
    open_sides = [side for side, ok in sides_of(review).items() if ok is None]
    wanted = [reward for reward in rewards if reward.side in open_sides and reward.state in STOPPABLE]
    stopped = stopped_by_review(wanted) if wanted else set()
    for reward in wanted:
        if reward.pk not in stopped:
            RewardBlock.objects.create(reward=reward, kind=REVIEW, reason=_reason(review), since=now, by=by)
            record("reward.blocked", subject=reward, by=by, now=now, data={"kind": REVIEW})


def _reason(review: Review) -> str:
    return str(review.cause).lower()


@transaction_required
def let_go(rewards: Iterable[Reward], *, now: datetime, by: str) -> None:
    """Lift their REVIEW blocks and wake what may go on."""
    rows = list(rewards)
    stopped = stopped_by_review(rows)
    blocks = RewardBlock.objects.filter(reward__in=stopped, kind=REVIEW, lifted_at=None)
    blocks.update(lifted_at=now, lifted_by=by)
    for reward in rows:
        if reward.pk in stopped:
            record("reward.unblocked", subject=reward, by=by, now=now, data={"kind": REVIEW})
            wake_stopped(reward, now)


def is_refusable(reward: Reward) -> bool:
    """Not refused yet, not with the person, and nobody is delivering it at this moment."""
    return reward.rejected_at is None and reward.state in STOPPABLE and not may_have_arrived(reward)


def sides_of(review: Review) -> dict[str, bool | None]:
    return {Reward.Side.ADVOCATE.value: review.advocate_ok, Reward.Side.FRIEND.value: review.friend_ok}


@transaction_required
def lapse(*, review: Review, now: datetime, by: str) -> None:
    """It needs nobody any more; what it stopped goes on."""
    review.state, review.decided_at, review.decided_by = Review.State.LAPSED, now, by
    review.save(update_fields=["state", "decided_at", "decided_by", "level", "score", "cause"])
    let_go(Reward.objects.filter(referral=review.referral_id, state__in=UNPAID), now=now, by=by)
    announce("review.lapsed", review, now=now, by=by)


def wake_review(review: Review, rewards: Iterable[Reward], now: datetime) -> None:
    """The sweep is needed when the first hold ends that it may let go, when to remind, or when to refuse."""
    policy = policy_of(review.referral.program_id)
    ends = [reward.release_at for reward in rewards if reward.release_at]
    told = countdown(review, policy, min(ends, default=None))
    due_at = min(filter(None, [told.at, told.remind_at]), default=None)
    if due_at is not None:
        wake("review", due_at=real_time(max(due_at, now), review.merchant))


def announce(code: str, review: Review, *, now: datetime, by: str, **more: object) -> None:
    data = {
        "referral_id": str(review.referral_id),
        "advocate_id": str(review.advocate_id),
        "level": review.level,
        "cause": review.cause,
        **more,
    }
    record(code, subject=review, by=by, now=now, data=data)
