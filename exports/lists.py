"""What a list must be able to do to be written down. The audience that shows it owns it and names it to settings."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file of a bundle. ``rows`` is a statement of its own, without order, that gives the ids of its rows;
    ``%(merchant)s`` stands for the merchant's id in it."""

    name: str
    columns: Sequence[str]
    rows: str


class WritableBundle(Protocol):
    """Many tables in one archive."""

    @property
    def need(self) -> str: ...

    @property
    def title(self) -> str: ...

    #: In the order in which they stand in the archive.
    @property
    def files(self) -> Sequence[BundleFile]: ...

    def lines_of(self, file: str, keys: Collection[UUID]) -> Iterable[Sequence[object]]:
        """As a list's."""
        ...

    def readme(self) -> str:
        """What the archive says about itself."""
        ...


def bundles() -> Mapping[str, WritableBundle]:
    known: Mapping[str, WritableBundle] = import_string(settings.EXPORT_BUNDLES)
    return known


def need_of(name: str) -> str | None:
    """The permission that a list or bundle takes; None for what is not there."""
    known = lists().get(name) or bundles().get(name)
    return known.need if known else None


def lists() -> Mapping[str, WritableList]:
    known: Mapping[str, WritableList] = import_string(settings.EXPORT_LISTS)
    return known
