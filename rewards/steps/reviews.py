"""What happens to reviews without anybody: reminders, what is let go at the end of its hold, what is refused at last.

Each review in its own transaction under its order's locks, so the sweep may run twice, late or half: what somebody
decided meanwhile is found decided. One that breaks is set aside after a while and stops none of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from uuid import UUID

from kit.clock import now_for, real_time
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.models import Merchant, merchant_of
from rewards.actions.review_sweep import BATCH, asked_again, due_reviews, look_again, move_on, next_review_at
from rewards.actions.reviews import ReviewStateError, decide, undo
from rewards.actions.setbacks import Work, next_try_at
from rewards.steps.one_by_one import each
from tracking.models import Review


@transaction_forbidden
def sweep(ref: TenantRef) -> datetime | None:
    """Judge again what was asked for, then remind, let go and refuse. Returns when (real time) the next is due."""
    merchant = merchant_of(ref)
    asked = in_tenant_transaction(ref, lambda: asked_again(limit=BATCH))
    each(ref, work=Work.ASSESSMENT, about=asked, act=lambda pk, now: look_again(asked_id=pk, now=now))
    due = in_tenant_transaction(ref, lambda: due_reviews(now=now_for(merchant), limit=BATCH))
    each(ref, work=Work.REVIEW, about=due, act=lambda pk, now: move_on(review_id=pk, now=now))
    next_at = in_tenant_transaction(ref, lambda: next_review_at(now=now_for(merchant)))
    again_at = in_tenant_transaction(ref, lambda: next_try_at([Work.ASSESSMENT, Work.REVIEW]))
    return min(filter(None, [next_at and real_time(next_at, merchant), again_at]), default=None)


#: What is done to one review at a moment.
Act = Callable[[Review, datetime], Review]


@dataclass(frozen=True, slots=True)
class Done:
    """``late``: review id -> why it could not be done any more (a code of ReviewStateError)."""

    done: int = 0
    late: dict[UUID, str] = field(default_factory=dict)


@transaction_forbidden
def decide_many(
    ref: TenantRef,
    *,
    review_ids: Collection[UUID],
    advocate_ok: bool | None,
    friend_ok: bool | None,
    note: str = "",
    tell: bool = True,
    by: str,
) -> Done:
    """The same for each, one transaction each: what somebody else decided meanwhile stops none of the others."""

    def act(review: Review, now: datetime) -> Review:
        sides = {"advocate_ok": advocate_ok, "friend_ok": friend_ok}
        return decide(review=review, **sides, note=note, tell=tell, now=now, by=by)

    return _each(ref, review_ids, act)


@transaction_forbidden
def undo_many(ref: TenantRef, *, review_ids: Collection[UUID], by: str) -> Done:
    return _each(ref, review_ids, lambda review, now: undo(review=review, now=now, by=by))


def _each(ref: TenantRef, review_ids: Collection[UUID], act: Act) -> Done:
    merchant, late, done = merchant_of(ref), {}, 0
    for review_id in review_ids:
        try:
            done += in_tenant_transaction(ref, partial(_one, review_id, merchant, act))
        except ReviewStateError as error:
            late[review_id] = error.code
    return Done(done, late)


def _one(review_id: UUID, merchant: Merchant, act: Act) -> int:
    review = Review.objects.filter(pk=review_id).first()
    if review is None:
        return 0
    act(review, now_for(merchant))
    return 1
