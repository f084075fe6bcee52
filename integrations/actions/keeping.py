"""The inbox's door: keep a signed delivery as it came, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection as database

from integrations.models import Connection, InboundEvent
from kit.ids import uuid7
from kit.tenancy import current_merchant_id, transaction_required
from merchants.wakeups import wake

State = InboundEvent.State

_KEEP = """
    INSERT INTO integrations_inboundevent (
        id, merchant_id, connection_id, topic, delivery_id, delivery_count, triggered_at, received_at, body, state,
        handled_at, attempts, next_try_at, error, result, order_id)
    VALUES (%s, %s, %s, %s, %s, 1, %s, %s, %s, %s, %s, 0, clock_timestamp(), '', %s, NULL)
    ON CONFLICT (merchant_id, connection_id, delivery_id)
    DO UPDATE SET delivery_count = integrations_inboundevent.delivery_count + 1
    RETURNING id, xmax = 0, next_try_at
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came in, its signature checked. ``delivery_id`` tells repetitions apart from news."""

    topic: str
    delivery_id: str
    triggered_at: datetime | None
    body: bytes
    is_for_us: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    event_id: UUID
    is_new: bool


@transaction_required
def keep_delivery(*, connection: Connection, delivery: Delivery, now: datetime) -> Kept:
    """One row however often and however concurrently it is delivered; news rings the inbox after commit."""
    with database.cursor() as cursor:
        cursor.execute(_KEEP, _values(connection, delivery, now))
        event_id, is_new, due_at = cursor.fetchone()
    if is_new and delivery.is_for_us:
        wake("inbox", due_at=due_at)
    return Kept(event_id, is_new)


def _values(connection: Connection, delivery: Delivery, now: datetime) -> list[Any]:
    state = State.WAITING if delivery.is_for_us else State.IGNORED
    handled_at = None if delivery.is_for_us else now
    result = "" if delivery.is_for_us else "unknown_topic"
    return [
        uuid7(), current_merchant_id(), connection.pk, delivery.topic, delivery.delivery_id, delivery.triggered_at, now,
        delivery.body, state, handled_at, result,
    ]  # fmt: skip
