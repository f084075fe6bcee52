"""What may be forgotten: stored API answers after their day, sessions that have run out."""

from __future__ import annotations

from datetime import timedelta

from kit.clock import database_now
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.models import IdempotentRequest, Merchant, Session

ANSWERS_KEPT = timedelta(hours=24)
#: Sessions deleted by one statement: a crowd of visitors leaves many, and nobody is to wait for them.
CHUNK = 1_000


def forget_old_answers() -> int:
    """Delete stored answers older than a day, merchant by merchant. Returns how many."""
    limit = database_now() - ANSWERS_KEPT
    return sum(_forget_for(merchant, limit) for merchant in Merchant.objects.order_by("pk"))


def _forget_for(merchant: Merchant, limit: object) -> int:
    with tenant_scope(merchant.tenant_ref()), tenant_transaction():
        deleted, _ = IdempotentRequest.objects.filter(created_at__lt=limit).delete()
    return deleted


def forget_ended_sessions() -> int:
    """Nobody comes in by them any more. One that is used in this very moment has a later end by then, and stays."""
    gone, ended = 0, Session.objects.filter(expire_date__lte=database_now())
    while keys := list(ended.values_list("pk", flat=True)[:CHUNK]):
        deleted, _each = ended.filter(pk__in=keys).delete()
        gone += deleted
    return gone
