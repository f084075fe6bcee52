"""Every row lock of this app. A connection's comes after all locks of orders and rewards: see actions.connections."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from integrations.models import Connection, InboundEvent


def connection_locked(connection_id: UUID) -> Connection:
    found: Connection = Connection.objects.select_for_update().get(pk=connection_id)
    return found


def next_waiting_events(now: datetime, most: int) -> list[InboundEvent]:
    """The oldest deliveries that wait and that nobody else is working on. ``now`` is real time."""
    waiting = InboundEvent.objects.filter(handled_at=None, next_try_at__lte=now).order_by("next_try_at", "pk")
    return list(waiting.select_related("connection").select_for_update(of=("self",), skip_locked=True)[:most])


def event_locked(event_id: UUID) -> InboundEvent:
    found: InboundEvent = InboundEvent.objects.select_for_update().get(pk=event_id)
    return found
