"""Many orders at once: stored as lines before the answer, each settled in a transaction of its own afterwards.

The lines are the queue: a lost ring or a worker that dies costs time, never a line. What a line said is forgotten as
soon as it is settled or refused; its result stays.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Min

from integrations.models import BulkLine, BulkUpload
from kit.batches import Worked, work_through
from kit.clock import database_now, now_for
from kit.ids import uuid7
from kit.jsonio import loads_bounded
from kit.locks import Rank, try_lock_named
from kit.many import columns, insert_many, update_many
from kit.patience import MOST_ATTEMPTS, pause_after
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden, transaction_required
from merchants.models import Merchant, merchant_of
from merchants.wakeups import wake
from referral_saas.api.body import Body
from referral_saas.api.problems import Problem
from referral_saas.api.taking import read_new_order, take_order
from rewards.actions.plain import Told, take_in_plain

logger = logging.getLogger(__name__)

#: Seconds one sweep may take: other merchants wait behind it.
LONGEST_SWEEP = 5.0
#: Lines looked at together, and at most as many orders locked at a time.
BATCH = 100
#: When a merchant's lines are looked at again that another sweep was at.
LOOK_AGAIN = timedelta(seconds=1)

State = BulkLine.State


class Beside(Exception):
    """Another sweep is at the merchant's lines. Orders of one shop have advocates in common, so two would wait for each
    other in the middle of their work and settle no more than one does: this one goes on to the next merchant."""


@transaction_required
def keep_lines(orders: Sequence[dict[str, Any]], *, by: str, now: datetime) -> BulkUpload:
    """Store the lines and wake the sweep after commit."""
    upload: BulkUpload = BulkUpload.objects.create(received_at=now, received_by=by, count=len(orders))
    due_at = database_now()
    each: dict[str, Sequence[Any]] = {
        "id": [uuid7() for _ in orders],
        "number": range(len(orders)),
        "external_id": [str(order.get("order_id", ""))[:120] for order in orders],
        "body": [json.dumps(order, default=str).encode() for order in orders],
    }
    insert_many(BulkLine, same={"upload_id": upload.pk, "next_try_at": due_at}, each=each)
    wake("bulk", due_at=due_at)
    return upload


@transaction_forbidden
def sweep(ref: TenantRef) -> datetime | None:
    """Settle the merchant's waiting lines, oldest first. Returns when (real time) the next one is due, if any."""
    merchant = merchant_of(ref)
    try:
        work_through(
            together=partial(_work_batch, ref, merchant),
            alone=partial(_work_next, ref, merchant),
            size=BATCH,
            seconds=LONGEST_SWEEP,
        )
    except Beside:
        return database_now() + LOOK_AGAIN
    return in_tenant_transaction(ref, _next_due)


def _work_batch(ref: TenantRef, merchant: Merchant, size: int) -> Worked[UUID]:
    """Plain orders together (rewards.actions.plain); should that break, all lines are left."""

    def work() -> Worked[UUID]:
        lines = _next_lines(size)
        return Worked(len(lines), _settle_plain(lines, now=now_for(merchant)) if lines else [])

    try:
        return in_tenant_transaction(ref, work)
    except Beside:
        raise
    except Exception:
        logger.exception("bulk lines of merchant %s are settled one by one", ref.merchant_id)
        return Worked(size, [])


def _work_next(ref: TenantRef, merchant: Merchant) -> UUID | None:
    """One line: settled, or noted as refused or to be tried again. None when none is left to take."""
    claimed: list[UUID] = []

    def work() -> None:
        claimed.clear()
        for line in _next_lines(1):
            claimed.append(line.pk)
            _settle(line, now=now_for(merchant))

    try:
        in_tenant_transaction(ref, work)
    except Exception as trouble:
        if not claimed:
            raise
        _note_trouble(ref, merchant, claimed[0], trouble)
    return claimed[0] if claimed else None


def _note_trouble(ref: TenantRef, merchant: Merchant, line_id: UUID, trouble: Exception) -> None:
    in_tenant_transaction(ref, lambda: _note(line_id, trouble, now=now_for(merchant)))


def _next_lines(most: int) -> list[BulkLine]:
    """Raises Beside when another sweep is at this merchant's lines just now."""
    if not try_lock_named(Rank.QUEUE, "bulk"):
        raise Beside
    waiting = BulkLine.objects.filter(state=State.WAITING, next_try_at__lte=database_now()).select_related("upload")
    return list(waiting.select_for_update(of=("self",), skip_locked=True).order_by("next_try_at", "pk")[:most])


def _settle_plain(lines: Sequence[BulkLine], *, now: datetime) -> list[UUID]:
    """Of the lines of one uploader those that are plain orders, settled; one that says anything wrong is left."""
    by = lines[0].upload.received_by
    told = {line.pk: one for line in lines if line.upload.received_by == by and (one := _order_told(line, now))}
    settled = take_in_plain(told=list(told.values()), now=now, by=by).settled
    done = [(line_id, taken.order.pk) for line_id, line in told.items() if (taken := settled.pop(line.key, None))]
    if done:
        same = {"state": State.DONE.value, "handled_at": now, "body": None}
        update_many(BulkLine, same=same, each=columns(("id", "order_id"), done))
    return [line_id for line_id, _ in done]


def _order_told(line: BulkLine, now: datetime) -> Told | None:
    try:
        return read_new_order(_body_of(line), now=now)
    except Problem:
        return None


def _body_of(line: BulkLine) -> Body:
    return Body.of(loads_bounded(bytes(line.body or b"{}")))


def _settle(line: BulkLine, *, now: datetime) -> None:
    order = take_order(_body_of(line), now=now, by=line.upload.received_by).settled.order
    line.state, line.order_id, line.handled_at, line.body = State.DONE, order.pk, now, None
    line.save(update_fields=["state", "order_id", "handled_at", "body"])


def _note(line_id: UUID, trouble: Exception, *, now: datetime) -> None:
    """Settling was rolled back: refused for what it says, or to be tried again later."""
    line: BulkLine = BulkLine.objects.select_for_update(of=("self",)).get(pk=line_id)
    if line.handled_at:
        return
    line.attempts += 1
    line.next_try_at = database_now() + pause_after(line.attempts)
    if isinstance(trouble, Problem):
        line.problem = trouble.as_json()
    else:
        logger.error("bulk line %s failed: %s", line_id, type(trouble).__name__, exc_info=trouble)
        line.problem = {"code": "failed", "title": type(trouble).__name__}
    if isinstance(trouble, Problem) or line.attempts >= MOST_ATTEMPTS:
        line.state, line.handled_at, line.body = State.REFUSED, now, None
    line.save()


def _next_due() -> datetime | None:
    due_at: datetime | None = BulkLine.objects.filter(state=State.WAITING).aggregate(at=Min("next_try_at"))["at"]
    return due_at
