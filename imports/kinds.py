"""What a kind of table must be able to do to be taken in. Who shows it owns it and names it to settings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from imports.rules import Reading, Tally
from kit.csvio import Problem, Table


class TargetGone(Exception):
    """Where it was to go is not there any more, or takes nothing now."""


class Planned(Protocol):
    """What was read: with any error nothing can be written. Rows are in the order in which they are written."""

    @property
    def rows(self) -> Sequence[Any]: ...

    @property
    def errors(self) -> Sequence[Problem]: ...


@dataclass(frozen=True)
class Job:
    """Where to, in whose name, when. ``told`` hears of rows that are done while it goes on."""

    target: str
    by: str
    now: datetime
    told: Callable[[int], None]


class ImportKind(Protocol):
    """One kind. All of its methods run in a transaction, and raise CsvProblem for what is wrong with rows."""

    #: The permission without which nobody sees it.
    @property
    def need(self) -> str: ...

    #: What a row may say, by our names.
    @property
    def fields(self) -> Sequence[str]: ...

    #: Bytes, and rows, of a file.
    @property
    def largest(self) -> int: ...

    @property
    def most_rows(self) -> int: ...

    #: Rows that somebody at a page may wait for; more are a worker's.
    @property
    def at_once(self) -> int: ...

    #: Rows that are written together. 0: the whole file in one transaction.
    @property
    def part(self) -> int: ...

    def read(self, table: Table, reading: Reading, now: datetime) -> Planned: ...

    def foresee(self, plan: Planned, job: Job) -> Tally:
        """What writing would do. Nothing stays changed. Raises TargetGone."""
        ...

    def write(self, plan: Planned, start: int, stop: int, job: Job) -> Tally:
        """Some rows of the plan; safe to repeat. Raises TargetGone."""
        ...


def kinds() -> Mapping[str, ImportKind]:
    known: Mapping[str, ImportKind] = import_string(settings.IMPORT_KINDS)
    return known
