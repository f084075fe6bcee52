"""The sweep of what ends, in short transactions of one batch each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kit.clock import now_for, real_time
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.models import Merchant, merchant_of
from rewards.actions.expire import BATCH, expire_unclaimed, expire_unused, tell_of_ending
from rewards.selectors import next_ending_at


@transaction_forbidden
def sweep(ref: TenantRef) -> datetime | None:
    """Tell of what ends soon and end what is over; returns when (real time) there is something again."""
    merchant = merchant_of(ref)
    for work in (expire_unused, expire_unclaimed, tell_of_ending):
        _all_of(ref, merchant, work)
    next_at = in_tenant_transaction(ref, lambda: next_ending_at(now_for(merchant)))
    return real_time(next_at, merchant) if next_at else None


def _all_of(ref: TenantRef, merchant: Merchant, work: Callable[..., int]) -> None:
    while in_tenant_transaction(ref, lambda: work(now=now_for(merchant))) == BATCH:
        pass
