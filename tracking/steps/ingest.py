"""From the stream into the tables: clicks wait in Redis until Postgres has them, and are trimmed only then.

One consumer at a time, by an advisory lock of the transaction (a session's would outlive its holder behind a pooling
proxy). No cursor is kept: what is in the stream is not recorded yet, or was by a run that ended between its commit and
its trimming, and recording it once more changes nothing. An entry that cannot be recorded is set aside
(tracking.actions.aside) and never stops those behind it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import NamedTuple, cast
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.db import DataError, IntegrityError, connection
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from kit.clock import database_now
from kit.pipelined import pipelined
from kit.tenancy import TenantRef, tenant_batch, transaction_forbidden
from merchants.models import Merchant
from tracking.actions.aside import Line, set_aside, set_aside_stray
from tracking.actions.clicks import ASK, record_parts, zone_of
from tracking.locks import figures_key
from tracking.partitions import make_partitions
from tracking.stream import FIELD, STREAM, BadEntry, Parts, read

logger = logging.getLogger(__name__)

#: Entries of one transaction, and seconds after which no further one is begun.
BATCH = 20_000
LONGEST_RUN = 5.0
#: Whoever holds it takes clicks in. The same for every installation: it stands in one database.
CONSUMER_LOCK = 0x636C69636B73
SOCKET_SECONDS = 2.0

#: What says something about a row. Everything else (no connection, a deadlock) says nothing about it: it stays.
OF_THE_ROW = (IntegrityError, DataError, ObjectDoesNotExist)


Whose = Callable[[TenantRef], AbstractContextManager[None]]


class AnotherConsumer(Exception):
    """Somebody else is taking clicks in."""


class Readable(NamedTuple):
    """A line, whose it is (hexadecimal), and its parts."""

    line: Line
    merchant: str
    parts: Parts


@transaction_forbidden
def ingest(client: Redis | None = None, *, seconds: float = LONGEST_RUN) -> int:
    """Take in what waits, for ``seconds`` at most; gives how many entries. None while another consumer is at it."""
    client, until, taken = client or stream_client(), time.monotonic() + seconds, 0
    while time.monotonic() < until:
        try:
            count = take_batch(client)
        except AnotherConsumer:
            break
        taken += count
        if count < BATCH:
            break
    return taken


def take_batch(client: Redis) -> int:
    """The oldest entries: recorded or set aside, committed, and only then trimmed. Gives how many there were."""
    if not _got_lock():
        raise AnotherConsumer
    lines = read_stream(client)
    if lines:
        record_lines(lines)
        trim(client, lines[-1])
    return len(lines)


def read_stream(client: Redis) -> list[Line]:
    found = cast(list[tuple[bytes, dict[bytes, bytes]]], client.xrange(STREAM, count=BATCH))
    return [Line(stream_id.decode(), fields.get(FIELD, b"")) for stream_id, fields in found]


def trim(client: Redis, last: Line) -> None:
    """Every entry up to this one goes. Only after the commit: what is lost in between is read again."""
    milliseconds, _, number = last.stream_id.partition("-")
    client.xtrim(STREAM, minid=f"{milliseconds}-{int(number) + 1}", approximate=False)


def record_lines(lines: Sequence[Line]) -> None:
    """All of them in one transaction; where a row is refused, in ever smaller ones until it stands alone."""
    rows, strays = read_lines(lines)
    found = Merchant.objects.in_bulk([UUID(key) for key in {row.merchant for row in rows}])
    merchants = {merchant_id.hex: merchant for merchant_id, merchant in found.items()}
    strays += [(row.line, "unknown_merchant") for row in rows if row.merchant not in merchants]
    for line, reason in strays:
        logger.warning("an entry of the stream is set aside: %s", reason)
        set_aside_stray(line=line, reason=reason, real_now=database_now())
    known = [row for row in rows if row.merchant in merchants]
    _record(sorted(known, key=lambda row: row.merchant), merchants)


def read_lines(lines: Sequence[Line]) -> tuple[list[Readable], list[tuple[Line, str]]]:
    """What can be read, and what cannot with the reason."""
    rows, strays = [], []
    for line in lines:
        try:
            parts = read(line.data)
            rows.append(Readable(line, parts[1], parts))
        except BadEntry as error:
            strays.append((line, error.reason))
    return rows, strays


def _record(rows: list[Readable], merchants: dict[str, Merchant]) -> None:
    """Rows of one merchant lie together."""
    if not rows:
        return
    try:
        _record_at_once(rows, merchants)
    except OF_THE_ROW as error:
        if _lacks_partition(error) and make_partitions():
            _record(rows, merchants)
        elif len(rows) == 1:
            [row] = rows
            reason = reason_of(error)
            logger.warning("a click of merchant %s is set aside: %s", row.merchant, reason)
            _set_aside(row, reason, merchants[row.merchant])
        else:
            middle = len(rows) // 2
            _record(rows[:middle], merchants)
            _record(rows[middle:], merchants)


def _record_at_once(rows: list[Readable], merchants: dict[str, Merchant]) -> None:
    real_now, grouped = database_now(), _by_merchant(rows)
    with _alone() as whose:
        zones = _zones([merchants[key] for key in grouped], whose)
        with pipelined():
            for key, parts in grouped.items():
                merchant = merchants[key]
                with whose(merchant.tenant_ref()):
                    record_parts(rows=parts, now=real_now + merchant.clock_offset, zone=zones[merchant.pk])


def _zones(merchants: list[Merchant], whose: Whose) -> dict[UUID, str]:
    """Where each one's days begin; their figures are held from here on."""
    answers = {}
    with pipelined() as ask:
        for merchant in merchants:
            with whose(merchant.tenant_ref()):
                answers[merchant.pk] = ask(ASK, [figures_key()])
    return {merchant_id: zone_of(answer.fetchone()) for merchant_id, answer in answers.items()}


def _by_merchant(rows: list[Readable]) -> dict[str, list[Parts]]:
    found: dict[str, list[Parts]] = {}
    for row in rows:
        found.setdefault(row.merchant, []).append(row.parts)
    return found


def _set_aside(row: Readable, reason: str, merchant: Merchant) -> None:
    with _alone() as whose, whose(merchant.tenant_ref()):
        set_aside(line=row.line, reason=reason, now=database_now() + merchant.clock_offset)


def reason_of(error: Exception) -> str:
    """A code for why the database refused a row."""
    if _lacks_partition(error):
        return "no_partition"
    constraint = str(getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or "")
    if "link_id" in constraint:
        return "unknown_link"
    return "unknown_program" if "program_id" in constraint else "refused"


def _lacks_partition(error: Exception) -> bool:
    """Postgres says so with the code of a violated check, but names no constraint."""
    cause = error.__cause__
    violated = getattr(cause, "sqlstate", None) == "23514"
    return violated and not getattr(getattr(cause, "diag", None), "constraint_name", None)


def _got_lock() -> bool:
    """Takes the lock: for the transaction, and outside of one only for the blink of asking.

    Asked before anything is read, for most rings come while another run is at it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [CONSUMER_LOCK])
        [(got,)] = cursor.fetchall()
    return bool(got)


@contextmanager
def _alone() -> Iterator[Whose]:
    """A transaction over several merchants' rows that holds the consumer's lock."""
    with tenant_batch() as whose:
        if not _got_lock():
            raise AnotherConsumer
        yield whose


@cache
def stream_client() -> Redis:
    """Tries nothing twice: the next ring comes in a second."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=SOCKET_SECONDS,
        socket_connect_timeout=SOCKET_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
