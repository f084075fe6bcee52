"""The release sweep of one merchant, in short transactions of one batch each."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from kit.clock import now_for, real_time
from kit.tenancy import TenantRef, in_tenant_transaction, transaction_forbidden
from merchants.models import Merchant, merchant_of
from rewards.actions.budget import let_in
from rewards.actions.choice import AT_ONCE, end_patience
from rewards.actions.release import BATCH, release_due
from rewards.actions.revived import orders_of_revived, settle_revived
from rewards.actions.tax import hold_for_tax
from rewards.actions.unshipped import tell_unshipped, unshipped_for_long
from rewards.selectors import next_release_at


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
    _settle_revived(ref, merchant)
    _tell_unshipped(ref, merchant)
    next_at = in_tenant_transaction(ref, next_release_at)
    return real_time(next_at, merchant) if next_at else None


def _settle_revived(ref: TenantRef, merchant: Merchant) -> None:
    """Each order in its own transaction; what is left over comes with the next sweep."""
    for order_id in in_tenant_transaction(ref, lambda: orders_of_revived(limit=BATCH)):
        in_tenant_transaction(ref, partial(_settle_one, order_id, merchant))


def _settle_one(order_id: UUID, merchant: Merchant) -> None:
    settle_revived(order_id=order_id, now=now_for(merchant))


def _tell_unshipped(ref: TenantRef, merchant: Merchant) -> None:
    """Each order in its own transaction, under its own lock. What is left over is told by the next sweep."""
    for order_id in in_tenant_transaction(ref, lambda: unshipped_for_long(now=now_for(merchant), limit=BATCH)):
        in_tenant_transaction(ref, partial(_tell_one, order_id, merchant))


def _tell_one(order_id: UUID, merchant: Merchant) -> bool:
    return tell_unshipped(order_id=order_id, now=now_for(merchant))
