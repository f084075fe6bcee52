"""What people decide about a review, and how they take it back. One decision at a time, under the order's own locks.

Order of effects of a decision: locks (order, friend, referral, advocate, rewards), the review's row, refusals and
pardons of its rewards (each settles the order), blocks lifted, trust, events. The second of two people is told that it
is done (ReviewStateError, HTTP 409).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kit.tenancy import transaction_required
from kit.text import clean_text
from rewards.actions.rejection import reject_reward, undo_rejection
from rewards.actions.review_hold import (
    STOPPABLE,
    Held,
    announce,
    follow_assessment,
    is_refusable,
    let_go,
    lock_referral,
    lock_review,
    reopen,
    sides_of,
    start_review,
    stop_for_review,
    wake_review,
)
from rewards.actions.settle import settle_locked
from rewards.actions.trust import renew_trust
from rewards.locks import rewards_of_referral_for_update
from rewards.models import Reward
from rewards.review_selectors import review_of, stopped_by_review
from tracking.models import Referral, Review
from tracking.rules import Reason

__all__ = [
    "LONGEST_APPEAL",
    "LONGEST_NOTE",
    "ReviewStateError",
    "ask_second_look",
    "can_ask_second_look",
    "decide",
    "end_review_of",
    "follow_assessment",
    "review_reward",
    "undo",
    "why_not",
]

LONGEST_NOTE = 500
LONGEST_APPEAL = 1000
GONE = (Reward.State.FULFILLING, Reward.State.FULFILLED, Reward.State.REVERSED, Reward.State.EXPIRED)
#: Somebody of the team may give these nevertheless: a family shares a card, a list was too wide.
PARDONABLE = frozenset({Reason.SAME_CARD, Reason.SAME_PAYOUT_ACCOUNT, Reason.BLOCK_LISTED})


class ReviewStateError(Exception):
    """The review is not where this can be done (any more): HTTP 409. ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction_required
def decide(
    *,
    review: Review,
    advocate_ok: bool | None,
    friend_ok: bool | None,
    note: str = "",
    tell: bool = True,
    now: datetime,
    by: str,
) -> Review:
    """Give or refuse each side; None leaves a side as it is. It is over when no side with something to gain is open.

    What is refused is worth nothing whatever the order does; what is with the person already stays there.
    """
    held = lock_review(review)
    if held.review.state != Review.State.OPEN:
        raise ReviewStateError("already_decided")
    if advocate_ok is None and friend_ok is None:
        raise ReviewStateError("nothing_decided")
    _refuse_certain(held, advocate_ok, friend_ok)
    _note_sides(held.review, advocate_ok, friend_ok, note=note, told=tell)
    _close_if_done(held, now=now, by=by)
    held.review.save()
    _apply(held, now=now, by=by)
    if held.review.state != Review.State.OPEN:
        _tell_decided(held.review, now=now, by=by)
        renew_trust(held.review.advocate_id, now=now)
    return held.review


def why_not(review: Review, *, ok: bool) -> str:
    """Why it cannot be given, or refused, as things stand: a code of ReviewStateError. Empty: it can be done."""
    if review.state != Review.State.OPEN:
        return "already_decided"
    return "blocked_for_certain" if ok and _is_certain(review.referral) else ""


def _refuse_certain(held: Held, advocate_ok: bool | None, friend_ok: bool | None) -> None:
    if (advocate_ok or friend_ok) and _is_certain(held.referral):
        raise ReviewStateError("blocked_for_certain")


def _is_certain(referral: Referral) -> bool:
    """Who had bought before had bought before: nobody can decide that away."""
    is_blocked = referral.state == Referral.State.BLOCKED
    return is_blocked and referral.reasons[:1] not in [[reason] for reason in PARDONABLE]


def _note_sides(review: Review, advocate_ok: bool | None, friend_ok: bool | None, *, note: str, told: bool) -> None:
    review.advocate_ok = review.advocate_ok if advocate_ok is None else advocate_ok
    review.friend_ok = review.friend_ok if friend_ok is None else friend_ok
    review.note = clean_text(note.strip(), max_length=LONGEST_NOTE) or review.note
    review.told = told


def _close_if_done(held: Held, *, now: datetime, by: str) -> None:
    """Done once each side that has something to gain is decided; before there are rewards, once the advocate's is."""
    review, sides = held.review, sides_of(held.review)
    concerned = {reward.side for reward in held.rewards} or {Reward.Side.ADVOCATE.value}
    if any(sides[side] is None for side in concerned):
        return
    is_refused = review.advocate_ok is False or (review.advocate_ok is None and review.friend_ok is False)
    review.state = Review.State.REFUSED if is_refused else Review.State.CLEARED
    review.decided_at, review.decided_by = now, by
    if review.appealed_at:
        review.appeal_answered_at = now


def _apply(held: Held, *, now: datetime, by: str) -> None:
    """Bring the rewards to what was decided for their sides."""
    sides = sides_of(held.review)
    for reward in held.rewards:
        ok = sides[reward.side]
        if ok is False and is_refusable(reward):
            reject_reward(reward=reward, reason=held.review.note, by=by, now=now)
        elif ok is True and reward.rejected_at:
            undo_rejection(reward=reward, by=by, now=now)
    _settle(held, now=now, by=by)
    fresh = rewards_of_referral_for_update(held.referral.pk)
    let_go([reward for reward in fresh if sides[reward.side] is not None], now=now, by=by)


def _settle(held: Held, *, now: datetime, by: str) -> None:
    """Where a card, an account or a list said no, the decision itself is made anew with what people said about it."""
    order, referral = held.referral.order, held.referral
    if held.review.cause == Review.Cause.APPEAL and not held.rewards:
        order.evidence_key = ""
        order.save(update_fields=["evidence_key"])
    settle_locked(order=order, referral=referral, now=now, by=by)


def _tell_decided(review: Review, *, now: datetime, by: str) -> None:
    code = "review.refused" if review.state == Review.State.REFUSED else "review.cleared"
    said = {"advocate_ok": review.advocate_ok, "friend_ok": review.friend_ok, "told": review.told}
    announce(code, review, now=now, by=by, **said, is_appeal=review.appealed_at is not None)


@transaction_required
def undo(*, review: Review, now: datetime, by: str) -> Review:
    """As if nobody had decided: open again, and what is not with anybody yet is stopped again."""
    held = lock_review(review)
    found = held.review
    if found.state not in (Review.State.CLEARED, Review.State.REFUSED, Review.State.VOIDED):
        raise ReviewStateError("not_decided")
    given = [side for side, ok in sides_of(found).items() if ok]
    if any(reward.state in GONE and reward.side in given for reward in held.rewards):
        raise ReviewStateError("already_paid")
    refused = [side for side, ok in sides_of(found).items() if ok is False]
    reopen(found, now)
    found.undone_at = now
    found.save()
    announce("review.undone", found, now=now, by=by)
    _take_back(held, refused, now=now, by=by)
    renew_trust(found.advocate_id, now=now)
    return found


def _take_back(held: Held, refused: Sequence[str], *, now: datetime, by: str) -> None:
    for reward in held.rewards:
        if reward.side in refused and reward.rejected_at:
            undo_rejection(reward=reward, by=by, now=now)
    _settle(held, now=now, by=by)
    fresh = rewards_of_referral_for_update(held.referral.pk)
    if held.review.stops_rewards:
        stop_for_review(held.review, fresh, now=now, by=by)
    wake_review(held.review, fresh, now)


def can_ask_second_look(referral: Referral, review: Review | None) -> bool:
    """Declined, and not asked before. What a person has to do with it is told nobody."""
    if review is not None and review.appealed_at:
        return False
    if review is not None and review.state in (Review.State.REFUSED, Review.State.VOIDED):
        return review.advocate_ok is False
    return referral.state == Referral.State.BLOCKED


@transaction_required
def ask_second_look(*, referral: Referral, text: str, now: datetime, by: str) -> Review:
    """The advocate asks once that somebody looks again at a declined referral; nothing is given back by asking."""
    locked = lock_referral(referral.pk)
    review = review_of(locked) or _review_of_blocked(locked, now=now, by=by)
    held = lock_review(review)
    found = held.review
    if not can_ask_second_look(held.referral, found):
        raise ReviewStateError("second_look_not_possible")
    reopen(found, now, keeps_sides=True)
    found.cause, found.appealed_at = Review.Cause.APPEAL, now
    found.appeal_text = clean_text(text.strip(), max_length=LONGEST_APPEAL)
    found.save()
    announce("review.second_look_asked", found, now=now, by=by)
    wake_review(found, held.rewards, now)
    return found


def _review_of_blocked(referral: Referral, *, now: datetime, by: str) -> Review:
    if not can_ask_second_look(referral, None):
        raise ReviewStateError("second_look_not_possible")
    return start_review(referral=referral, cause=Review.Cause.APPEAL, level=Review.Level.PASS, score=0, now=now, by=by)


@transaction_required
def review_reward(*, reward: Reward, reason: str, now: datetime, by: str) -> Review:
    """Somebody of the team wants the referral behind a reward looked at: the review stops what of it is undelivered."""
    assert reward.referral is not None, "what was given for no order is stopped as such (rewards.actions.blocks)"
    if reward.state not in STOPPABLE:
        raise ReviewStateError("reward_not_stoppable")
    referral = lock_referral(reward.referral.pk)
    review = review_of(referral) or start_review(
        referral=referral, cause=Review.Cause.HAND, level=Review.Level.MEDIUM, score=0, now=now, by=by
    )
    held = lock_review(review)
    found = held.review
    if reward.pk in stopped_by_review(held.rewards):
        raise ReviewStateError("already_stopped")
    reopen(found, now)
    found.cause = Review.Cause.HAND
    found.note = clean_text(reason.strip(), max_length=LONGEST_NOTE) or found.note
    found.save()
    stop_for_review(found, held.rewards, now=now, by=by)
    wake_review(found, held.rewards, now)
    return found


@transaction_required
def end_review_of(*, reward: Reward, now: datetime, by: str) -> Review | None:
    """The button on a reward's own page: its side of the review is fine. None: its referral has no open review."""
    review = review_of(reward.referral) if reward.referral else None
    if review is None or not review.stops_rewards:
        return None
    is_advocates = reward.side == Reward.Side.ADVOCATE
    return decide(
        review=review,
        advocate_ok=True if is_advocates else None,
        friend_ok=None if is_advocates else True,
        tell=False,
        now=now,
        by=by,
    )
