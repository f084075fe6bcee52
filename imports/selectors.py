"""Reads of imports."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID
from zlib import decompress

from django.db.models import Min, QuerySet

from imports.kinds import ImportKind
from imports.locks import WAITING, WORKING
from imports.models import Import, ImportFile, KnownShape
from imports.rules import Reading, examples, shape_of
from kit.csvio import CsvProblem, Problem, Table, peek_table, read_table
from kit.encodings import decoded

#: Rows by which a file is looked at before it is checked.
LOOKED_AT = 200


def imports_of(kinds: Collection[str]) -> QuerySet[Import]:
    """Of these kinds, whoever brought them."""
    found: QuerySet[Import] = Import.objects.filter(kind__in=kinds).select_related("user")
    return found


def data_of(one: Import) -> bytes:
    """Raises ImportFile.DoesNotExist once the file is gone."""
    return decompress(bytes(ImportFile.objects.only("body").get(of=one).body))


def faults_of(one: Import) -> bytes | None:
    """The rows at fault as a table of their own."""
    told = ImportFile.objects.filter(of=one).values_list("faults", flat=True).first()
    return decompress(bytes(told)) if told else None


def kept_files() -> list[UUID]:
    """Imports whose file is still there."""
    rows = Import.objects.filter(state__in=(*WAITING, *WORKING)).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def file_names(import_id: UUID, address: str) -> bool:
    """Whether this e-mail address stands in the file, however it is written there. False once the file is gone."""
    one = Import.objects.filter(pk=import_id).first()
    try:
        data = data_of(one) if one else b""
    except ImportFile.DoesNotExist:
        return False
    text = decoded(data, Reading.of(one.reading).encoding or "utf-8") if one else None
    return address.casefold() in (text or data.decode("latin-1")).casefold()


def table_of(one: Import, kind: ImportKind) -> Table:
    """The whole file as it is to be read. Raises CsvProblem."""
    told = Reading.of(one.reading)
    return read_table(
        data_of(one),
        max_rows=kind.most_rows,
        max_bytes=kind.largest,
        encoding=told.encoding,
        delimiter=told.delimiter,
        has_names=told.has_names,
    )


def known_reading(kind: str, table: Table) -> Reading | None:
    """How the last file of this shape was read."""
    found = KnownShape.objects.filter(kind=kind, shape=shape_of(table.headers)).values_list("reading", flat=True)
    told = found.first()
    return Reading.of(told) if told else None


@dataclass(frozen=True)
class Look:
    """The beginning of a file as it is read now. ``problems``: why it cannot even be read so."""

    reading: Reading
    table: Table | None = None
    problems: list[Problem] = field(default_factory=list)

    @property
    def examples(self) -> dict[str, str]:
        return examples(self.table) if self.table else {}


def look_at(data: bytes, reading: Reading) -> Look:
    try:
        return Look(reading, peeked(data, reading))
    except CsvProblem as error:
        return Look(reading, problems=error.problems)


def peeked(data: bytes, reading: Reading) -> Table:
    return peek_table(
        data,
        rows=LOOKED_AT,
        encoding=reading.encoding,
        delimiter=reading.delimiter,
        has_names=reading.has_names,
    )


def next_try_at() -> datetime | None:
    """Real time."""
    at: datetime | None = Import.objects.filter(state__in=WORKING).aggregate(at=Min("next_try_at"))["at"]
    return at


def next_expiry() -> datetime | None:
    at: datetime | None = Import.objects.filter(state__in=WAITING).aggregate(at=Min("expires_at"))["at"]
    return at
