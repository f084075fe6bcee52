"""Take in, one by one, what was left on friends' pages."""

from __future__ import annotations

import logging
import time
from datetime import datetime

from kit.clock import database_now, now_for
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from leads.actions.asked import next_asked_at, put_off_asked, take_in_asked, take_next_asked
from leads.models import LeadAsked
from merchants.models import Merchant, merchant_of

logger = logging.getLogger(__name__)

#: Of one merchant in one sweep; the rest comes with the next wake-up.
MOST_AT_ONCE = 100
LONGEST_SWEEP = 5.0


@transaction_forbidden
def sweep(ref: TenantRef) -> datetime | None:
    """Returns when (real time) the next is due."""
    merchant, ends_at = merchant_of(ref), time.monotonic() + LONGEST_SWEEP
    for _ in range(MOST_AT_ONCE):
        asked = in_tenant_transaction(ref, lambda: take_next_asked(real_now=database_now()))
        if asked is None:
            break
        _take_in_or_put_off(ref, merchant, asked)
        if time.monotonic() >= ends_at:
            break
    return in_tenant_transaction(ref, next_asked_at)


def _take_in_or_put_off(ref: TenantRef, merchant: Merchant, asked: LeadAsked) -> None:
    """Never given up: nobody else knows that this person wants to be talked to."""
    try:
        in_tenant_transaction(ref, lambda: take_in_asked(asked=asked, now=now_for(merchant)))
    except Exception:
        logger.exception("lead %s could not be taken in, try %s", asked.pk, asked.attempts)
        in_tenant_transaction(ref, lambda: put_off_asked(asked=asked, real_now=database_now()))
