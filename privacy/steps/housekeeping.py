"""What time does by itself for people who were erased."""

from __future__ import annotations

import logging

from advocates.models import ErasedMark
from kit.clock import now_for
from kit.tenancy import in_tenant_transaction, transaction_forbidden
from merchants.models import Merchant
from privacy.steps.erasure import sweep

logger = logging.getLogger(__name__)


@transaction_forbidden
def tidy() -> int:
    """Every merchant's: what was settled for somebody in the moment they were erased, and marks whose time is over.

    Says how many marks went. One merchant's trouble stops no other's.
    """
    gone = 0
    for merchant in Merchant.objects.filter(status=Merchant.Status.ACTIVE).order_by("pk"):
        try:
            sweep(merchant.tenant_ref())
            gone += _forget_marks(merchant)
        except Exception:
            logger.exception("privacy of merchant %s", merchant.pk)
    return gone


def _forget_marks(merchant: Merchant) -> int:
    now = now_for(merchant)
    gone, _each = in_tenant_transaction(
        merchant.tenant_ref(), lambda: ErasedMark.objects.filter(ends_at__lte=now).delete()
    )
    return gone
