"""The sweep that looks for links that got out: with every full sweep, never in a request."""

from __future__ import annotations

from datetime import datetime

from kit.clock import database_now, now_for
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.models import merchant_of
from tracking.actions.leaks import find_leaks


@transaction_forbidden
def sweep(ref: TenantRef) -> datetime | None:
    """Nothing is ever due by itself: a link gets out unannounced."""
    merchant = merchant_of(ref)
    in_tenant_transaction(ref, lambda: find_leaks(now=now_for(merchant), real_now=database_now()))
    return None
