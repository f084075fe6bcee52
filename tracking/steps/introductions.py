"""The sweep that ends questions nobody answered, in short transactions of one batch each."""

from __future__ import annotations

from datetime import datetime

from kit.clock import now_for, real_time
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.models import merchant_of
from tracking.actions.introductions import BATCH, expire_introductions, next_expiry


@transaction_forbidden
def sweep(ref: TenantRef) -> datetime | None:
    """Returns when (real time) the next one ends."""
    merchant = merchant_of(ref)
    while in_tenant_transaction(ref, lambda: expire_introductions(now=now_for(merchant))) == BATCH:
        pass
    next_at = in_tenant_transaction(ref, next_expiry)
    return real_time(next_at, merchant) if next_at else None
