"""Daily figures made anew from the clicks themselves, for days whose clicks are still all there."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection

from kit.tenancy import current_merchant_id, transaction_required
from merchants.locks import workspace_for_update
from tracking.calendar import span_of
from tracking.locks import lock_figures
from tracking.stream import moment_of

#: Put what differs and take away what nothing stands for; what is right is not touched.
DAYS = """
WITH wanted AS (
    SELECT program_id, channel, variant, count(*) AS clicks FROM tracking_click
    WHERE merchant_id = %(merchant)s AND at >= %(since)s AND at < %(until)s GROUP BY program_id, channel, variant
),
gone AS (
    DELETE FROM tracking_daystat stood WHERE merchant_id = %(merchant)s AND day = %(day)s AND NOT EXISTS (
        SELECT FROM wanted w WHERE (w.program_id, w.channel, w.variant)
            = (stood.program_id, stood.channel, stood.variant)
    ) RETURNING 1
),
put AS (
    INSERT INTO tracking_daystat AS stood (id, merchant_id, day, program_id, channel, variant, clicks)
    SELECT gen_random_uuid(), %(merchant)s, %(day)s, program_id, channel, variant, clicks FROM wanted
    ON CONFLICT (merchant_id, day, program_id, channel, variant) DO UPDATE SET clicks = excluded.clicks
        WHERE stood.clicks <> excluded.clicks
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM put)
"""
LINKS = """
WITH wanted AS (
    SELECT link_id, count(*) AS clicks FROM tracking_click
    WHERE merchant_id = %(merchant)s AND at >= %(since)s AND at < %(until)s GROUP BY link_id
),
gone AS (
    DELETE FROM tracking_linkday stood WHERE merchant_id = %(merchant)s AND day = %(day)s AND NOT EXISTS (
        SELECT FROM wanted w WHERE w.link_id = stood.link_id
    ) RETURNING 1
),
put AS (
    INSERT INTO tracking_linkday AS stood (id, merchant_id, link_id, day, clicks)
    SELECT gen_random_uuid(), %(merchant)s, link_id, %(day)s, clicks FROM wanted
    ON CONFLICT (merchant_id, link_id, day) DO UPDATE SET clicks = excluded.clicks
        WHERE stood.clicks <> excluded.clicks
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM put)
"""


class ClicksGone(ValueError):
    """Clicks of that day have been deleted: its figures are all that is left, and stay as they are."""


@transaction_required
def rebuild_day(*, day: date) -> int:
    """Make the figures of one day what its clicks say; gives how many rows were wrong. Raises ClicksGone.

    Whoever records a click meanwhile waits until the transaction ends; whoever deletes some waits for the workspace.
    """
    place = workspace_for_update()
    if place.clicks_kept_from and day < place.clicks_kept_from:
        raise ClicksGone(f"Clicks before {place.clicks_kept_from.isoformat()} have been deleted.")
    lock_figures()
    span = span_of(day, place.time_zone)
    told = {
        "merchant": current_merchant_id(),
        "day": day,
        "since": moment_of(span.since),
        "until": moment_of(span.until),
    }
    return sum(_changed(statement, told) for statement in (DAYS, LINKS))


def _changed(statement: str, told: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, told)
        [(rows,)] = cursor.fetchall()
    return int(rows)
