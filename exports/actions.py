"""What becomes of an export: asked for, its rows settled, its parts written one by one, ready, removed.

Rows and their order are settled by one statement, so they are the list of one moment. Each part then takes the place of
its keys in one UPDATE: done twice, or broken off, it is neither doubled nor missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import UUID
from zlib import compress

from django.db import connection
from django.db.models import DateTimeField, ExpressionWrapper, F
from django.db.models.functions import Least

from exports.lists import BundleFile
from exports.locks import KEPT, OPEN, next_to_remove, open_export
from exports.models import PART, Export, ExportPart
from exports.selectors import filter_names
from kit.clock import database_now
from kit.csvio import write_table
from kit.ids import uuid7
from kit.locks import Rank, lock_named
from kit.many import columns, insert_many
from kit.patience import pause_after
from kit.tenancy import current_merchant_id, transaction_required
from merchants.events import SYSTEM, by_user, record
from merchants.models import Membership
from merchants.selectors import workspace
from merchants.wakeups import wake

#: How long a file can be had, in the merchant's time.
KEPT_FOR = timedelta(days=7)
#: Parts made at once while the rows are settled.
HANDFUL = 50
#: Of one workspace at the same time.
MOST_OPEN = 20
#: What broke five times at the same part breaks again.
MOST_ATTEMPTS = 5
KEY_BYTES = 16
#: Spreadsheets take a file for UTF-8 only by it.
BYTE_ORDER_MARK = "\ufeff"

State = Export.State


class TooManyExports(Exception):
    """So many are under way that another one would only wait behind them."""


@transaction_required
def ask_for_export(*, list: str, query: str, seat: Membership, language: str, now: datetime) -> Export:
    """The file of a list, asked for by ``seat``. The one that is under way already, where it is the same.

    Raises TooManyExports.
    """
    lock_named(Rank.QUEUE, "export")
    told = {"list": list, "query": query, "user_id": seat.user_id, "role": seat.role, "language": language}
    under_way = Export.objects.filter(state__in=OPEN)
    if same := under_way.filter(**told).first():
        found: Export = same
        return found
    if under_way.count() >= MOST_OPEN:
        raise TooManyExports
    due_at = database_now()
    export: Export = Export.objects.create(**told, asked_at=now, next_try_at=due_at)
    data = {"list": list, "filters": filter_names(query)}
    record("export.asked", subject=export, by=by_user(seat.user_id), now=now, data=data, is_first=True)
    wake("exports", due_at=due_at)
    return export


@transaction_required
def settle_rows(*, export: Export, keys: Iterator[UUID], headers: Sequence[str], now: datetime) -> None:
    """Write down which rows the file is made of. ``keys`` come from one statement. ``export`` is locked."""
    ExportPart.objects.create(export=export, number=0, body=compress(_head(headers)))
    number, rows = 1, 0
    while handful := [*islice(_packed(keys), HANDFUL)]:
        same = {"export_id": export.pk, "body": None}
        each = columns(("id", "number", "keys"), [(uuid7(), number + at, one) for at, one in enumerate(handful)])
        insert_many(ExportPart, same=same, each=each)
        number += len(handful)
        rows += sum(len(one) for one in handful) // KEY_BYTES
    export.state, export.rows, export.listed_at = State.WRITING, rows, now
    export.save(update_fields=["state", "rows", "listed_at"])


#: Every row of every file gets its place in one statement, so they are all of one moment; nothing of it comes here.
_SETTLE = """
WITH rows AS (
    SELECT file, id, (row_number() OVER (PARTITION BY file ORDER BY id) - 1) / %(part)s AS part FROM ({each}) each
), packed AS (
    SELECT file, part, count(*) AS n, string_agg(uuid_send(id), ''::bytea ORDER BY id) AS keys
    FROM rows GROUP BY file, part
), made AS (
    INSERT INTO exports_exportpart (id, merchant_id, export_id, number, file, keys)
    SELECT gen_random_uuid(), %(merchant)s, %(export)s, %(first)s + row_number() OVER (ORDER BY file, part) - 1,
        (%(names)s::text[])[file + 1], keys FROM packed
)
SELECT coalesce(sum(n), 0) FROM packed
"""


@transaction_required
def settle_bundle(*, export: Export, files: Sequence[BundleFile], now: datetime) -> None:
    """``settle_rows`` for many tables. The heads stand first, one for each file. ``export`` is locked."""
    heads = [(uuid7(), at, one.name, compress(_head(one.columns))) for at, one in enumerate(files)]
    insert_many(ExportPart, same={"export_id": export.pk}, each=columns(("id", "number", "file", "body"), heads))
    each = " UNION ALL ".join(f"SELECT {at} AS file, id FROM ({one.rows}) r{at}" for at, one in enumerate(files))  # noqa: S608 -- our own names
    told: dict[str, Any] = {"merchant": current_merchant_id(), "export": export.pk, "part": PART, "first": len(files)}
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE.format(each=each), told | {"names": [one.name for one in files]})
        rows = int(cursor.fetchone()[0])
    export.state, export.rows, export.listed_at = State.WRITING, rows, now
    export.save(update_fields=["state", "rows", "listed_at"])


def _head(names: Sequence[str]) -> bytes:
    return (BYTE_ORDER_MARK + write_table(names, [])).encode()


def _packed(keys: Iterator[UUID]) -> Iterator[bytes]:
    while some := b"".join(key.bytes for key in islice(keys, PART)):
        yield some


def part_to_write(export: Export) -> ExportPart | None:
    """The first that is not written. They are written in order, so none before those that are done is looked at."""
    parts = ExportPart.objects.filter(export=export, body=None, number__gt=export.rows_done // PART)
    found: ExportPart | None = parts.order_by("number").first()
    return found


def keys_of(part: ExportPart) -> list[UUID]:
    told = bytes(part.keys or b"")
    return [UUID(bytes=told[at : at + KEY_BYTES]) for at in range(0, len(told), KEY_BYTES)]


@transaction_required
def write_part(*, export: Export, part: ExportPart, lines: Iterable[Sequence[object]], width: int) -> None:
    """The lines take the place of the keys. ``export`` is locked, so nobody else is at this part."""
    told = [[*line] for line in lines]
    if any(len(line) != width for line in told):
        raise ValueError(f"A line of {export.list} has another number of values than there are columns.")
    export.rows_done += len(keys_of(part))
    export.lines += len(told)
    export.attempts = 0
    export.save(update_fields=["rows_done", "lines", "attempts"])
    part.keys, part.body = None, compress(write_table([], told).removeprefix("\r\n").encode())
    part.save(update_fields=["keys", "body"])


@transaction_required
def finish(*, export: Export, now: datetime) -> None:
    """All of it is written. ``export`` is locked."""
    _end(export, State.READY, now)
    data = {"list": export.list, "filters": filter_names(export.query), "rows": export.lines}
    record("export.ready", subject=export, by=by_user(export.user_id), now=now, data=data)


@transaction_required
def give_up(*, export: Export, problem: str, now: datetime) -> None:
    """There will be no file; what was written of it goes at once. ``export`` is locked."""
    ExportPart.objects.filter(export=export).delete()
    export.problem = problem
    export.save(update_fields=["problem"])
    _end(export, State.FAILED, now)
    record("export.failed", subject=export, by=SYSTEM, now=now, data={"list": export.list, "problem": problem})


def kept_for() -> timedelta:
    """As long as the platform keeps files, or as short as the merchant in scope wishes."""
    days = workspace().file_retention_days
    return KEPT_FOR if days is None else min(KEPT_FOR, timedelta(days=days))


@transaction_required
def keep_shorter() -> None:
    """The merchant wishes files to go sooner: those that are there too. None stays longer than it was told."""
    kept = Export.objects.filter(state__in=KEPT)
    kept.update(expires_at=Least("expires_at", ExpressionWrapper(F("done_at") + kept_for(), DateTimeField())))


def _end(export: Export, state: Export.State, now: datetime) -> None:
    export.state, export.done_at, export.expires_at = state, now, now + kept_for()
    export.save(update_fields=["state", "done_at", "expires_at"])


@transaction_required
def note_trouble(*, export_id: UUID, now: datetime) -> None:
    """What was being done was rolled back: it is tried again later, a few times. What is written stays written."""
    export = open_export(export_id)
    if export is None:
        return
    export.attempts += 1
    export.next_try_at = database_now() + pause_after(export.attempts)
    export.save(update_fields=["attempts", "next_try_at"])
    if export.attempts >= MOST_ATTEMPTS:
        give_up(export=export, problem="broke", now=now)


@transaction_required
def remove_all(*, now: datetime) -> int:
    """Every file that is kept, whoever asked: a person who is to be forgotten may stand in it. Gives how many.

    One that is being written has them in its first parts: it begins anew. What it was narrowed by may name them too:
    then it goes with the others.
    """
    kept = Export.objects.filter(state__in=(*KEPT, *OPEN)).order_by("pk").select_for_update(no_key=True)
    found = list(kept)
    for export in found:
        if export.state in OPEN and not export.query:
            _begin_anew(export)
            continue
        if export.state in OPEN:
            _end(export, State.FAILED, now)
        _remove(export, now)
    return len(found)


def _begin_anew(export: Export) -> None:
    ExportPart.objects.filter(export=export).delete()
    export.state, export.listed_at = State.WAITING, None
    export.rows = export.rows_done = export.lines = export.attempts = 0
    export.save(update_fields=["state", "listed_at", "rows", "rows_done", "lines", "attempts"])


@transaction_required
def remove_next(*, now: datetime) -> Export | None:
    """The file whose time is over the longest, with what its list's address asked for. None when there is none."""
    export = next_to_remove(now=now)
    if export is not None:
        _remove(export, now)
    return export


def _remove(export: Export, now: datetime) -> None:
    ExportPart.objects.filter(export=export).delete()
    was_ready = export.state == State.READY
    export.state, export.query = State.REMOVED, ""
    export.save(update_fields=["state", "query"])
    if was_ready:
        record("export.removed", subject=export, by=SYSTEM, now=now, data={"list": export.list, "rows": export.lines})
