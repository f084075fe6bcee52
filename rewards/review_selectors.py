"""Reads about reviews: what is open, what money waits for it, what is like it, and what happens when nobody decides."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Min, Q, QuerySet, Sum

from kit.asked import asked_often
from rewards.models import Reward, RewardBlock
from tracking.models import FraudPolicy, OrderTrace, Referral, Review
from tracking.rules.fraud import Signal

#: Not with the person yet: what a decision is about.
UNPAID = (Reward.State.HELD, Reward.State.RELEASED, Reward.State.FULFILLING, Reward.State.FAILED)
#: What it takes to show a review without asking again.
_NEEDS = ("advocate__customer", "referral__order", "referral__program", "referral__friend", "referral__link")
MOST_SIMILAR = 5
#: So many of the newest orders from the same address are looked through for reviews.
MOST_COMPARED = 500


def every_review() -> QuerySet[Review]:
    rows: QuerySet[Review] = Review.objects.select_related(*_NEEDS)
    return rows


def reviews_open(*, samples: bool = False) -> QuerySet[Review]:
    """What waits for a person; the samples of what had passed apart."""
    rows = every_review().filter(state=Review.State.OPEN)
    is_sample = {"cause": Review.Cause.SAMPLE}
    return rows.filter(**is_sample) if samples else rows.exclude(**is_sample)


def reviews_decided() -> QuerySet[Review]:
    """Whoever or whatever ended them."""
    return every_review().exclude(state=Review.State.OPEN)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of one unit waits for a decision (minor units where it is a currency)."""

    unit: str
    amount_minor: int


def money_waiting(rewards: Iterable[Reward]) -> list[Waiting]:
    """Of one referral's rewards that were read already: what ``money_waiting_of`` says of many reviews."""
    sums: dict[str, int] = {}
    for reward in rewards:
        if reward.state in UNPAID and reward.amount_minor > 0:
            sums[reward.unit] = sums.get(reward.unit, 0) + reward.amount_minor
    return [Waiting(unit, total) for unit, total in sorted(sums.items())]


def money_waiting_of(reviews: Collection[Review]) -> dict[UUID, list[Waiting]]:
    """By review, in one query; never a sum across units. What was refused counts with what it would be."""
    by_referral = {review.referral_id: review.pk for review in reviews}
    found: dict[UUID, list[Waiting]] = {review.pk: [] for review in reviews}
    rewards = Reward.objects.filter(referral_id__in=by_referral, state__in=UNPAID, amount_minor__gt=0)
    sums = rewards.values("referral_id", "unit").annotate(total=Sum("amount_minor")).order_by("unit")
    for row in sums:
        found[by_referral[row["referral_id"]]].append(Waiting(row["unit"], row["total"]))
    return found


def similar_cases(review: Review) -> list[Review]:
    """What was decided last about the same advocate, then about others with one of the same signals."""
    same_advocate = _decided_of(review.advocate_id, review.pk)
    codes = {signal["code"] for signal in _signals(review)}
    recent = _decided_of_others(review.advocate_id) if codes else []
    alike = [row for row in recent if codes & {signal["code"] for signal in _signals(row)}]
    return [*same_advocate, *alike][:MOST_SIMILAR]


@asked_often
def _decided_of(advocate_id: UUID, but: UUID) -> QuerySet[Review]:
    rows = reviews_decided().filter(advocate=advocate_id).exclude(pk=but)
    return rows.order_by("-decided_at")[:MOST_SIMILAR]


@asked_often
def _decided_of_others(advocate_id: UUID) -> QuerySet[Review]:
    return reviews_decided().exclude(advocate=advocate_id).order_by("-opened_at", "-pk")[: MOST_SIMILAR * 20]


def from_same_address(review: Review) -> list[Review]:
    """Others whose order came from the very internet address of this one, open ones too. Hashes alone are compared:
    this one's, also under the secrets of the weeks before; what came weeks later knows this one, not the other way."""
    trace = OrderTrace.objects.filter(order=review.referral.order_id).first()
    hashes = {trace.address, *(pair[0] for pair in trace.earlier.values())} - {""} if trace else ()
    if not hashes:
        return []
    same = OrderTrace.objects.filter(address__in=hashes).exclude(address="").exclude(order=review.referral.order_id)
    newest = same.order_by("-at").values("order")[:MOST_COMPARED]
    others = Review.objects.filter(referral__order__in=newest).select_related(*_NEEDS)
    return list(others.order_by("-opened_at", "-pk")[:MOST_SIMILAR])


def of_the_circle(review: Review) -> list[Review]:
    """Where people refer each other, the cases next to this one, open ones too: whom the friend brought, and who
    brought the advocate."""
    friend_id = review.referral.friend_id
    if friend_id is None or not any(signal["code"] == Signal.RING for signal in _signals(review)):
        return []
    beside = Q(advocate__customer=friend_id) | Q(referral__friend=review.advocate.customer_id)
    others = Review.objects.filter(beside).exclude(pk=review.pk).select_related(*_NEEDS)
    return list(others.order_by("-opened_at", "-pk")[:MOST_SIMILAR])


def _signals(review: Review) -> list[dict[str, Any]]:
    return list(review.referral.assessment.get("signals", []))


class Unanswered(StrEnum):
    """What becomes of an open review that nobody answers."""

    RELEASED = "released"
    REFUSED = "refused"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Countdown:
    """``at``: empty where it follows a hold whose end is not known yet; where the hold was over before the review was
    opened, the team has until the day it would be reminded. ``remind_at``: empty where nobody is (any more)."""

    then: Unanswered
    at: datetime | None
    remind_at: datetime | None


def policy_of(program_id: UUID) -> FraudPolicy:
    """The program's, or one that was never saved with the defaults."""
    return next(iter(_policies_of(program_id)), None) or FraudPolicy(program_id=program_id)


@asked_often
def _policies_of(program_id: UUID) -> QuerySet[FraudPolicy]:
    """One at most, as the constraint says."""
    rows: QuerySet[FraudPolicy] = FraudPolicy.objects.filter(program=program_id)
    return rows


def policies_of(program_ids: Iterable[UUID]) -> dict[UUID, FraudPolicy]:
    wanted = set(program_ids)
    found = {policy.program_id: policy for policy in FraudPolicy.objects.filter(program__in=wanted)}
    return {pk: found.get(pk) or FraudPolicy(program_id=pk) for pk in wanted}


def releases_by_itself(review: Review, policy: FraudPolicy) -> bool:
    """Medium by its signals alone. What could not be judged, or came with too many others, never does."""
    by_score = review.cause in (Review.Cause.SCORE, Review.Cause.LIST)
    return by_score and review.level == Review.Level.MEDIUM and policy.medium_releases


def countdown(review: Review, policy: FraudPolicy, hold_ends_at: datetime | None) -> Countdown:
    """``hold_ends_at``: see ``hold_ends``."""
    remind_at = review.opened_at + timedelta(days=policy.remind_days)
    void_at = review.opened_at + timedelta(days=policy.void_days)
    if review.cause == Review.Cause.SAMPLE:
        return Countdown(Unanswered.CLOSED, void_at, None)
    if releases_by_itself(review, policy):
        is_late = hold_ends_at is not None and hold_ends_at <= review.opened_at
        return Countdown(Unanswered.RELEASED, remind_at if is_late else hold_ends_at, None)
    return Countdown(Unanswered.REFUSED, void_at, None if review.reminded_at else remind_at)


def hold_ends(reviews: Collection[Review]) -> dict[UUID, datetime]:
    """When the first reward that a review stops could be released, by review."""
    by_referral = {review.referral_id: review.pk for review in reviews}
    rewards = Reward.objects.filter(referral_id__in=by_referral, state__in=UNPAID, release_at__isnull=False)
    rows = rewards.values("referral_id").annotate(at=Min("release_at"))
    return {by_referral[row["referral_id"]]: row["at"] for row in rows}


def review_of(referral: Referral) -> Review | None:
    return next(iter(_reviews_of(referral.pk)), None) if referral.has_review else None


@asked_often
def _reviews_of(referral_id: UUID) -> QuerySet[Review]:
    """One at most, as the constraint says."""
    rows: QuerySet[Review] = Review.objects.filter(referral=referral_id)
    return rows


def stopped_by_review(rewards: Iterable[Reward]) -> set[UUID]:
    """Which of them carry an open REVIEW block."""
    open_blocks = RewardBlock.objects.filter(reward__in=list(rewards), kind=RewardBlock.Kind.REVIEW, lifted_at=None)
    return set(open_blocks.values_list("reward_id", flat=True))
