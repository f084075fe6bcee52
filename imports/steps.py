"""Checking and writing long files, and forgetting those that nobody imported."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import translation

from imports.actions import check, forget_next, give_up, note_trouble, plan_of, write
from imports.kinds import ImportKind, Planned, kinds
from imports.locks import next_to_work
from imports.models import Import
from imports.selectors import next_expiry, next_try_at
from kit.clock import database_now, now_for, real_time
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.models import Merchant, merchant_of
from merchants.wakeups import wake

logger = logging.getLogger(__name__)

#: Seconds of one merchant's turn; the rest is due at once again, after the others had theirs.
LONGEST_TURN = 5.0
#: When files are looked at again that another worker is at.
LOOK_AGAIN = timedelta(seconds=1)

#: What was read of a file, kept for one turn: reading it for each of its parts would take as long as writing them.
Plans = dict[UUID, Planned]


@transaction_forbidden
def sweep(ref: TenantRef) -> datetime | None:
    """Forget what is over, do what was asked for; returns when (real time) there is something to do again."""
    merchant, ends_at, plans = merchant_of(ref), time.monotonic() + LONGEST_TURN, Plans()
    while in_tenant_transaction(ref, lambda: forget_next(now=now_for(merchant))):
        pass
    while go_on(ref, merchant, plans):
        if time.monotonic() > ends_at:
            in_tenant_transaction(ref, lambda: wake("imports", due_at=database_now()))
            return None
    return in_tenant_transaction(ref, lambda: _next_due(merchant))


def go_on(ref: TenantRef, merchant: Merchant, plans: Plans) -> bool:
    """The next step of some file, in a transaction of its own. False when there is none to be taken."""
    claimed: list[UUID] = []

    def work() -> None:
        claimed.clear()
        one = next_to_work(at=database_now())
        if one is not None:
            claimed.append(one.pk)
            with translation.override(one.language):
                _step(one, plans, now=now_for(merchant))

    try:
        in_tenant_transaction(ref, work)
    except Exception as error:
        if not claimed:
            raise
        # Without the trace: a database's message may hold what stands in a row of the file.
        logger.error("import %s broke: %s", claimed[0], type(error).__name__)
        in_tenant_transaction(ref, lambda: note_trouble(import_id=claimed[0], now=now_for(merchant)))
    return bool(claimed)


def _step(one: Import, plans: Plans, *, now: datetime) -> None:
    kind = kinds().get(one.kind)
    if kind is None:
        give_up(one=one, problem="kind_gone", now=now)
    elif one.state == Import.State.CHECKING:
        check(one=one, plan=plan_of(one=one, kind=kind, now=now), kind=kind, now=now)
    else:
        write(one=one, plan=_kept_plan(one, kind, plans, now), kind=kind, now=now)


def _kept_plan(one: Import, kind: ImportKind, plans: Plans, now: datetime) -> Planned:
    if not kind.part:
        return plan_of(one=one, kind=kind, now=now)
    if one.pk not in plans:
        plans[one.pk] = plan_of(one=one, kind=kind, now=now)
    return plans[one.pk]


def _next_due(merchant: Merchant) -> datetime | None:
    """What is due by now is in other hands, or it would be done."""
    soon, over = database_now() + LOOK_AGAIN, next_expiry()
    dues = [next_try_at(), real_time(over, merchant) if over else None]
    known = [max(due, soon) for due in dues if due]
    return min(known) if known else None
