"""A reward that had ended was used all the same: its own order is settled again, in its turn of the locks.

Whatever ended follows its order no more, so a refund may have come meanwhile. Whoever notes the use holds the locks of
the order that carried the code, and may not take those of the other one.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kit.tenancy import transaction_required
from merchants.events import SYSTEM
from rewards.actions.setbacks import Work, without_setbacks
from rewards.actions.settle import settle_order
from rewards.models import Reward
from tracking.models import Order


@transaction_required
def orders_of_revived(*, limit: int) -> list[UUID]:
    """Whose turn it is: what broke before waits for its own (rewards.actions.setbacks)."""
    revived = Reward.objects.filter(is_revived=True, order__isnull=False)
    rows = without_setbacks(revived, Work.REVIVED, about="order_id").order_by("order_id")
    return list(rows.values_list("order_id", flat=True).distinct()[:limit])


@transaction_required
def settle_revived(*, order_id: UUID, now: datetime) -> None:
    """Settle the order from what is known of it; running it again changes nothing."""
    settle_order(order=Order.objects.get(pk=order_id), now=now, by=SYSTEM)
    Reward.objects.filter(order=order_id, is_revived=True).update(is_revived=False)
