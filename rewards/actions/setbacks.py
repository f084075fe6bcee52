"""What broke in a sweep: noted, tried again with growing pauses, and set aside for a person after the last of them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db.models import Exists, Min, Model, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from kit.clock import database_now
from kit.many import any_of
from kit.patience import MOST_ATTEMPTS, pause_after, words_of
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from merchants.wakeups import wake
from rewards.locks import setback_for_update
from rewards.models import Reward, Setback
from tracking.models import Order, Reassessment, Review

Work = Setback.Work
M = TypeVar("M", bound=Model)
#: Longer than a sweep needs from looking what is due to this.
PASSED = timedelta(minutes=1)
#: At one press: each is an event and a try of its own. The rest is there for the next press.
MOST_PUT_BACK = 200
#: Which sweep does it.
SWEEP_OF = {
    Work.ASSESSMENT: "review",
    Work.REVIEW: "review",
    Work.REVIVED: "release",
    Work.UNSHIPPED: "release",
}


class NotAside(Exception):
    """It is not set aside (any more): HTTP 409."""


def without_setbacks(rows: QuerySet[M], work: Work, *, about: str = "pk") -> QuerySet[M]:
    """Those whose turn it is: neither set aside nor waiting for their next try."""
    waits = Q(set_aside_at__isnull=False) | Q(next_try_at__gt=Now())
    return rows.exclude(Exists(Setback.objects.filter(waits, work=work, about=OuterRef(about))))


def setbacks_aside() -> QuerySet[Setback]:
    """What waits for a person, the oldest first."""
    rows: QuerySet[Setback] = Setback.objects.filter(_still_to_do(), set_aside_at__isnull=False)
    return rows.order_by("set_aside_at", "pk")


def next_try_at(works: Collection[Work]) -> datetime | None:
    """Real time."""
    waiting = Setback.objects.filter(work__in=works, set_aside_at=None)
    at: datetime | None = waiting.aggregate(at=Min("next_try_at"))["at"]
    return at


@transaction_required
def known_setbacks(*, work: Work, due: Collection[UUID]) -> set[UUID]:
    """About what there is one; those that need nobody any more are forgotten.

    So are those whose pause is long over and that are not ``due``: it was shipped meanwhile, or has more time now. They
    would call for a sweep every few seconds in which nothing is done.
    """
    of_work = Setback.objects.filter(work=work)
    of_work.exclude(_still_to_do()).delete()
    of_work.filter(set_aside_at=None, next_try_at__lt=database_now() - PASSED).exclude(any_of("about", due)).delete()
    return set(of_work.values_list("about", flat=True))


def _still_to_do() -> Q:
    about = OuterRef("about")
    asked, waiting = Reassessment.objects.filter(pk=about), Review.objects.filter(pk=about, state=Review.State.OPEN)
    return (
        Q(Exists(asked), work=Work.ASSESSMENT)
        | Q(Exists(waiting), work=Work.REVIEW)
        | Q(Exists(Reward.objects.filter(order=about, is_revived=True)), work=Work.REVIVED)
        | Q(Exists(Order.objects.filter(pk=about, unshipped_told_at=None)), work=Work.UNSHIPPED)
    )


@transaction_required
def forget_setback(*, work: Work, about: UUID) -> None:
    """It was done after all."""
    Setback.objects.filter(work=work, about=about).delete()


@transaction_required
def note_setback(*, work: Work, about: UUID, trouble: Exception, now: datetime) -> Setback:
    """It broke and was rolled back: try again later, or set it aside after the last try."""
    real_now = database_now()
    first = {"since": now, "broke_at": now, "next_try_at": real_now, "error": ""}
    found, _is_new = Setback.objects.get_or_create(work=work, about=about, defaults=first)
    setback = setback_for_update(found.pk)
    setback.attempts += 1
    setback.error, setback.broke_at = words_of(trouble), now
    setback.next_try_at = real_now + pause_after(setback.attempts)
    if setback.attempts >= MOST_ATTEMPTS and setback.set_aside_at is None:
        setback.set_aside_at = now
        data = {"work": work, "about": str(about), "reason": type(trouble).__name__}
        record("setback.set_aside", subject=setback, by=SYSTEM, now=now, data=data)
    setback.save()
    return setback


@transaction_required
def put_back(*, setback: Setback, by: str, now: datetime) -> Setback:
    """From the beginning, at once. Raises NotAside."""
    locked = setback_for_update(setback.pk)
    if locked.set_aside_at is None:
        raise NotAside
    locked.attempts, locked.set_aside_at, locked.next_try_at = 0, None, database_now()
    locked.save(update_fields=["attempts", "set_aside_at", "next_try_at"])
    record("setback.put_back", subject=locked, by=by, now=now, data={"work": locked.work, "about": str(locked.about)})
    wake(SWEEP_OF[Work(locked.work)], due_at=locked.next_try_at)
    return locked


@transaction_required
def put_all_back(*, by: str, now: datetime) -> int:
    """Everything that is set aside and still to be done, the oldest first. Gives how many; others may be at some."""
    return sum(_is_put_back(setback, by=by, now=now) for setback in setbacks_aside()[:MOST_PUT_BACK])


def _is_put_back(setback: Setback, *, by: str, now: datetime) -> bool:
    try:
        put_back(setback=setback, by=by, now=now)
    except (NotAside, Setback.DoesNotExist):
        return False
    return True
