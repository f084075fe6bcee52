"""Lists: filters in the address, keyset pages, and the same rows as a CSV file.

Rows come newest first by one moment (never null) and their key; pages are found by the last row seen, not by counting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, partial
from typing import Any, cast
from uuid import UUID

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import translation
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from advocates.models import Advocate
from kit.csvio import write_table
from kit.days import read_instant, start_of_day
from kit.ids import parse_public_id
from kit.tenancy import TenantRef, current_tenant, tenant_scope, tenant_transaction
from kit.wording import number
from programs.models import Program
from referral_saas.dashboard.forms.days import DayField

PAGE, LARGEST_PAGE = 50, 200
EXPORT_CHUNK = 1_000
#: Beyond this a list says "more than": counting on would cost more than anybody gains from it.
COUNTED_UP_TO = 10_000
#: What belongs to one page and is left out when the filters change.
POSITION = ("after", "before", "format")


# --- filters --------------------------------------------------------------------------------------------------------


class Filters(forms.Form):
    """What a list's address asks for. Whatever is not understood is left out, and shown as left out.

    ``show`` names the fields of this list; ``options`` gives the choices of state, outcome, side, kind and source.
    """

    LABELS = {
        "state": _("State"),
        "outcome": _("Outcome"),
        "side": _("Side"),
        "kind": _("Kind"),
        "source": _("Source"),
        "unit": _("Unit"),
        "cause": _("Why"),
    }

    def __init__(self, request: HttpRequest, *, show: Sequence[str], search: object = "", **options: Any) -> None:
        super().__init__(request.GET, auto_id="filter-%s")
        for name in show:
            self.fields[name] = self._field(name, search, options)

    def _field(self, name: str, search: object, options: dict[str, Any]) -> forms.Field:
        if name == "q":
            box = forms.TextInput(attrs={"type": "search", "placeholder": search, "autocomplete": "off"})
            return forms.CharField(label=_("Search"), max_length=254, required=False, widget=box)
        if name == "program":
            named = [(one.slug, one.name) for one in self._programs]
            return _choice(_("Program"), _("All programs"), named)
        if name in ("from", "to"):
            return DayField(label=_("From") if name == "from" else _("Until"), required=False)
        if name == "when":
            return _choice(_("Days of"), _("Creation"), options[name])
        if name == "advocate":
            return forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
        return _choice(self.LABELS[name], _("All"), options[name])

    @cached_property
    def asked(self) -> dict[str, Any]:
        """The values that hold, by name."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @cached_property
    def _programs(self) -> list[Program]:
        return list(Program.objects.only("merchant_id", "slug", "name").order_by("name"))

    @cached_property
    def program_id(self) -> UUID | None:
        """Of the program asked for. By its key and not by its name, Postgres knows how rare its rows are."""
        slug = self.asked.get("program")
        return next((one.pk for one in self._programs if one.slug == slug), None) if slug else None

    @cached_property
    def advocate_id(self) -> UUID | None:
        return parse_public_id("adv", self.asked.get("advocate"))

    @cached_property
    def whose(self) -> Advocate | None:
        """Whose rows these are, to be named above them."""
        found = Advocate.objects.select_related("customer").filter(pk=self.advocate_id) if self.advocate_id else None
        return found.first() if found is not None else None

    def narrow(
        self, rows: QuerySet[Any], *, zone: str, at: str, groups: Mapping[str, Q] | None = None, **paths: str
    ) -> QuerySet[Any]:
        """Apply everything but the search. ``at`` is the moment that from and to mean; ``groups`` are choices that mean
        more than one value; ``paths`` say where a filter lies when it is not called like itself."""
        return self.by_program(self.by_choice(self.by_days(rows, zone=zone, at=at), groups), **paths)

    def by_choice(self, rows: QuerySet[Any], groups: Mapping[str, Q] | None = None) -> QuerySet[Any]:
        for name in self.LABELS:
            if value := self.asked.get(name):
                rows = rows.filter((groups or {}).get(value) or Q(**{name: value}))
        return rows

    def by_program(
        self, rows: QuerySet[Any], *, program: str = "program", advocate: str = "advocate_id"
    ) -> QuerySet[Any]:
        if self.program_id:
            rows = rows.filter(**{program: self.program_id})
        return rows.filter(**{advocate: self.advocate_id}) if self.advocate_id else rows

    def by_days(self, rows: QuerySet[Any], *, zone: str, at: str) -> QuerySet[Any]:
        """Whole days of the workspace's zone, the last one included."""
        if first := self.asked.get("from"):
            rows = rows.filter(**{f"{at}__gte": start_of_day(first, zone)})
        if last := self.asked.get("to"):
            rows = rows.filter(**{f"{at}__lt": start_of_day(last + timedelta(days=1), zone)})
        return rows


def _choice(label: Any, everything: object, options: Sequence[tuple[str, object]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", everything), *options])


# --- pages ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    next_url: str
    previous_url: str
    #: The same filters, all rows, as CSV.
    export_url: str
    summary: str


def page_of(request: HttpRequest, rows: QuerySet[Any], *, by: str) -> Page:
    """One page of ``rows``, newest first by the moment ``by``. Three statements at most."""
    size = _size(request)
    before, after = (_cursor(request.GET.get(name, "")) for name in ("before", "after"))
    shown, more, is_first = _forwards(rows, by, after, size), False, after is None
    if before:
        earlier = _backwards(rows, by, before, size)
        if len(earlier) > size:
            shown, more, is_first = earlier[-size:], True, False
        else:
            shown, is_first = _forwards(rows, by, None, size), True
    if len(shown) > size:
        shown, more = shown[:size], True
    return Page(
        rows=shown,
        next_url=address(request, after=_place(shown[-1], by)) if shown and more else "",
        previous_url=address(request, before=_place(shown[0], by)) if shown and not is_first else "",
        export_url=address(request, format="csv"),
        summary=_counted(rows),
    )


def address(request: HttpRequest, **changes: str) -> str:
    """This list's address with other values; the place in the list is forgotten unless given anew."""
    query = request.GET.copy()
    for name in POSITION:
        query.pop(name, None)
    for name, value in changes.items():
        query.pop(name, None)
        if value:
            query[name] = value
    return f"{request.path}?{query.urlencode()}" if query else request.path


def _size(request: HttpRequest) -> int:
    asked = request.GET.get("size", "")
    return (
        min(int(asked), LARGEST_PAGE)
        if asked.isascii() and asked.isdigit() and 0 < len(asked) < 6 and int(asked)
        else PAGE
    )


def _cursor(text: str) -> tuple[datetime, UUID] | None:
    """The moment and key of a row, as ``_place`` wrote them; None for anything else."""
    moment, _sign, key = text.partition("~")
    try:
        return (at, UUID(key)) if (at := read_instant(moment)) else None
    except ValueError:
        return None


def _place(row: Any, by: str) -> str:
    return f"{getattr(row, by).isoformat()}~{row.pk.hex}"


def _forwards(rows: QuerySet[Any], by: str, after: tuple[datetime, UUID] | None, size: int) -> list[Any]:
    if after:
        at, key = after
        rows = rows.filter(Q(**{f"{by}__lt": at}) | Q(**{by: at, "pk__lt": key}), **{f"{by}__lte": at})
    return list(rows.order_by(f"-{by}", "-pk")[: size + 1])


def _backwards(rows: QuerySet[Any], by: str, before: tuple[datetime, UUID], size: int) -> list[Any]:
    at, key = before
    newer = rows.filter(Q(**{f"{by}__gt": at}) | Q(**{by: at, "pk__gt": key}), **{f"{by}__gte": at})
    return list(newer.order_by(by, "pk")[: size + 1])[::-1]


def _counted(rows: QuerySet[Any]) -> str:
    found = rows.order_by()[: COUNTED_UP_TO + 1].count()
    language = get_language() or "en"
    if found > COUNTED_UP_TO:
        return _now("More than %(most)s in all") % {"most": number(COUNTED_UP_TO, language)}
    return ngettext("%(found)s in all", "%(found)s in all", found) % {"found": number(found, language)}


# --- CSV ------------------------------------------------------------------------------------------------------------


def wants_csv(request: HttpRequest) -> bool:
    return request.GET.get("format") == "csv"


def csv_of(
    rows: QuerySet[Any],
    *,
    by: str,
    name: str,
    headers: Sequence[object],
    line: Callable[[Any], Sequence[object]] = tuple,
    lines: Callable[[list[Any]], Iterable[Sequence[object]]] | None = None,
    chunk: int = EXPORT_CHUNK,
) -> HttpResponse:
    """All rows as a file. Each chunk opens its own transaction, so none is open while the reader waits.

    ``line`` makes a line of a row; ``lines`` makes what it likes of a chunk's rows, where they want looking up.
    """
    made = lines or (lambda found: map(line, found))
    chunks = partial(_chunk, current_tenant(), get_language() or "en", rows, by, made, chunk)
    text = _lines(chunks, [str(header) for header in headers])
    response: Any = StreamingHttpResponse(text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return cast(HttpResponse, response)


def _lines(chunk: Callable[[Any], tuple[list[list[object]], Any]], headers: list[str]) -> Iterator[str]:
    yield "\ufeff" + write_table(headers, [])
    after = None
    while True:
        lines, after = chunk(after)
        if lines:
            yield write_table([], lines).removeprefix("\r\n")
        if after is None:
            return


def _chunk(
    ref: TenantRef,
    language: str,
    rows: QuerySet[Any],
    by: str,
    made: Callable[[list[Any]], Iterable[Sequence[object]]],
    size: int,
    after: tuple[datetime, UUID] | None,
) -> tuple[list[list[object]], tuple[datetime, UUID] | None]:
    with tenant_scope(ref), tenant_transaction(read_only=True), translation.override(language):
        found = _forwards(rows, by, after, size)
        lines = [list(one) for one in made(found[:size])]
    last = found[size - 1] if len(found) > size else None
    return lines, (getattr(last, by), last.pk) if last else None
