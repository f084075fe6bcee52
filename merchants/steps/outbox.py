"""Hand events to their readers: each row at least once, none lost, a poisoned one set aside after eight tries.

A row is claimed in a short transaction (attempts and due time rise: the lease), handled outside of any transaction and
closed in another. A worker that dies in between leaves a row that comes up again when its lease ends.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import Min, QuerySet
from django.utils.module_loading import import_string

from kit.asked import asked_often
from kit.clock import database_now
from kit.many import columns, update_many
from kit.patience import MOST_ATTEMPTS, pause_after
from kit.tenancy import TenantRef, tenant_scope, tenant_transaction, transaction_forbidden
from kit.text import clean_text
from merchants.models import Outbox

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
#: Small: all rows of a batch share one lease, and mail servers are slow.
BATCH = 5
#: One sweep hands out at most this many batches, so that other merchants get their turn.
MOST_BATCHES = 40

Handler = Callable[..., None]
_ADDRESS = re.compile(r"[^\s<>,;:'\"()]+@[^\s<>,;:'\"()]+")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row in our hands; ``attempt`` proves it: whoever takes the row over after us has a higher one."""

    id: UUID
    reader: str
    attempt: int


@transaction_forbidden
def sweep(ref: TenantRef) -> datetime | None:
    """Work the merchant's due rows. Returns when (real time) the next is due, leased ones included."""
    with tenant_scope(ref):
        for _batch in range(MOST_BATCHES):
            claimed = _claim()
            if claimed is None:
                break
            for row in claimed:
                _handle(row, ref)
        return _next_due()


def _claim() -> list[Claimed] | None:
    """The next rows with a lease on them; those that had all their tries are given up. None: nothing is due."""
    with tenant_transaction():
        now = database_now()
        rows = _due(now)
        if not rows:
            return None
        for row in rows:
            _lease(row, now)
        told = [(row.pk, row.attempts, row.due_at, row.state, row.error) for row in rows]
        update_many(Outbox, same={}, each=columns(("id", "attempts", "due_at", "state", "error"), told))
        return [Claimed(row.pk, row.reader, row.attempts) for row in rows if row.state == Outbox.State.WAITING]


@asked_often
def _due(now: datetime) -> QuerySet[Outbox]:
    """The first whose time has come, locked; those somebody else holds are left to them."""
    rows: QuerySet[Outbox] = Outbox.objects.filter(state=Outbox.State.WAITING, due_at__lte=now)
    return rows.order_by("due_at", "pk").select_for_update(skip_locked=True, of=("self",))[:BATCH]


def _lease(row: Outbox, now: datetime) -> None:
    if row.attempts >= MOST_ATTEMPTS:
        row.state = Outbox.State.FAILED
        row.error = row.error or "every try ended without an answer"
        return
    row.attempts += 1
    row.due_at = now + LEASE


def _handle(row: Claimed, ref: TenantRef) -> None:
    """Whatever the reader raises stays with its row, without the addresses that mail servers like to quote."""
    try:
        handler: Handler = import_string(settings.OUTBOX_HANDLERS[row.reader])
        handler(outbox_id=row.id, ref=ref)
    except Exception as error:
        logger.exception("outbox row %s for %s failed at try %s", row.id, row.reader, row.attempt)
        _put_back(row, f"{type(error).__name__}: {_ADDRESS.sub('(address)', str(error))}")
    else:
        _close(row, state=Outbox.State.DONE, error="")


def _put_back(row: Claimed, error: str) -> None:
    short = clean_text(error, max_length=300)
    if row.attempt >= MOST_ATTEMPTS:
        _close(row, state=Outbox.State.FAILED, error=short)
    else:
        _close(row, due_at=database_now() + pause_after(row.attempt), error=short)


def _close(row: Claimed, **values: object) -> None:
    """Only while the row is still ours: after an expired lease another worker may be at it."""
    with tenant_transaction():
        ours = Outbox.objects.filter(pk=row.id, attempts=row.attempt, state=Outbox.State.WAITING)
        ours.update(**values)


def _next_due() -> datetime | None:
    with tenant_transaction(read_only=True):
        due: datetime | None = Outbox.objects.filter(state=Outbox.State.WAITING).aggregate(due=Min("due_at"))["due"]
    return due
