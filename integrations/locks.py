"""Every row lock of this app. A connection's comes after all locks of orders and rewards: see actions.connections."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache
from uuid import UUID

from django.db.models import QuerySet

from integrations.models import Connection, InboundEvent
from kit.asked import asked_often, the_one


def connection_locked(connection_id: UUID) -> Connection:
    found: Connection = the_one(_connections(connection_id), Connection)
    return found


@asked_often
def _connections(connection_id: UUID) -> QuerySet[Connection]:
    return Connection.objects.filter(pk=connection_id).select_for_update()


def next_waiting_events(now: datetime, most: int) -> list[InboundEvent]:
    """The oldest deliveries that wait and that nobody else is working on. ``now`` is real time."""
    return _waiting(most)(now)


@cache
def _waiting(most: int) -> Callable[[datetime], list[InboundEvent]]:
    @asked_often
    def waiting(now: datetime) -> QuerySet[InboundEvent]:
        rows = InboundEvent.objects.filter(handled_at=None, next_try_at__lte=now).order_by("next_try_at", "pk")
        return rows.select_related("connection").select_for_update(of=("self",), skip_locked=True)[:most]

    return waiting


def event_locked(event_id: UUID) -> InboundEvent:
    found: InboundEvent = InboundEvent.objects.select_for_update().get(pk=event_id)
    return found
