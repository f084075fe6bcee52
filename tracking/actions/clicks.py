"""A click: evidence that somebody opened a link. The signed token it yields is what attributes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from advocates.models import Link
from kit.ids import uuid7
from kit.many import as_array, bare_array, text_array
from kit.signing import make_click_token
from kit.tenancy import current_merchant_id, transaction_required
from merchants.models import Workspace
from tracking.calendar import Spans
from tracking.locks import figures_key
from tracking.models import Click
from tracking.stream import ClickEntry, Parts, milliseconds_of, parts_of

#: Takes the shared lock on the figures, and says where the merchant's days begin.
ASK = "SELECT time_zone, pg_advisory_xact_lock_shared(%s) FROM merchants_workspace"
#: A day lies between its first millisecond and the first one after it. (As float8 a millisecond is the same moment as
#: by exact division, in a fraction of the time.)
INSERT = """
WITH recorded AS (
    INSERT INTO tracking_click (
        merchant_id, id, link_id, program_id, at, channel, variant, device, agent, referrer, salt, address, network
    )
    SELECT %s, given.id, given.link, given.program, to_timestamp(given.at_ms / 1000.0::float8), given.channel,
        given.variant, given.device, given.agent, given.referrer, given.salt, given.address, given.network
    FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[],
        %s::text[], %s::integer[], %s::text[], %s::text[])
        AS given(id, link, program, at_ms, channel, variant, device, agent, referrer, salt, address, network)
    ON CONFLICT DO NOTHING
    RETURNING merchant_id, link_id, program_id, channel, variant, at
),
fresh AS MATERIALIZED (
    SELECT recorded.*, span.day FROM recorded
    JOIN unnest(%s::date[], %s::bigint[], %s::bigint[]) AS span(day, since, until)
    ON recorded.at >= to_timestamp(span.since / 1000.0::float8)
        AND recorded.at < to_timestamp(span.until / 1000.0::float8)
),
days AS (
    INSERT INTO tracking_daystat AS stood (id, merchant_id, day, program_id, channel, variant, clicks)
    SELECT gen_random_uuid(), merchant_id, day, program_id, channel, variant, count(*) FROM fresh
    GROUP BY merchant_id, day, program_id, channel, variant ORDER BY day, program_id, channel, variant
    ON CONFLICT (merchant_id, day, program_id, channel, variant) DO UPDATE SET clicks = stood.clicks + excluded.clicks
)
INSERT INTO tracking_linkday AS stood (id, merchant_id, link_id, day, clicks)
SELECT gen_random_uuid(), merchant_id, link_id, day, count(*) FROM fresh
GROUP BY merchant_id, link_id, day ORDER BY link_id, day
ON CONFLICT (merchant_id, link_id, day) DO UPDATE SET clicks = stood.clicks + excluded.clicks
"""


@transaction_required
def record_clicks(*, entries: Sequence[ClickEntry], now: datetime, zone: str = "") -> None:
    """Record the clicks of the merchant in scope and add to the daily figures what was not recorded before.

    One statement for all of them: a click that stands already (a replay) changes nothing. A click later than ``now``
    (business time) is of now: the clock of a web server may run ahead. Raises IntegrityError when a link or a program
    is none of this merchant's, or when no partition is there for an id.

    ``zone``: of whoever has asked ASK in this transaction already. Nothing is read then, so many merchants' clicks may
    be sent without waiting (kit.pipelined).
    """
    record_parts(rows=[parts_of(entry) for entry in entries], now=now, zone=zone)


@transaction_required
def record_parts(*, rows: Sequence[Parts], now: datetime, zone: str = "") -> None:
    """``record_clicks`` of what was read from the stream and is passed on as it was written there."""
    merchant_id = current_merchant_id()
    given = {row[0]: row for row in rows}
    if not given:
        return
    ids, merchants, links, programs, at_ms, *texts = zip(*given.values(), strict=True)
    if set(merchants) != {merchant_id.hex}:
        raise ValueError("Clicks are recorded for one merchant, the one in scope.")
    channel, variant, device, agent, referrer, salt, address, network = texts
    latest = milliseconds_of(now)
    moments = [min(int(text), latest) for text in at_ms]
    days = Spans(zone or zone_for_figures()).around(moments)
    told: list[Any] = [merchant_id, *map(bare_array, (ids, links, programs, map(str, moments)))]
    told += [*map(text_array, (channel, variant, device, agent, referrer)), bare_array(salt)]
    told += [*map(text_array, (address, network)), *[as_array(column) for column in days]]
    with connection.cursor() as cursor:
        cursor.execute(INSERT, told)


def zone_for_figures() -> str:
    """Asked before figures are added to, in the same transaction. Raises DoesNotExist where no workspace is."""
    with connection.cursor() as cursor:
        cursor.execute(ASK, [figures_key()])
        return zone_of(cursor.fetchone())


def zone_of(answer: tuple[str, object] | None) -> str:
    if answer is None:
        raise Workspace.DoesNotExist("This merchant has no workspace.")
    return answer[0]


@transaction_required
def record_click(*, link: Link, device: str, now: datetime) -> Click:
    """One human click, recorded at once: for worlds that are played and for tests."""
    entry = ClickEntry(
        click_id=uuid7(),
        merchant_id=current_merchant_id(),
        link_id=link.pk,
        program_id=link.advocate.program_id,
        at_ms=milliseconds_of(now),
        channel=link.channel,
        variant=link.advocate.variant,
        device=device,
        agent="",
        referrer="",
        salt=0,
        address="",
        network="",
    )
    record_clicks(entries=[entry], now=now)
    return Click(id=entry.click_id, merchant_id=link.merchant_id, link=link, program_id=entry.program_id, at=entry.at)


def token_of(click: Click) -> str:
    """What the friend carries to the shop: ``v1.<click>.<link>.<time>.<mac>``."""
    return make_click_token(click_id=click.pk, link_id=click.link_id, at=click.at, key=settings.CLICK_TOKEN_KEYS[0])
