"""The nightly check of the books: once after three o'clock in the merchant's zone."""

from __future__ import annotations

from datetime import datetime, timedelta

from kit.clock import now_for, real_time
from kit.days import add_days, local_date, start_of_day
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.events import SYSTEM
from merchants.models import Merchant, merchant_of
from merchants.selectors import workspace
from rewards.actions.audit import check_books, last_check
from rewards.models import Posting

#: Hours after midnight, when little happens.
AT = timedelta(hours=3)


@transaction_forbidden
def sweep(ref: TenantRef) -> datetime | None:
    """Check what was not checked this night; returns when (real time) the next check is due."""
    merchant = merchant_of(ref)
    now = now_for(merchant)
    return in_tenant_transaction(ref, lambda: _check_if_due(merchant, now))


def _check_if_due(merchant: Merchant, now: datetime) -> datetime | None:
    """Books without a posting need none; the first posting is found by the sweep over everybody."""
    zone = workspace().time_zone
    due = check_time(now, zone)
    last = last_check(by=SYSTEM)
    if not Posting.objects.exists():
        return None
    if last is None or last.at < due:
        check_books(by=SYSTEM, now=now)
    return real_time(add_days(due, 1, zone), merchant)


def check_time(now: datetime, zone: str) -> datetime:
    """The last time a check was due: three o'clock today, or yesterday where that is still to come."""
    today = local_date(now, zone)
    due = start_of_day(today, zone) + AT
    return due if due <= now else start_of_day(today - timedelta(days=1), zone) + AT
