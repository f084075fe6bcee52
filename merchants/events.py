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
from django.db.models import Max
from django.utils.module_loading import import_string

from kit.clock import database_now
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
def record(code: str, *, subject: TenantModel, by: str, now: datetime, data: dict[str, Any] | None = None) -> Event:
    """Append one event and one outbox row per registered reader that wants it.

    The caller holds the subject's lock, so ``seq`` cannot be given twice; the unique constraint stands behind it.
    ``data`` carries ids, amounts and reason codes only.
    """
    return record_many(code, told=[(subject, data or {})], by=by, now=now)[0]


@transaction_required
def record_many(code: str, *, told: Iterable[tuple[TenantModel, Data]], by: str, now: datetime) -> list[Event]:
    """``record()`` for many subjects, each with its data: as many statements as for one, and one wake-up.

    The caller holds every subject's lock. A subject may come more than once: its events then follow each other.
    """
    told = list(told)
    last = _last_seqs({subject.pk for subject, _ in told})
    events = []
    for subject, data in told:
        last[subject.pk] += 1
        events.append(_event(code, subject, last[subject.pk], by, now, data))
    Event.objects.bulk_create(events)
    _hand_out(code, events)
    return events


def _last_seqs(subject_ids: set[UUID]) -> Counter[UUID]:
    """The number of each subject's newest event; none yet is 0."""
    rows = Event.objects.filter(subject_id__in=subject_ids).values_list("subject_id")
    return Counter(dict(rows.annotate(last=Max("seq"))))


def _event(code: str, subject: TenantModel, seq: int, by: str, now: datetime, data: Data) -> Event:
    return Event(
        code=code,
        subject_kind=subject._meta.model_name,
        subject_id=subject.pk,
        seq=seq,
        at=now,
        by=by,
        data=data,
    )


def _hand_out(code: str, events: list[Event]) -> None:
    readers = _readers_of(code) if events else []
    if readers:
        due_at = database_now()
        rows = [Outbox(event=event, reader=name, due_at=due_at) for event in events for name in readers]
        Outbox.objects.bulk_create(rows)
        wake("outbox", due_at=due_at, real_now=due_at)


def _readers_of(code: str) -> list[str]:
    if _untold.get():
        return []
    return [name for name, path in settings.EVENT_READERS.items() if import_string(path)(code)]
