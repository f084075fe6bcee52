"""What may be forgotten: addresses of parcels that were sent long ago."""

from __future__ import annotations

from kit.clock import now_for
from kit.tenancy import in_tenant_transaction, transaction_forbidden
from merchants.models import Merchant
from rewards.actions.addresses import forget_addresses


@transaction_forbidden
def forget_old_addresses() -> int:
    """Merchant by merchant, by each one's own clock. Returns how many."""
    return sum(_forget_for(merchant) for merchant in Merchant.objects.order_by("pk"))


def _forget_for(merchant: Merchant) -> int:
    forgotten: int = in_tenant_transaction(merchant.tenant_ref(), lambda: forget_addresses(now=now_for(merchant)))
    return forgotten
