"""What time does by itself: for people who were erased, and for friends who never bought."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from uuid import UUID

from advocates.models import Customer, ErasedMark
from kit.clock import now_for
from kit.tenancy import in_tenant_transaction, transaction_forbidden
from merchants.events import SYSTEM
from merchants.models import Merchant
from privacy.actions.erasure import CannotErase, erase_person
from privacy.selectors import friends_to_forget
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
            _forget_friends(merchant)
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


def _forget_friends(merchant: Merchant) -> int:
    """Who left an address, never bought, and is no advocate: as long as the merchant wishes to know of them. Some at a
    time; somebody a reward is on its way to waits for the next time."""
    ref, now, gone = merchant.tenant_ref(), now_for(merchant), 0
    for key in in_tenant_transaction(ref, lambda: friends_to_forget(now=now)):
        try:
            in_tenant_transaction(ref, partial(_forget_friend, key, now))
            gone += 1
        except CannotErase as reason:
            logger.info("friend %s stays: %s", key, reason.code)
    return gone


def _forget_friend(customer_id: UUID, now: datetime) -> None:
    erase_person(customer=Customer.objects.get(pk=customer_id), by=SYSTEM, now=now)
