"""What time does to workspaces that an owner wants deleted: reminders, the doors, and then row after row.

Each piece is a transaction of its own and counted in the same one, so a worker that dies leaves nothing half: the next
one goes on. The merchant's own row goes last. As long as anything points at it, it stays, and is tried again.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from engagement.mailbox import forget_mails_of
from kit.clock import database_now, now_for
from kit.tenancy import in_tenant_transaction, transaction_forbidden
from merchants.models import DeletedWorkspace, Invitation, Membership, Merchant, WakeUp
from merchants.wakeups import call_off
from privacy.actions.closing import begin_deletion, follow_closing
from privacy.deleting import groups_in_order

logger = logging.getLogger(__name__)

#: Rows deleted by one statement.
CHUNK = 5_000
#: From shutting the doors until the first row goes: whoever was at work there has ended by then.
GRACE = timedelta(hours=1)
#: Seconds of one turn; the rest is left to the next.
LONGEST_TURN = 120.0


@transaction_forbidden
def follow_all() -> int:
    """Every workspace that is closing or being deleted. Says how many were deleted to the end."""
    ends_at, ended = time.monotonic() + LONGEST_TURN, 0
    for merchant in Merchant.objects.filter(closes_at__isnull=False).order_by("closes_at", "pk"):
        try:
            ended += _follow(merchant, ends_at)
        except Exception:
            logger.exception("closing of workspace %s", merchant.pk)
    return ended


def _follow(merchant: Merchant, ends_at: float) -> bool:
    if merchant.status == Merchant.Status.ACTIVE:
        now = now_for(merchant)
        in_tenant_transaction(merchant.tenant_ref(), lambda: follow_closing(now=now))
        if in_tenant_transaction(merchant.tenant_ref(), lambda: begin_deletion(now=now)):
            call_off(merchant.tenant_ref())
        return False
    trace = DeletedWorkspace.objects.filter(workspace=merchant.pk).first()
    if trace is None or database_now() < trace.begun_at + GRACE:
        return False
    return delete_rows(merchant, ends_at=ends_at)


@transaction_forbidden
def delete_rows(merchant: Merchant, *, ends_at: float) -> bool:
    """All rows of a workspace whose time is over, then itself. False where the turn was over before, or its row is
    still held by another's."""
    gone = -1
    while gone:  # sums that triggers keep come anew with what they count, so once more until nothing is left
        gone = 0
        for tables in groups_in_order():
            while some := _delete_or_leave(merchant.pk, tables):
                gone += some
                if time.monotonic() > ends_at:
                    return False
    forget_mails_of(merchant.slug)
    return _delete_itself(merchant.pk)


def _delete_or_leave(merchant_id: UUID, tables: list[str]) -> int:
    """0 also where a sum that has come anew still points there: its turn comes again, before theirs."""
    try:
        return _delete_some(merchant_id, tables)
    except IntegrityError:
        return 0


def _delete_some(merchant_id: UUID, tables: list[str]) -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT delete_of_closed_workspace(%s, %s, %s)", [merchant_id, tables, CHUNK])
        deleted = int(cursor.fetchone()[0])
        if deleted:
            _count(merchant_id, "+".join(tables), deleted)
    return deleted


def _count(merchant_id: UUID, what: str, deleted: int) -> None:
    trace = DeletedWorkspace.objects.select_for_update().get(workspace=merchant_id)
    trace.rows[what] = trace.rows.get(what, 0) + deleted
    trace.save(update_fields=["rows"])


def _delete_itself(merchant_id: UUID) -> bool:
    """With who may enter it. People keep their sign-in: they may found another workspace."""
    try:
        with transaction.atomic():
            for model in (WakeUp, Invitation, Membership):
                deleted, _each = model.objects.filter(merchant_id=merchant_id).delete()
                if deleted:
                    _count(merchant_id, model._meta.db_table, deleted)
            Merchant.objects.filter(pk=merchant_id)._raw_delete(using="default")
            DeletedWorkspace.objects.filter(workspace=merchant_id).update(ended_at=database_now())
    except IntegrityError:
        logger.warning("workspace %s is still pointed at; it is tried again", merchant_id)
        return False
    return True
