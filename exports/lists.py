"""What a list must be able to do to be written down. The audience that shows it owns it and names it to settings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from merchants.models import Membership


class FilterGone(Exception):
    """What the list was narrowed by is not known any more: a file of more rows than were asked for would mislead."""


class WritableList(Protocol):
    """One list, whoever reads it. ``query`` is what its address asks for, after the question mark."""

    @property
    def columns(self) -> Sequence[str]: ...

    #: The permission without which nobody sees it.
    @property
    def need(self) -> str: ...

    def keys(self, seat: Membership, query: str) -> Iterator[UUID]:
        """The rows that are shown, in their order: one statement, so they are of one moment. Raises FilterGone."""
        ...

    def lines_of(self, seat: Membership, query: str, keys: Collection[UUID]) -> Iterable[Sequence[object]]:
        """What is said of these rows, in the order of ``keys``; nothing of one that is gone.
        Each has as many values as there are columns."""
        ...


def lists() -> Mapping[str, WritableList]:
    known: Mapping[str, WritableList] = import_string(settings.EXPORT_LISTS)
    return known
