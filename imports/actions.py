"""What becomes of a file: brought, looked at, checked as a whole, written, forgotten.

Checking writes nothing. With one row at fault nothing is written. What is written in one transaction is there or not;
what is settled row by row (orders) is written in parts once the whole file was found right, and a part that broke off
is taken up again where it stands: ``rows_done`` moves with the rows. Each file is forgotten as soon as it is in, and
after a day otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID
from zlib import compress

from django.db import transaction
from django.utils.translation import gettext as _

from imports.kinds import ImportKind, Job, Planned, TargetGone
from imports.locks import WAITING, WORKING, import_for_update, next_to_forget
from imports.models import Import, ImportFile, KnownShape
from imports.names import KNOWN, plain
from imports.progress import teller
from imports.rules import Reading, Tally, read_as, shape_of
from imports.selectors import known_reading, look_at, peeked, table_of
from kit.clock import database_now
from kit.csvio import CsvProblem, Problem, text_of, write_table
from kit.locks import Rank, lock_named
from kit.patience import pause_after
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from merchants.models import User
from merchants.wakeups import wake

#: How long a file that nobody imports is kept, in the merchant's time.
KEPT_FOR = timedelta(days=1)
#: Files of one workspace that wait at the same time.
MOST_OPEN = 20
#: What broke five times breaks again.
MOST_ATTEMPTS = 5
#: Spreadsheets take a file for UTF-8 only by it.
BYTE_ORDER_MARK = "\ufeff"

State = Import.State


class TooManyImports(Exception):
    """So many files wait already that somebody should import or delete one first."""


class Busy(Exception):
    """Somebody is at this file just now, or it is past what was asked for."""


@dataclass(frozen=True)
class Upload:
    """What somebody brings: ``kind`` by its name, ``target`` where it goes."""

    kind: str
    target: str
    file_name: str
    data: bytes


@transaction_required
def bring_file(*, upload: Upload, kind: ImportKind, user: User, language: str, by: str, now: datetime) -> Import:
    """Keep the file and find out how it is to be read. Raises CsvProblem for what is no text at all, and
    TooManyImports."""
    lock_named(Rank.QUEUE, "import")
    if Import.objects.filter(state__in=(*WAITING, *WORKING)).count() >= MOST_OPEN:
        raise TooManyImports
    one: Import = Import.objects.create(
        kind=upload.kind,
        target=upload.target,
        file_name=upload.file_name[-100:],
        user=user,
        by=by,
        language=language,
        uploaded_at=now,
        expires_at=now + KEPT_FOR,
        reading=found_out(upload, kind).as_json(),
    )
    ImportFile.objects.create(of=one, body=compress(upload.data))
    record("import.uploaded", subject=one, by=by, now=now, data={"kind": one.kind}, is_first=True)
    return one


def found_out(upload: Upload, kind: ImportKind) -> Reading:
    """Encoding and delimiter by the file itself, columns as in the last one of its shape, or by their names."""
    _text, encoding = text_of(upload.data)
    told = Reading(encoding=encoding)
    look = look_at(upload.data, told)
    if look.table is None:
        return told
    told = replace(told, delimiter=look.table.delimiter, has_names=_has_names(upload.kind, look.table.headers))
    return _understood(upload.kind, upload.data, told, kind)


def _has_names(kind: str, headers: Sequence[str]) -> bool:
    """Lists of codes often begin with a code."""
    names = {plain(name) for names in KNOWN[kind].values() for name in names.split(",")}
    return kind != "codes" or any(plain(header) in names for header in headers)


def _understood(name: str, data: bytes, told: Reading, kind: ImportKind) -> Reading:
    try:
        table = peeked(data, told)
    except CsvProblem:
        return told
    told = read_as(name, table, told, kind.fields, known_reading(name, table))
    if not told.has_names and not told.mapping:
        told = replace(told, mapping={kind.fields[0]: table.headers[0]})
    return told


@transaction_required
def read_otherwise(*, one: Import, data: bytes, reading: Reading, kind: ImportKind) -> None:
    """Another encoding or delimiter: the columns are found anew. ``one`` is locked and waits for a person."""
    told = _understood(one.kind, data, replace(reading, mapping={}), kind)
    one.reading, one.state = told.as_json(), State.LOOKED_AT
    one.save(update_fields=["reading", "state"])


@transaction_required
def waiting_import(import_id: UUID) -> Import:
    """Locked. Raises Busy unless a person is to do something about it."""
    one = import_for_update(import_id)
    if one is None or one.state not in WAITING:
        raise Busy
    return one


@transaction_required
def ask_for_check(
    *, one: Import, data: bytes, reading: Reading, kind: ImportKind, language: str, by: str, now: datetime
) -> None:
    """Check the file as it is read now: at once, or by a worker where it is long. ``one`` is locked and waits."""
    remember_shape(kind=one.kind, data=data, reading=reading, now=now)
    one.reading, one.by, one.language, one.problem = reading.as_json(), by, language, ""
    one.state, one.attempts, one.next_try_at = State.CHECKING, 0, database_now()
    one.expires_at = now + KEPT_FOR
    one.save()
    if max(data.count(b"\n"), data.count(b"\r")) > kind.at_once:
        wake("imports", due_at=one.next_try_at)
    else:
        check(one=one, plan=plan_of(one=one, kind=kind, now=now), kind=kind, now=now)


def remember_shape(*, kind: str, data: bytes, reading: Reading, now: datetime) -> None:
    """For the next file of this shape. Of one without names there is nothing to know it by."""
    look = look_at(data, reading)
    if look.table is None or not reading.has_names:
        return
    told = {"reading": reading.as_json(), "used_at": now}
    KnownShape.objects.update_or_create(kind=kind, shape=shape_of(look.table.headers), defaults=told)


# --- a worker's part, and a press's where the file is short -------------------------------------------------------


@dataclass(frozen=True)
class Unreadable:
    """A plan of nothing: no table, so no rows."""

    errors: list[Problem]
    rows: tuple[()] = ()


@transaction_required
def plan_of(*, one: Import, kind: ImportKind, now: datetime) -> Planned:
    """What the file says, row by row."""
    try:
        return kind.read(table_of(one, kind), Reading.of(one.reading), now)
    except CsvProblem as error:
        return Unreadable(error.problems)


@transaction_required
def check(*, one: Import, plan: Planned, kind: ImportKind, now: datetime) -> None:
    """Find every row at fault, or what importing would do. ``one`` is locked; nothing but it changes."""
    one.rows, one.rows_done = len(plan.rows), 0
    if plan.errors:
        return _tell_faults(one, plan.errors)
    try:
        with transaction.atomic():
            tally = kind.foresee(plan, _job(one, now))
    except CsvProblem as error:
        _tell_faults(one, error.problems)
    except TargetGone:
        give_up(one=one, problem="target_gone", now=now)
    else:
        one.state, one.next_try_at, one.attempts, one.faults = State.CHECKED, None, 0, 0
        _count(one, tally)


def _job(one: Import, now: datetime) -> Job:
    return Job(target=one.target, by=one.by, now=now, told=teller(one))


def _count(one: Import, tally: Tally) -> None:
    one.added, one.updated, one.unchanged = tally.added, tally.updated, tally.unchanged
    one.save()


def _tell_faults(one: Import, problems: Sequence[Problem]) -> None:
    """Every row at fault as a line of a table; nothing of the file was written."""
    heads = [_("Row"), _("Column"), _("Value"), _("What is wrong")]
    lines = [[told.row or "", told.column, told.value, told.message] for told in problems]
    body = BYTE_ORDER_MARK + write_table(heads, lines)
    ImportFile.objects.filter(of=one).update(faults=compress(body.encode()))
    one.state, one.next_try_at, one.attempts, one.faults = State.FAULTY, None, 0, len(problems)
    _count(one, Tally())


@transaction_required
def start_writing(*, one: Import, kind: ImportKind, language: str, by: str, now: datetime) -> None:
    """What was checked is written: at once, or by a worker where it is long. ``one`` is locked. Raises Busy unless it
    was checked."""
    if one.state != State.CHECKED:
        raise Busy
    one.by, one.language, one.attempts, one.rows_done = by, language, 0, 0
    one.state, one.next_try_at, one.expires_at = State.WRITING, database_now(), now + KEPT_FOR
    _count(one, Tally())
    if one.rows > kind.at_once:
        wake("imports", due_at=one.next_try_at)
        return
    plan = plan_of(one=one, kind=kind, now=now)
    while one.state == State.WRITING:
        write(one=one, plan=plan, kind=kind, now=now)


@transaction_required
def write(*, one: Import, plan: Planned, kind: ImportKind, now: datetime) -> None:
    """The next part of the file, or all of it. ``one`` is locked, so nobody else is at it.

    What became wrong since the file was checked is told as rows at fault, while nothing is written yet.
    """
    if plan.errors and not one.rows_done:
        return _tell_faults(one, plan.errors)
    stop = min(one.rows, one.rows_done + (kind.part or one.rows))
    try:
        with transaction.atomic():
            tally = kind.write(plan, one.rows_done, stop, _job(one, now))
    except CsvProblem as error:
        _tell_faults(one, error.problems)
    except TargetGone:
        give_up(one=one, problem="target_gone", now=now)
    else:
        one.rows_done, one.attempts = stop, 0
        _count(one, Tally(one.added, one.updated, one.unchanged).plus(tally))
        if stop >= one.rows:
            _end(one, State.DONE, now)
            counts = {"added": one.added, "updated": one.updated, "unchanged": one.unchanged}
            record("import.done", subject=one, by=one.by, now=now, data={"kind": one.kind, "rows": one.rows, **counts})


@transaction_required
def give_up(*, one: Import, problem: str, now: datetime) -> None:
    """It cannot go on. ``one`` is locked."""
    one.problem = problem
    _end(one, State.FAILED, now)
    data = {"kind": one.kind, "problem": problem, "rows": one.rows_done}
    record("import.failed", subject=one, by=SYSTEM, now=now, data=data)


@transaction_required
def note_trouble(*, import_id: UUID, now: datetime) -> None:
    """What was being done was rolled back: it is tried again later, a few times. What is written stays written."""
    one = import_for_update(import_id)
    if one is None or one.next_try_at is None:
        return
    one.attempts += 1
    one.next_try_at = database_now() + pause_after(one.attempts)
    one.save(update_fields=["attempts", "next_try_at"])
    if one.attempts >= MOST_ATTEMPTS:
        give_up(one=one, problem="broke", now=now)


@transaction_required
def drop(*, one: Import, by: str, now: datetime) -> None:
    """Not to be imported: the file goes at once. ``one`` is locked and waits for a person."""
    _end(one, State.DROPPED, now)
    record("import.dropped", subject=one, by=by, now=now, data={"kind": one.kind})


@transaction_required
def forget_next(*, now: datetime) -> Import | None:
    """The file that nobody imported for the longest, once its day is over. None when there is none."""
    one = next_to_forget(now=now)
    if one is not None:
        drop(one=one, by=SYSTEM, now=now)
    return one


def _end(one: Import, state: Import.State, now: datetime) -> None:
    ImportFile.objects.filter(of=one).delete()
    one.state, one.done_at, one.expires_at, one.next_try_at = state, now, None, None
    one.save()
