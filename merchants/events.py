"""The event log with a lossless outbox: the row, its audit line and what must leave are one transaction."""

from __future__ import annotations

from collections.abc import Iterator
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
    last = Event.objects.filter(subject_id=subject.pk).aggregate(last=Max("seq"))["last"] or 0
    event: Event = Event.objects.create(
        code=code,
        subject_kind=subject._meta.model_name,
        subject_id=subject.pk,
        seq=last + 1,
        at=now,
        by=by,
        data=data or {},
    )
    readers = _readers_of(code)
    if readers:
        due_at = database_now()
        Outbox.objects.bulk_create(Outbox(event=event, reader=name, due_at=due_at) for name in readers)
        wake("outbox", due_at=due_at, real_now=due_at)
    return event


def _readers_of(code: str) -> list[str]:
    if _untold.get():
        return []
    return [name for name, path in settings.EVENT_READERS.items() if import_string(path)(code)]
