"""What may be forgotten (addresses of parcels that were sent long ago), and what may be said in fewer rows."""

from __future__ import annotations

from collections.abc import Callable

from advocates.actions.sums import fold_people_sums
from kit.clock import now_for
from kit.tenancy import in_tenant_transaction, transaction_forbidden
from merchants.models import Merchant
from rewards.actions.addresses import forget_addresses
from rewards.actions.sums import fold_sums


@transaction_forbidden
def forget_old_addresses() -> int:
    """Merchant by merchant, by each one's own clock. Returns how many."""
    return _for_each(lambda merchant: forget_addresses(now=now_for(merchant)))


@transaction_forbidden
def fold_all_sums() -> int:
    """Merchant by merchant. Returns how many rows their sums were folded into, where any were."""
    return _for_each(lambda _merchant: fold_sums() + fold_people_sums())


def _for_each(work: Callable[[Merchant], int]) -> int:
    return sum(_work_for(merchant, work) for merchant in Merchant.objects.order_by("pk"))


def _work_for(merchant: Merchant, work: Callable[[Merchant], int]) -> int:
    done: int = in_tenant_transaction(merchant.tenant_ref(), lambda: work(merchant))
    return done
