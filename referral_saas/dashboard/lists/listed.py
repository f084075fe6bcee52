"""A list, said once: what stands in it, what it is narrowed and ordered by, and what its file says of each row.

The page shows it with ``shown``; a worker writes it down with ``keys`` and ``lines`` (exports.lists.WritableList).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise

from exports.lists import FilterGone
from kit.asked import asked_often
from kit.many import any_of
from merchants.models import Membership
from referral_saas.dashboard.frame import DeskRequest
from referral_saas.dashboard.listing import Asks, Filters, Page, page_of
from referral_saas.dashboard.lists.shelf import Shelf, kept_of, query_of
from referral_saas.dashboard.lists.titles import LISTS
from referral_saas.dashboard.reader import ForSomebody, Reader

#: Keys that travel from Postgres at once.
FETCHED = 5_000


@dataclass(frozen=True)
class Written:
    """What stands in the address, for a worker."""

    GET: QueryDict


@dataclass(frozen=True)
class Listing:
    """``every``: all rows, with what it takes to show one; ``among``: those that this list chooses from, where they are
    fewer. ``narrowed``: those that are asked for. ``lines`` says of each row, in turn, a value for each of ``columns``.
    """

    #: In addresses, and of the file.
    name: str
    #: Where it is shown, below the workspace's address.
    path: str
    filters: Callable[[Asks, Reader], Filters]
    every: Callable[[], QuerySet[Any]]
    narrowed: Callable[[QuerySet[Any], Filters, Reader], QuerySet[Any]]
    columns: Sequence[str]
    lines: Callable[[Reader, Filters, list[Any]], Iterable[Sequence[object]]]
    need: str = "view"
    #: With what the table shows of one: hardly half of what a row and those beside it hold.
    on_page: Callable[[], QuerySet[Any]] | None = None
    among: Callable[[], QuerySet[Any]] | None = None
    #: Where the order is none that an index carries.
    in_order: Callable[[QuerySet[Any], Reader], QuerySet[Any]] | None = None

    @property
    def title(self) -> Promise:
        return LISTS[self.name]

    def rows(self, filters: Filters, reader: Reader) -> QuerySet[Any]:
        return self.narrowed((self.among or self.every)(), filters, reader)

    def shown(self, request: DeskRequest) -> tuple[Filters, Page]:
        """A page of it, and what it was narrowed by."""
        filters = self._on_page(request)
        found = page_of(request, self.rows(filters, request.desk), by=filters.sort, whole=self.whole)
        return filters, found

    @cached_property
    def whole(self) -> Callable[[list[UUID]], list[Any]]:
        """The rows of these keys, in any order. Its statement joins the most tables, and is made and planned once."""
        return _by_keys(self.on_page or self.every)

    @cached_property
    def _written(self) -> Callable[[list[UUID]], list[Any]]:
        return _by_keys(self.every)

    def chosen(self, request: DeskRequest) -> tuple[Filters, QuerySet[Any]]:
        """All that is asked for, in order, for a page that is made otherwise."""
        filters = self._on_page(request)
        return filters, self._ordered(self.rows(filters, request.desk), filters, request.desk)

    def _on_page(self, request: DeskRequest) -> Filters:
        filters = self.filters(request, request.desk)
        filters.shelf = Shelf(request, filters, self.name, self.path)
        return filters

    def kept(self, query: str, reader: Reader) -> str:
        """What a view keeps of an address. Whatever this list does not understand is left out."""
        asks = Written(QueryDict(query))
        return kept_of(asks, self.filters(asks, reader))

    def export(self, request: DeskRequest, filters: Filters) -> dict[str, str]:
        """For the page's template: where the file of what is shown is asked for."""
        query = query_of(request, filters)
        address = f"/w/{request.desk.merchant.slug}/exports/of/{self.name}"
        return {"export_url": f"{address}?{query}" if query else address}

    def _ordered(self, rows: QuerySet[Any], filters: Filters, reader: Reader) -> QuerySet[Any]:
        return self.in_order(rows, reader) if self.in_order else filters.sort.applied(rows)

    def keys(self, seat: Membership, query: str) -> Iterator[UUID]:
        filters, reader = self._asked(seat, query)
        if not all(filters.is_asked(name) for name in QueryDict(query)):
            raise FilterGone
        rows = self.rows(filters, reader)
        ordered = self._ordered(rows, filters, reader)
        keys: Iterator[UUID] = ordered.values_list("pk", flat=True).iterator(chunk_size=FETCHED)
        return keys

    def lines_of(self, seat: Membership, query: str, keys: Collection[UUID]) -> Iterable[Sequence[object]]:
        filters, reader = self._asked(seat, query)
        found = {row.pk: row for row in self._written(list(keys))}
        return self.lines(reader, filters, [found[key] for key in keys if key in found])

    def _asked(self, seat: Membership, query: str) -> tuple[Filters, Reader]:
        reader = ForSomebody(seat)
        return self.filters(Written(QueryDict(query)), reader), reader


def _by_keys(every: Callable[[], QuerySet[Any]]) -> Callable[[list[UUID]], list[Any]]:
    @asked_often
    def rows_of(keys: list[UUID]) -> QuerySet[Any]:
        return every().filter(any_of("pk", keys))

    return rows_of


def each(line: Callable[[Any], Sequence[object]]) -> Callable[[Reader, Filters, list[Any]], Iterable[Sequence[object]]]:
    """``lines`` of a list that needs to know nothing but the row."""
    return lambda _reader, _filters, rows: map(line, rows)


def moment(at: datetime | None) -> str:
    """2026-11-22T16:50:00Z, whole seconds; nothing for what has not happened."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else ""
