"""What shops and servers sent stands here as it came for some weeks: what names a person who is erased goes at once."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from integrations.models import InboundEvent
from kit.tenancy import current_merchant_id, transaction_required

#: Deliveries looked through in one transaction.
CHUNK = 500
#: The newest first, by keys below the last one looked at. ``escape`` shows bytes as text, whatever they are.
_NEXT = """
WITH looked AS (
    SELECT id, body FROM integrations_inboundevent
    WHERE merchant_id = %(merchant)s AND body IS NOT NULL AND (%(below)s::uuid IS NULL OR id < %(below)s)
    ORDER BY id DESC LIMIT %(chunk)s
), gone AS (
    UPDATE integrations_inboundevent event SET body = NULL FROM looked
    WHERE event.id = looked.id AND event.handled_at IS NOT NULL
        AND strpos(lower(encode(looked.body, 'escape')), %(told)s) > 0 RETURNING 1
)
SELECT (SELECT id FROM looked ORDER BY id LIMIT 1), (SELECT count(*) FROM gone)
"""

_WAITING = """
SELECT EXISTS (SELECT FROM integrations_inboundevent
    WHERE merchant_id = %s AND handled_at IS NULL AND strpos(lower(encode(body, 'escape')), %s) > 0)
  OR EXISTS (SELECT FROM integrations_bulkline
    WHERE merchant_id = %s AND state = 'WAITING' AND strpos(lower(encode(body, 'escape')), %s) > 0)
"""


@transaction_required
def forget_deliveries(*, email: str, below: UUID | None) -> tuple[UUID | None, int]:
    """Empty the next some that name the address. Where to go on, None at the end; and how many were emptied."""
    told = {"merchant": current_merchant_id(), "below": below, "chunk": CHUNK, "told": email.lower()}
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, told)
        last, gone = cursor.fetchone()
    return last, int(gone)


@transaction_required
def forget_deliveries_of(*, orders: Collection[UUID]) -> None:
    """All that was sent about these orders, and is handled."""
    handled = InboundEvent.objects.filter(order_id__in=orders, handled_at__isnull=False)
    handled.exclude(body=None).update(body=None)


@transaction_required
def waiting_deliveries_name(*, email: str) -> bool:
    """Whether something that names the address is still to be read: it would make the person known again."""
    merchant_id, told = current_merchant_id(), email.lower()
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [merchant_id, told, merchant_id, told])
        [(waits,)] = cursor.fetchall()
    return bool(waits)
