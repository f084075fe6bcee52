"""What is forgotten in time: salts and where people came from, clicks that a merchant keeps for a shorter time, and
what was set aside."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta

from kit.clock import database_now, now_for
from kit.days import start_of_day
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.models import merchant_of
from merchants.selectors import workspace
from tracking.actions import retention
from tracking.actions.aside import KEPT_DAYS
from tracking.models import StrayEntry
from tracking.salts import destroy_old_salts, salts_to_destroy

#: Seconds of one merchant's turn; the rest is due at once again, after the others had theirs.
LONGEST_TURN = 5.0


@transaction_forbidden
def sweep(ref: TenantRef) -> datetime | None:
    """Forget what is due for one merchant; returns when (real time) to go on where there was too much for one turn."""
    now, until = now_for(merchant_of(ref)), time.monotonic() + LONGEST_TURN
    over = in_tenant_transaction(ref, lambda: salts_to_destroy(now))
    while over and _forget_traces(ref, over):
        if time.monotonic() > until:
            return database_now()
    first = in_tenant_transaction(ref, lambda: _begin(now))
    if first is None:
        return None
    before = in_tenant_transaction(ref, lambda: start_of_day(first, workspace().time_zone))
    while in_tenant_transaction(ref, lambda: retention.forget_clicks(before=before)):
        if time.monotonic() > until:
            return database_now()
    return None


def _forget_traces(ref: TenantRef, salts: list[int]) -> int:
    return in_tenant_transaction(ref, lambda: retention.forget_traces(salts=salts))


def _begin(now: datetime) -> date | None:
    destroy_old_salts(now=now)
    retention.forget_set_aside(now=now)
    return retention.begin_to_forget(now=now)


def forget_strays() -> int:
    """Of nobody's merchant, so in real time."""
    deleted, _ = StrayEntry.objects.filter(seen_at__lt=database_now() - timedelta(days=KEPT_DAYS)).delete()
    return deleted
