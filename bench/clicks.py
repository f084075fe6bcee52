"""Clicks for the benches: of 500 merchants by Zipf, on forty links each; and millions of one merchant, by SQL."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from bench.world import Shop
from bench.written import Connection
from kit.clock import database_now
from kit.ids import uuid7
from tracking.stream import ClickEntry, milliseconds_of

LINKS = 40
CHANNELS = ("LINK", "COPY", "NATIVE", "WHATSAPP", "MAIL", "QR")
DEVICES = ("phone", "phone", "desktop", "tablet")
AGENTS = ("chrome/android", "safari/ios", "chrome/windows", "firefox/linux")
REFERRERS = ("", "", "www.instagram.com", "l.facebook.com", "mail.example.com")
#: Addresses are drawn from so many: some people come again.
ADDRESSES = 50_000

MORE_LINKS = """
INSERT INTO advocates_link (id, merchant_id, advocate_id, channel, placement, code, created_at, {columns})
SELECT gen_random_uuid(), merchant_id, advocate_id, 'LINK', 'place ' || n, 'B' || n, created_at, {columns}
FROM advocates_link, generate_series(1, %s) n
"""


@dataclass(frozen=True, slots=True)
class Place:
    merchant_id: UUID
    program_id: UUID
    links: list[UUID]


def more_links(owner: Connection, shops: Sequence[Shop]) -> list[Place]:
    """Each merchant's links besides the one they have, and its program."""
    given = {"id", "merchant_id", "advocate_id", "channel", "placement", "code", "created_at"}
    found = owner.execute(
        """SELECT attname FROM pg_attribute WHERE attrelid = 'advocates_link'::regclass AND attnum > 0
           AND NOT attisdropped AND attgenerated = ''"""
    )
    columns = ", ".join(name for (name,) in found.fetchall() if name not in given)
    statement = MORE_LINKS.format(columns=columns) if columns else MORE_LINKS.replace(", {columns}", "")
    owner.execute(statement.encode(), [LINKS - 1])
    rows = owner.execute(
        """SELECT link.merchant_id, advocate.program_id, array_agg(link.id) FROM advocates_link link
           JOIN advocates_advocate advocate ON advocate.id = link.advocate_id GROUP BY 1, 2"""
    )
    places = {merchant_id: Place(merchant_id, program_id, links) for merchant_id, program_id, links in rows.fetchall()}
    return [places[shop.merchant_id] for shop in shops]


class Visitors:
    """Makes clicks that never repeat, the same ones in every run of the bench but for ids and times."""

    def __init__(self, places: Sequence[Place]) -> None:
        self.places = places
        self.weights = [1 / rank for rank in range(1, len(places) + 1)]
        self.random = random.Random(20260)

    def clicks(self, count: int) -> list[ClickEntry]:
        at_ms = milliseconds_of(database_now())
        return [self._click(place, at_ms) for place in self.random.choices(self.places, self.weights, k=count)]

    def _click(self, place: Place, at_ms: int) -> ClickEntry:
        draw = self.random.choice
        who = self.random.randrange(ADDRESSES)
        return ClickEntry(
            click_id=uuid7(),
            merchant_id=place.merchant_id,
            link_id=draw(place.links),
            program_id=place.program_id,
            at_ms=at_ms,
            channel=draw(CHANNELS),
            variant="",
            device=draw(DEVICES),
            agent=draw(AGENTS),
            referrer=draw(REFERRERS),
            salt=2968,
            address=f"a{who:021}",
            network=f"n{who // 50:021}",
        )


# --- millions, by SQL -------------------------------------------------------------------------------------------

FILL = """
INSERT INTO tracking_click
SELECT (lpad(to_hex(%(first_ms)s::bigint + n / 1000), 12, '0') || '7' || lpad(to_hex(n %% 1000), 3, '0') || '8'
        || substr(md5(n::text), 1, 15))::uuid,
    %(merchant)s, (%(links)s::uuid[])[1 + n %% %(many)s], %(program)s, (%(channels)s::text[])[1 + n %% 6], '',
    now() - (%(days)s * (%(until)s - n) / %(until)s::float8) * interval '1 day',
    'phone', 'chrome/android', '', 2968, lpad((n %% 50000)::text, 22, 'a'), lpad((n %% 1000)::text, 22, 'n')
FROM generate_series(%(since)s::bigint, %(until)s - 1) n
"""
FIGURES = (
    "TRUNCATE tracking_daystat, tracking_linkday",
    """INSERT INTO tracking_daystat (id, merchant_id, day, program_id, channel, variant, clicks)
SELECT gen_random_uuid(), merchant_id, (at AT TIME ZONE 'Europe/Berlin')::date, program_id, channel, variant, count(*)
FROM tracking_click GROUP BY 2, 3, 4, 5, 6""",
    """INSERT INTO tracking_linkday (id, merchant_id, link_id, day, clicks)
SELECT gen_random_uuid(), merchant_id, link_id, (at AT TIME ZONE 'Europe/Berlin')::date, count(*)
FROM tracking_click GROUP BY 2, 3, 4""",
)


def fill(owner: Connection, place: Place, *, since: int, until: int, days: int) -> None:
    """Clicks number ``since`` to ``until`` of one merchant over the last days, with their figures.

    Without the table's keys from here on: what is loaded is right, and asking row by row takes most of the time.
    """
    told = {
        "merchant": place.merchant_id,
        "program": place.program_id,
        "links": place.links,
        "many": len(place.links),
        "channels": list(CHANNELS),
        "days": days,
        "since": since,
        "until": until,
        "first_ms": milliseconds_of(database_now()) - until // 1000,
    }
    for key in ("link_id", "program_id"):
        owner.execute(f"ALTER TABLE tracking_click DROP CONSTRAINT IF EXISTS tracking_click_{key}_tenant".encode())
    owner.execute(FILL, told)
    for statement in FIGURES:
        owner.execute(statement)
    owner.execute("VACUUM ANALYZE")
