"""Everything that happened."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kit.ids import public_id
from merchants.selectors import newest_events
from referral_saas.dashboard.event_words import TITLES, lines_of
from referral_saas.dashboard.listing import Asks, Filters, by_moment
from referral_saas.dashboard.lists.listed import Listing, moment
from referral_saas.dashboard.reader import Reader


class AuditFilters(Filters):
    LABELS = {"code": _("What")}

    def _field(self, name: str, search: object, options: dict[str, Any]) -> forms.Field:
        if name == "subject":
            return forms.UUIDField(required=False, widget=forms.HiddenInput)
        return super()._field(name, search, options)


def _filters(asks: Asks, _reader: Reader) -> AuditFilters:
    titles = sorted(((code, str(title)) for code, title in TITLES.items()), key=lambda pair: pair[1])
    return AuditFilters(asks, show=("code", "subject", "from", "to"), sorts=by_moment("at"), code=titles)


def _narrowed(rows: Any, filters: Filters, reader: Reader) -> Any:
    rows = filters.by_days(filters.by_choice(rows), zone=reader.workspace.time_zone, at="at")
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
