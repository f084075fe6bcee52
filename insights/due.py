"""Which holds end when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from rewards.models import Reward


def due_next(*, limit: int) -> QuerySet[Any]:
    """Held rewards by the day their hold ends, the soonest first. Those that wait for shipment have no day yet."""
    held = Reward.objects.filter(state=Reward.State.HELD, release_at__isnull=False)
    return held.select_related("advocate__customer", "recipient", "program").order_by("release_at", "pk")[:limit]


def due_between(after: datetime, until: datetime) -> int:
    """How many holds end after one moment and not later than another (business time)."""
    return int(Reward.objects.filter(state=Reward.State.HELD, release_at__gt=after, release_at__lte=until).count())
