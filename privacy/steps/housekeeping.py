"""What time does by itself: for people who were erased, and for friends who never bought."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from uuid import UUID

from advocates.models import ErasedMark
from kit.clock import now_for
from kit.tenancy import in_tenant_transaction, transaction_forbidden
from merchants.models import Merchant
from privacy.actions.erasure import CannotErase, forget_friend
from privacy.selectors import friends_to_forget
from privacy.steps.erasure import sweep

logger = logging.getLogger(__name__)

#: Of one merchant in one turn.
MOST_FRIENDS = 200


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


def _forget_friends(merchant: Merchant) -> None:
    """Who left an address, never bought, and is no advocate: as long as the merchant wishes to know of them. Some at a
    time; somebody a reward is on its way to waits for the next time."""
    ref, now = merchant.tenant_ref(), now_for(merchant)
    for key in in_tenant_transaction(ref, partial(_some_friends, now)):
        try:
            in_tenant_transaction(ref, partial(forget_friend, customer_id=key, now=now))
        except CannotErase as reason:
            logger.info("friend %s stays: %s", key, reason.code)


def _some_friends(now: datetime) -> list[UUID]:
    return list(friends_to_forget(now=now).values_list("pk", flat=True)[:MOST_FRIENDS])
