"""Everything that happened."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kit.ids import public_id
from merchants.models import Event
from merchants.selectors import newest_events
from referral_saas.dashboard.audit_choices import codes_by_sort, what_happens, who_acts
from referral_saas.dashboard.event_words import Line, lines_of
from referral_saas.dashboard.listing import Asks, Filters, by_moment
from referral_saas.dashboard.lists.listed import Listing, moment
from referral_saas.dashboard.lists.table import Column, Pen, Table
from referral_saas.dashboard.reader import Reader


class AuditFilters(Filters):
    """By who, what, the days, and the one thing it happened to, which "its history" leads to."""

    LABELS = {"by": _("Who"), "code": _("What")}

    def _field(self, name: str, search: object, options: dict[str, Any]) -> forms.Field:
        if name == "subject":
            return forms.UUIDField(required=False, widget=forms.HiddenInput)
        return super()._field(name, search, options)


def _filters(asks: Asks, _reader: Reader) -> AuditFilters:
    show = ("by", "code", "subject", "from", "to")
    return AuditFilters(asks, show=show, sorts=by_moment("at"), by=who_acts(), code=what_happens())


def _narrowed(rows: Any, filters: Filters, reader: Reader) -> Any:
    sorts_of_things = {sort: Q(code__in=codes) for sort, codes in codes_by_sort().items()}
    rows = filters.by_days(filters.by_choice(rows, sorts_of_things), zone=reader.workspace.time_zone, at="at")
    subject = filters.asked.get("subject")
    return rows.filter(subject_id=subject) if subject else rows


def _lines(reader: Reader, _filters: Filters, rows: list[Any]) -> Iterator[list[object]]:
    said = lines_of(rows, zone=reader.workspace.time_zone)
    for event, line in zip(rows, said, strict=True):
        what = [event.code, line.title, line.text, event.by.partition(":")[0], event.subject_kind, event.subject_id]
        yield [public_id("evt", event.pk), moment(event.at), *what]


AUDIT = Listing(
    name="audit",
    path="/audit",
    filters=_filters,
    every=newest_events,
    narrowed=_narrowed,
    columns=["id", "at", "code", "what", "details", "by", "subject_kind", "subject"],
    lines=_lines,
    need="audit.view",
)


@dataclass(frozen=True, slots=True)
class Happened:
    """A row of the table. ``path``: the page of what it happened to, below the workspace's address."""

    event: Event
    line: Line
    path: str


def _title(pen: Pen, row: Happened) -> object:
    return pen.way(pen.base + row.path, row.line.title) if row.path else row.line.title


def _history(pen: Pen, row: Happened) -> object:
    return pen.way(f"{pen.base}/audit?subject={row.event.subject_id}", _("Its history"), is_small=True)


AUDIT_TABLE = Table(
    _("Audit"),
    (
        Column(_("What"), _title),
        Column(_("Details"), lambda _pen, row: row.line.text),
        Column(_("When"), lambda pen, row: pen.when(row.event.at)),
        Column(_("More"), _history),
    ),
    is_dense=True,
)
