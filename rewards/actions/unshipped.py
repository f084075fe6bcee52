"""Orders that nobody ships: their rewards have no date, so somebody is told once per order."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from kit.days import add_days
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from merchants.selectors import workspace
from rewards.actions.setbacks import Work, without_setbacks
from rewards.models import Reward
from tracking.actions.facts import lock_order
from tracking.facts import OrderKey
from tracking.models import Order

#: Calendar days from payment on.
TOO_LONG = 60


@transaction_required
def unshipped_for_long(*, now: datetime, limit: int) -> list[UUID]:
    """Orders whose rewards wait for shipment since more than 60 days and of which nobody was told."""
    return list(without_setbacks(_waiting(now), Work.UNSHIPPED).order_by("pk").values_list("pk", flat=True)[:limit])


@transaction_required
def tell_unshipped(*, order_id: UUID, now: datetime) -> bool:
    """Once: False where it was shipped, cancelled or told meanwhile."""
    order = Order.objects.get(pk=order_id)
    lock_order(OrderKey(order.platform, order.external_id))
    if not _waiting(now).filter(pk=order_id).exists():
        return False
    Order.objects.filter(pk=order_id).update(unshipped_told_at=now)
    record("order.unshipped_long", subject=order, by=SYSTEM, now=now, data={"days": TOO_LONG})
    return True


def _waiting(now: datetime) -> QuerySet[Order]:
    since = add_days(now, -TOO_LONG, workspace().time_zone)
    undated = Reward.objects.filter(state=Reward.State.HELD, release_at=None, order__isnull=False)
    waiting: QuerySet[Order] = Order.objects.filter(
        pk__in=undated.values("order_id"), paid_at__lte=since, unshipped_told_at=None
    )
    return waiting
