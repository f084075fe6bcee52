"""The release sweep of one merchant, in short transactions of one batch each."""

from __future__ import annotations

from datetime import datetime

from kit.clock import now_for, real_time
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.models import Merchant, merchant_of
from rewards.actions.budget import let_in
from rewards.actions.choice import AT_ONCE, end_patience
from rewards.actions.release import BATCH, release_due
from rewards.actions.revived import orders_of_revived, settle_revived
from rewards.actions.setbacks import Work, next_try_at
from rewards.actions.tax import hold_for_tax
from rewards.actions.unshipped import tell_unshipped, unshipped_for_long
from rewards.selectors import next_release_at
from rewards.steps.one_by_one import each


@transaction_forbidden
def sweep(ref: TenantRef) -> datetime | None:
    """What waited for a choice or for budget goes on; then all that is due is released.

    Returns when (real time) the next hold ends.
    """
    merchant = merchant_of(ref)
    while in_tenant_transaction(ref, lambda: end_patience(now=now_for(merchant))) == AT_ONCE:
        pass
    while in_tenant_transaction(ref, lambda: let_in(now=now_for(merchant))):
        pass

    def release_batch() -> int:
        now = now_for(merchant)
        hold_for_tax(now=now)
        return release_due(now=now)

    while in_tenant_transaction(ref, release_batch) == BATCH:
        pass
    _settle_revived(ref)
    _tell_unshipped(ref, merchant)
    next_at = in_tenant_transaction(ref, next_release_at)
    again_at = in_tenant_transaction(ref, lambda: next_try_at([Work.REVIVED, Work.UNSHIPPED]))
    return min(filter(None, [next_at and real_time(next_at, merchant), again_at]), default=None)


def _settle_revived(ref: TenantRef) -> None:
    """Each order in its own transaction; what is left over comes with the next sweep."""
    found = in_tenant_transaction(ref, lambda: orders_of_revived(limit=BATCH))
    each(ref, work=Work.REVIVED, about=found, act=lambda pk, now: settle_revived(order_id=pk, now=now))


def _tell_unshipped(ref: TenantRef, merchant: Merchant) -> None:
    """Each order in its own transaction, under its own lock. What is left over is told by the next sweep."""
    found = in_tenant_transaction(ref, lambda: unshipped_for_long(now=now_for(merchant), limit=BATCH))
    each(ref, work=Work.UNSHIPPED, about=found, act=lambda pk, now: tell_unshipped(order_id=pk, now=now))
