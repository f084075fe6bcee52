"""How a file is read: found out when it comes, looked at by a person, remembered for the next of its shape. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256
from typing import Any, cast

from imports.names import guess, plain
from kit.cells import Mark, Order, Style, guess_days, guess_decimal
from kit.csvio import Table

#: What the cells of a field hold, where that is written differently from country to country.
DAYS = frozenset({"first_paid_at", "placed_at"})
NUMBERS = frozenset({"amount", "tax", "shipping"})


@dataclass(frozen=True)
class Reading:
    """``mapping``: our fields and the names of the columns they are read from."""

    encoding: str = ""
    delimiter: str = ""
    has_names: bool = True
    days: Order = ""
    decimal: Mark = ""
    mapping: Mapping[str, str] = field(default_factory=dict)

    @property
    def style(self) -> Style:
        return Style(self.days, self.decimal)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def of(told: Mapping[str, Any]) -> Reading:
        return Reading(**told)


@dataclass(frozen=True, slots=True)
class Tally:
    added: int = 0
    updated: int = 0
    unchanged: int = 0

    def plus(self, other: Tally) -> Tally:
        return Tally(self.added + other.added, self.updated + other.updated, self.unchanged + other.unchanged)


@dataclass(frozen=True, slots=True)
class Doubts:
    """Where the cells could be read in two ways, so a person has to say."""

    days: bool = False
    decimal: bool = False


def shape_of(headers: Sequence[str]) -> str:
    """Files with the same names of columns in the same order have it in common."""
    return sha256("\n".join(plain(header) for header in headers).encode()).hexdigest()


def read_as(kind: str, table: Table, reading: Reading, fields: Sequence[str], known: Reading | None) -> Reading:
    """Which columns are which, and how days and amounts are written: as in the last file of this shape, or guessed."""
    mapping = dict(known.mapping) if known else guess(kind, table.headers, fields)
    told = replace(reading, mapping={name: one for name, one in mapping.items() if name in fields})
    return with_style(table, told, known)


def with_style(table: Table, reading: Reading, known: Reading | None = None) -> Reading:
    """What the cells themselves say comes first; where they leave it open, what was said the last time, or nothing."""
    days, decimal = guess_days(_cells(table, reading, DAYS)), guess_decimal(_cells(table, reading, NUMBERS))
    last = known or Reading()
    return replace(
        reading,
        days=cast(Order, days.told) if days.is_sure else last.days,
        decimal=cast(Mark, decimal.told) if decimal.is_sure else last.decimal,
    )


def doubts_of(table: Table, reading: Reading) -> Doubts:
    days, decimal = guess_days(_cells(table, reading, DAYS)), guess_decimal(_cells(table, reading, NUMBERS))
    return Doubts(days=not days.is_sure, decimal=not decimal.is_sure)


def examples(table: Table) -> dict[str, str]:
    """What the columns hold: the first cell of each that holds anything."""
    columns = enumerate(table.headers)
    return {header: next((cells[at] for cells in table.rows if cells[at]), "") for at, header in columns}


def _cells(table: Table, reading: Reading, fields: frozenset[str]) -> Iterator[str]:
    at = [table.headers.index(one) for name, one in reading.mapping.items() if name in fields and one in table.headers]
    return (cells[index] for cells in table.rows for index in at)
