"""The release sweep of one merchant, in short transactions of one batch each."""

from __future__ import annotations

from datetime import datetime

from kit.clock import now_for, real_time
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.models import merchant_of
from rewards.actions.release import BATCH, release_due
from rewards.selectors import next_release_at


@transaction_forbidden
def sweep(ref: TenantRef) -> datetime | None:
    """Release all that is due; returns when (real time) the next hold ends."""
    merchant = merchant_of(ref)

    def release_batch() -> int:
        return release_due(now=now_for(merchant))

    while in_tenant_transaction(ref, release_batch) == BATCH:
        pass
    next_at = in_tenant_transaction(ref, next_release_at)
    return real_time(next_at, merchant) if next_at else None
