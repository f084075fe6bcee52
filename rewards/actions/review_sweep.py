"""One review moved on by time alone, and one referral looked at again. Idempotent, under the order's locks."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from kit.tenancy import transaction_required
from merchants.events import SYSTEM
from rewards.actions.judging import judge_again
from rewards.actions.rejection import reject_reward
from rewards.actions.review_hold import Held, announce, is_refusable, let_go, lock_referral, lock_review, sides_of
from rewards.actions.setbacks import Work, without_setbacks
from rewards.actions.settle import settle_locked
from rewards.models import Reward, RewardBlock
from rewards.review_selectors import (
    UNPAID,
    Countdown,
    Unanswered,
    countdown,
    policies_of,
    policy_of,
    stopped_by_review,
)
from tracking.actions.facts import facts_of
from tracking.models import FraudPolicy, Reassessment, Referral, Review
from tracking.rules import read_order

#: Reviews in one sweep: what is left comes with the next.
BATCH = 500


def asked_again(*, limit: int) -> list[UUID]:
    """The oldest first; what broke before waits for its turn (rewards.actions.setbacks)."""
    rows = without_setbacks(Reassessment.objects.order_by("asked_at", "pk"), Work.ASSESSMENT)
    return list(rows.values_list("pk", flat=True)[:limit])


@transaction_required
def look_again(*, asked_id: UUID, now: datetime) -> bool:
    """Judge a referral again and settle its order; the request is gone with it, whatever comes of it."""
    asked = Reassessment.objects.filter(pk=asked_id).first()
    if asked is None:
        return False
    referral = lock_referral(asked.referral_id)
    asked.delete()
    view = read_order(facts_of(referral.order))
    if view is None or _is_given(referral) or not judge_again(referral=referral, view=view, now=now):
        return False
    settle_locked(order=referral.order, referral=referral, now=now, by=SYSTEM)
    return True


def _is_given(referral: Referral) -> bool:
    """All of it is with the people: whatever came to light since, there is nothing left to stop."""
    states = set(Reward.objects.filter(referral=referral).values_list("state", flat=True))
    return bool(states) and not states & {*UNPAID, Reward.State.CANCELLED}


def due_reviews(*, now: datetime, limit: int) -> list[UUID]:
    """Open reviews whose time has come, the oldest first."""
    due = Q(pk=None)
    for policy in _policies():
        due |= Q(referral__program=policy.program_id) & _is_due(policy, now)
    rows = without_setbacks(_open().filter(due), Work.REVIEW)
    return list(rows.order_by("opened_at", "pk").values_list("pk", flat=True)[:limit])


def _open() -> QuerySet[Review]:
    rows: QuerySet[Review] = Review.objects.filter(state=Review.State.OPEN)
    return rows


def _policies() -> list[FraudPolicy]:
    programs = _open().values_list("referral__program_id", flat=True).distinct()
    return list(policies_of(programs).values())


def _is_due(policy: FraudPolicy, now: datetime) -> Q:
    to_remind, to_end = now - timedelta(days=policy.remind_days), now - timedelta(days=policy.void_days)
    lets_go, is_sample = _lets_go(policy), Q(cause=Review.Cause.SAMPLE)
    was_in_time = Q(release_at__gt=OuterRef("opened_at"))
    over = _held().filter(was_in_time, release_at__lte=now)
    over_before = _held().filter(~was_in_time)
    return (
        (lets_go & (Exists(over) | Q(Exists(over_before), opened_at__lte=to_remind)))
        | (~lets_go & Q(opened_at__lte=to_end))
        | (~lets_go & ~is_sample & Q(reminded_at=None, opened_at__lte=to_remind))
    )


def _lets_go(policy: FraudPolicy) -> Q:
    """As rewards.review_selectors.releases_by_itself says of one."""
    if not policy.medium_releases:
        return Q(pk=None)
    return Q(level=Review.Level.MEDIUM, cause__in=[Review.Cause.SCORE, Review.Cause.LIST])


def _held() -> QuerySet[Reward]:
    """Rewards that a review stops; made for each question."""
    stopped = RewardBlock.objects.filter(reward=OuterRef("pk"), kind=RewardBlock.Kind.REVIEW, lifted_at=None)
    rows: QuerySet[Reward] = Reward.objects.filter(Exists(stopped), referral=OuterRef("referral"))
    return rows.filter(release_at__isnull=False)


@transaction_required
def move_on(*, review_id: UUID, now: datetime) -> bool:
    """Do what is due with one review. False: somebody was faster, or it is not due any more."""
    review = Review.objects.filter(pk=review_id).first()
    if review is None:
        return False
    held = lock_review(review)
    if held.review.state != Review.State.OPEN:
        return False
    policy = policy_of(held.referral.program_id)
    told = countdown(held.review, policy, None)
    if told.then == Unanswered.RELEASED:
        return _let_go_over(held, policy, now)
    if told.at is not None and told.at <= now:
        return _end(held, told, now)
    return _remind(held, told, now)


def _let_go_over(held: Held, policy: FraudPolicy, now: datetime) -> bool:
    """What of it has its hold over goes on; when nothing is left to wait for, nobody needs to look any more."""
    review, stopped = held.review, stopped_by_review(held.rewards)
    over = [reward for reward in held.rewards if reward.pk in stopped and _is_over(reward, review, policy, now)]
    if not over:
        return False
    for reward in over:
        if reward.side == Reward.Side.ADVOCATE:
            review.advocate_ok = True
        else:
            review.friend_ok = True
    if len(over) == len(stopped):
        review.state, review.decided_at, review.decided_by = Review.State.LAPSED, now, SYSTEM
    review.save()
    let_go(over, now=now, by=SYSTEM)
    if review.state == Review.State.LAPSED:
        announce("review.lapsed", review, now=now, by=SYSTEM, released=True)
    return True


def _is_over(reward: Reward, review: Review, policy: FraudPolicy, now: datetime) -> bool:
    if reward.release_at is None:
        return False
    ends_at = countdown(review, policy, reward.release_at).at
    return ends_at is not None and ends_at <= now


def _end(held: Held, told: Countdown, now: datetime) -> bool:
    review = held.review
    is_sample = told.then == Unanswered.CLOSED
    review.state = Review.State.LAPSED if is_sample else Review.State.VOIDED
    review.decided_at, review.decided_by = now, SYSTEM
    if is_sample:
        review.save()
        announce("review.lapsed", review, now=now, by=SYSTEM, released=False)
        return True
    _refuse_open_sides(review)
    review.told = True
    review.appeal_answered_at = now if review.appealed_at else None
    review.save()
    for reward in held.rewards:
        if sides_of(review)[reward.side] is False and is_refusable(reward):
            reject_reward(reward=reward, reason="", by=SYSTEM, now=now)
    let_go(held.rewards, now=now, by=SYSTEM)
    announce("review.voided", review, now=now, by=SYSTEM, told=True)
    return True


def _refuse_open_sides(review: Review) -> None:
    """A side that was given stays given."""
    review.advocate_ok = bool(review.advocate_ok)
    review.friend_ok = bool(review.friend_ok)


def _remind(held: Held, told: Countdown, now: datetime) -> bool:
    if told.remind_at is None or told.remind_at > now:
        return False
    held.review.reminded_at = now
    held.review.save(update_fields=["reminded_at"])
    ends = told.at.isoformat() if told.at else None
    announce("review.reminded", held.review, now=now, by=SYSTEM, void_at=ends)
    return True


def next_review_at(*, now: datetime) -> datetime | None:
    """When (business time) the next review is to be moved on. ``now``: at once, where a batch was not enough."""
    if asked_again(limit=1) or due_reviews(now=now, limit=1):
        return now
    return min((at for policy in _policies() for at in _next_of(policy, now)), default=None)


def _next_of(policy: FraudPolicy, now: datetime) -> list[datetime]:
    of_program = _open().filter(referral__program=policy.program_id)
    lets_go = _lets_go(policy)
    staying = of_program.exclude(lets_go)
    ends = [
        (staying.filter(reminded_at=None).exclude(cause=Review.Cause.SAMPLE), policy.remind_days),
        (staying, policy.void_days),
        (of_program.filter(lets_go, Exists(_held().filter(release_at__lte=OuterRef("opened_at")))), policy.remind_days),
    ]
    times = [(rows.aggregate(at=Min("opened_at"))["at"], days) for rows, days in ends]
    due = [at + timedelta(days=days) for at, days in times if at is not None]
    return [at for at in [*due, *_holds_of(of_program.filter(lets_go))] if at > now]


def _holds_of(reviews: QuerySet[Review]) -> list[datetime]:
    stopped = RewardBlock.objects.filter(reward=OuterRef("pk"), kind=RewardBlock.Kind.REVIEW, lifted_at=None)
    held = Reward.objects.filter(Exists(stopped), referral__in=reviews.values("referral"))
    at = held.aggregate(at=Min("release_at"))["at"]
    return [at] if at else []
