"""Work what the hooks brought: one transaction per delivery, from claiming it to its last effect.

A worker that dies leaves the row as it was. What breaks is noted in a transaction of its own, tried again with growing
pauses, and set aside after the eighth time, so that one poisoned delivery holds up no other.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from integrations.actions.connections import note_health, worth_noting
from integrations.actions.intake import handle_event, handle_together, note_failure
from integrations.locks import next_waiting_events
from integrations.models import InboundEvent
from integrations.selectors import next_event_due_at
from kit.batches import Worked, work_through
from kit.clock import database_now, now_for
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.models import Merchant, Workspace, merchant_of
from merchants.wakeups import Ending

logger = logging.getLogger(__name__)

#: Seconds one sweep may take: other merchants wait behind it.
LONGEST_SWEEP = 5.0
#: Deliveries looked at together, and at most as many orders locked at a time.
BATCH = 50
BODIES_KEPT = timedelta(days=30)

State = InboundEvent.State


@transaction_forbidden
def sweep(ref: TenantRef) -> Ending:
    """Work the merchant's waiting deliveries, oldest first. Its ending notes how the connections fare, once for each
    and not with every delivery, and says when (real time) the next delivery is due, if any.

    Deliveries of plain orders are taken in together; all others have a transaction each.
    """
    merchant = merchant_of(ref)
    done = work_through(
        together=partial(_work_batch, ref, merchant),
        alone=partial(_work_next, ref, merchant),
        size=BATCH,
        seconds=LONGEST_SWEEP,
    )
    return partial(_end, merchant, {event.connection_id: event for event in done})


@transaction_forbidden
def forget_old_bodies() -> int:
    """Clear the bodies of deliveries handled more than 30 days ago, or as long as the merchant keeps them. Returns how
    many."""
    return sum(_forget_for(merchant) for merchant in Merchant.objects.order_by("pk"))


def _work_batch(ref: TenantRef, merchant: Merchant, size: int) -> Worked[InboundEvent]:
    """Those that can be handled together; should that break, all are left."""

    def work() -> Worked[InboundEvent]:
        real_now = database_now()
        events = next_waiting_events(real_now, size)
        return Worked(len(events), handle_together(events, now=real_now + merchant.clock_offset))

    try:
        return in_tenant_transaction(ref, work)
    except Exception:
        logger.exception("deliveries of merchant %s are worked one by one", ref.merchant_id)
        return Worked(size, [])


def _work_next(ref: TenantRef, merchant: Merchant) -> InboundEvent | None:
    """The next delivery, handled or noted as failed; None when none is left to take."""
    claimed: list[UUID] = []

    def work() -> InboundEvent | None:
        claimed.clear()
        real_now = database_now()
        for event in next_waiting_events(real_now, 1):
            claimed.append(event.pk)
            handle_event(event, now=real_now + merchant.clock_offset)
            return event
        return None

    try:
        return in_tenant_transaction(ref, work)
    except Exception as trouble:
        if not claimed:
            raise
        logger.exception("delivery %s failed", claimed[0])
        return _note(ref, merchant, claimed[0], trouble)


def _note(ref: TenantRef, merchant: Merchant, event_id: UUID, trouble: Exception) -> InboundEvent:
    return in_tenant_transaction(ref, lambda: note_failure(event_id=event_id, trouble=trouble, now=now_for(merchant)))


def _trouble(event: InboundEvent) -> str:
    return event.error if event.state in {State.SET_ASIDE, State.WAITING} else ""


def _end(merchant: Merchant, newest: Mapping[UUID, InboundEvent]) -> datetime | None:
    """``newest``: of each connection the last delivery that was handled."""
    now = now_for(merchant)
    for _, event in sorted(newest.items()):
        if _trouble(event) or worth_noting(event.connection, now):
            note_health(connection=event.connection, error=_trouble(event), now=now)
    return next_event_due_at()


def _forget_for(merchant: Merchant) -> int:
    now = now_for(merchant)
    return in_tenant_transaction(merchant.tenant_ref(), lambda: _forget_bodies(now))


def _forget_bodies(now: datetime) -> int:
    """A reserved workspace that was not furnished yet has neither wishes nor deliveries."""
    wished = Workspace.objects.values_list("delivery_retention_days", flat=True).first()
    limit = now - (BODIES_KEPT if wished is None else min(BODIES_KEPT, timedelta(days=wished)))
    old = {"received_at__lt": limit, "handled_at__isnull": False, "body__isnull": False}
    return int(InboundEvent.objects.filter(**old).update(body=None))
