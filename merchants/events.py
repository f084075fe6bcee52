"""The event log with a lossless outbox: the row, its audit line and what must leave are one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Max, QuerySet
from django.utils.module_loading import import_string

from kit.asked import asked_often
from kit.clock import database_now
from kit.ids import uuid7
from kit.many import any_of, columns, insert_many
from kit.tenancy import transaction_required
from merchants.models import Event, Outbox, TenantModel
from merchants.wakeups import wake

Data = dict[str, Any]

SYSTEM = "system"
SHOP = "shop"
_untold: ContextVar[bool] = ContextVar("events_untold", default=False)


@contextmanager
def told_to_nobody() -> Iterator[None]:
    """Events inside are recorded and reach no reader: a past that is played has long been mailed."""
    token = _untold.set(True)
    try:
        yield
    finally:
        _untold.reset(token)


#: Somebody who typed an address into the portal. Their mailed link completes what they began.
SIGN_UP = "sign-up"


def by_user(user_id: UUID) -> str:
    return f"user:{user_id}"


def by_advocate(advocate_id: UUID) -> str:
    return f"advocate:{advocate_id}"


def by_api_key(key_id: UUID) -> str:
    return f"api:{key_id}"


@transaction_required
def record(
    code: str,
    *,
    subject: TenantModel,
    by: str,
    now: datetime,
    data: dict[str, Any] | None = None,
    is_first: bool = False,
) -> Event:
    """Append one event and one outbox row per registered reader that wants it.

    The caller holds the subject's lock, so ``seq`` cannot be given twice; the unique constraint stands behind it.
    ``data`` carries ids, amounts and reason codes only. ``is_first``: the subject has just been made, so nobody looks
    for what was said of it before.
    """
    last = 0 if is_first else max((seq for (seq,) in _newest_seq(subject.pk)), default=0)
    event: Event = Event.objects.create(
        code=code,
        subject_kind=subject._meta.model_name,
        subject_id=subject.pk,
        seq=last + 1,
        at=now,
        by=by,
        data=data or {},
    )
    _ring_bells(code, [subject.pk])
    _hand_out(code, [event.pk])
    return event


@asked_often
def _newest_seq(subject_id: UUID) -> QuerySet[Any]:
    return Event.objects.filter(subject_id=subject_id).order_by("-seq").values_list("seq")[:1]


@transaction_required
def record_many(code: str, *, told: Iterable[tuple[TenantModel, Data]], by: str, now: datetime) -> None:
    """``record()`` for many subjects of one kind, each with its data: as few statements as for one, and one wake-up.

    The caller holds every subject's lock. A subject may come more than once: its events then follow each other.
    """
    told = list(told)
    if not told:
        return
    ids = [uuid7() for _ in told]
    same = {"code": code, "subject_kind": told[0][0]._meta.model_name, "at": now, "by": by}
    subjects = [subject.pk for subject, _ in told]
    data = [data for _, data in told]
    each: dict[str, list[Any]] = {"id": ids, "subject_id": subjects, "seq": _next_seqs(subjects), "data": data}
    insert_many(Event, same=same, each=each)
    _ring_bells(code, subjects)
    _hand_out(code, ids)


def _next_seqs(subject_ids: list[UUID]) -> list[int]:
    """For each in turn the number that follows its newest event."""
    rows = Event.objects.filter(any_of("subject_id", set(subject_ids))).values_list("subject_id")
    last = Counter[UUID](dict(rows.annotate(last=Max("seq"))))
    seqs = []
    for subject_id in subject_ids:
        last[subject_id] += 1
        seqs.append(last[subject_id])
    return seqs


@transaction_required
def noticed(code: str, *, subject: TenantModel) -> None:
    """Something changed that is no line of the log; those who keep copies are told all the same."""
    _ring_bells(code, [subject.pk])


def _ring_bells(code: str, subject_ids: list[UUID]) -> None:
    """Those who keep copies forget them right after the commit; what they miss by dying, the outbox brings."""
    for path in settings.EVENT_BELLS:
        import_string(path)(code, subject_ids)


def _hand_out(code: str, event_ids: list[UUID]) -> None:
    readers = _readers_of(code)
    if readers:
        due_at = database_now()
        rows = [(uuid7(), event_id, name) for event_id in event_ids for name in readers]
        insert_many(Outbox, same={"due_at": due_at}, each=columns(("id", "event_id", "reader"), rows))
        wake("outbox", due_at=due_at, real_now=due_at)


def _readers_of(code: str) -> list[str]:
    if _untold.get():
        return []
    return [name for name, path in settings.EVENT_READERS.items() if import_string(path)(code)]
