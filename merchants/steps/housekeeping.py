"""What may be forgotten: stored API answers after their day."""

from __future__ import annotations

from datetime import timedelta

from kit.clock import database_now
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.models import IdempotentRequest, Merchant

ANSWERS_KEPT = timedelta(hours=24)


def forget_old_answers() -> int:
    """Delete stored answers older than a day, merchant by merchant. Returns how many."""
    limit = database_now() - ANSWERS_KEPT
    return sum(_forget_for(merchant, limit) for merchant in Merchant.objects.order_by("pk"))


def _forget_for(merchant: Merchant, limit: object) -> int:
    with tenant_scope(merchant.tenant_ref()), tenant_transaction():
        deleted, _ = IdempotentRequest.objects.filter(created_at__lt=limit).delete()
    return deleted
