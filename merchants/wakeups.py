"""Wake-ups make sweeps over all merchants possible without a role that sees all of them.

Append-only: whoever creates or moves work inserts a row (real time). A sweep reads the due rows, works each merchant in
its own transactions and at last deletes exactly the rows it read, after inserting one for the earliest work left.
Updating one row per merchant instead would lose a wake-up or be a hot row. They speed things up and are never the
truth: every 15 minutes a full sweep walks all merchants.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.aggregates import ArrayAgg
from django.db import connection
from django.db.models import Min, QuerySet
from django.utils.module_loading import import_string

from kit.asked import asked_often
from kit.clock import database_now
from kit.many import any_of, delete_many
from kit.ring import ring
from kit.tenancy import TenantRef, current_merchant_id, in_tenant_transaction, transaction_required
from merchants.models import Merchant, WakeUp

logger = logging.getLogger(__name__)

#: What ends a sweep, in the transaction that takes its wake-ups away: says when the next of its kind is due, if any.
Ending = Callable[[], datetime | None]
#: A sweep works one merchant's due rows and says when (real time) the next of its kind is due, or by what it ends.
Sweep = Callable[[TenantRef], datetime | Ending | None]

#: Merchants in one sweep, and wake-ups looked at whether they are still there.
BATCH = 500
#: Seconds: the next regular ring calls again whoever is needed then.
HELP_WITHIN = 10.0


@dataclass(frozen=True, slots=True)
class Due:
    ref: TenantRef
    ids: list[UUID]


@transaction_required
def wake(kind: str, *, due_at: datetime, real_now: datetime | None = None) -> None:
    """The merchant in scope has work of this kind at ``due_at`` (real time); rings at once when that is now."""
    WakeUp.objects.create(merchant_id=current_merchant_id(), kind=kind, due_at=due_at)
    if due_at <= (real_now or database_now()):
        ring("merchants.sweep", queue=queue_of(kind), kind=kind)


def call_off(ref: TenantRef) -> None:
    """Nobody need come for this merchant before the next full sweep: whoever works its rows step by step sees to it."""
    WakeUp.objects.filter(merchant_id=ref.merchant_id).delete()


def queue_of(kind: str) -> str:
    queue: str = settings.SWEEPS[kind]["queue"]
    return queue


def sweep_of(kind: str) -> Sweep:
    sweep: Sweep = import_string(settings.SWEEPS[kind]["path"])
    return sweep


def sweep_due(kind: str) -> int:
    """Work every merchant that has a due wake-up of this kind. Returns how many merchants were worked.

    In any order, so that two sweeps at the same moment seldom stand at the same merchant.
    """
    due = _due(kind)
    random.shuffle(due)
    return sum(work_or_log(kind, entry) for entry in due)


def call_helpers(kind: str) -> int:
    """Ring for as many hands as there is work, of a kind that mostly waits for others. Returns how many were called.

    One sweep works one merchant after another, so by itself it would take a crowd of due work (after an outage, say)
    one provider's answer at a time, however many slots stand idle.
    """
    hands = settings.SWEEP_HANDS.get(kind, 1)
    rows = WakeUp.objects.filter(kind=kind, due_at__lte=database_now()).values("pk")[:hands].count()
    helpers = max(0, rows - 1)
    for _ in range(helpers):
        ring("merchants.sweep", queue=queue_of(kind), expires=HELP_WITHIN, kind=kind, is_helper=True)
    return helpers


def sweep_all(kind: str) -> int:
    """The full sweep: every active merchant, whether it has a wake-up or not."""
    merchants = list(Merchant.objects.filter(status=Merchant.Status.ACTIVE).order_by("pk"))
    return sum(work_or_log(kind, Due(merchant.tenant_ref(), [])) for merchant in merchants)


def _due(kind: str) -> list[Due]:
    """Merchants with due wake-ups, the longest waiting first, each once: a heap of one leaves the others their turn."""
    open_ones = WakeUp.objects.filter(merchant__status=Merchant.Status.ACTIVE)  # rows of closed ones go bit by bit
    due = open_ones.filter(kind=kind, due_at__lte=database_now()).values("merchant_id")
    by_merchant = due.annotate(since=Min("due_at"), ids=ArrayAgg("id")).order_by("since", "merchant_id")
    return [Due(WakeUp(merchant_id=row["merchant_id"]).tenant_ref(), row["ids"]) for row in by_merchant[:BATCH]]


def work_or_log(kind: str, due: Due) -> bool:
    """One merchant's trouble must not stop the others; its wake-up stays and is tried again."""
    try:
        if _is_done(due):
            return False
        _work(kind, due)
    except Exception:
        logger.exception("sweep %s of merchant %s failed", kind, due.ref.merchant_id)
        if not connection.in_atomic_block:  # as around most tests, never for real
            connection.close_if_unusable_or_obsolete()  # if that was it, the next merchant begins on a new one
        return False
    return True


def _is_done(due: Due) -> bool:
    """Another sweep worked this merchant since we read its wake-ups: only whoever did the work takes them away."""
    return bool(due.ids) and not _still_there(due.ids[:BATCH])


@asked_often
def _still_there(ids: list[UUID]) -> QuerySet[Any]:
    return WakeUp.objects.filter(any_of("pk", ids)).values_list("pk")[:1]


def _work(kind: str, due: Due) -> None:
    told = sweep_of(kind)(due.ref)

    def end() -> None:
        next_due = told() if callable(told) else told
        if next_due is not None:
            WakeUp.objects.create(merchant_id=due.ref.merchant_id, kind=kind, due_at=next_due)
        delete_many(WakeUp, due.ids)

    in_tenant_transaction(due.ref, end)
