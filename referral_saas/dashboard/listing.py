"""Lists: filters and order in the address, and keyset pages.

Rows come by one column (never null) and their key; pages are found by the last row seen, not by counting.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from django import forms
from django.db.models import DateTimeField, Q, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from advocates.models import Advocate
from kit.asked import asked_often
from kit.days import read_instant, start_of_day
from kit.ids import parse_public_id
from kit.language import language_of_page
from kit.many import any_of
from kit.wording import number
from programs.models import Program
from referral_saas.dashboard.forms.days import DayField

PAGE, LARGEST_PAGE = 50, 200
#: Beyond this a list says "more than": counting on would cost more than anybody gains from it.
COUNTED_UP_TO = 5_000
#: What belongs to one page and is left out when the filters change.
POSITION = ("after", "before")


# --- order ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sort:
    """By one column of the row itself, which an index carries and which is never empty; of equals by key."""

    code: str
    label: Promise | str
    field: str
    down: bool = False

    def applied(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        sign = "-" if self.down else ""
        return rows.order_by(f"{sign}{self.field}", f"{sign}pk")

    @property
    def backwards(self) -> Sort:
        return replace(self, down=not self.down)


def by_moment(field: str) -> tuple[Sort, ...]:
    return (Sort("", _("Newest first"), field, down=True), Sort("oldest", _("Oldest first"), field))


# --- filters --------------------------------------------------------------------------------------------------------


#: What a choice stands for, by its value; made when it is asked for, where making it is work.
Groups = Mapping[str, Q | Callable[[], Q]]


class Asks(Protocol):
    """Whatever holds an address's query: a request, or what a worker was told."""

    @property
    def GET(self) -> QueryDict: ...


class Filters(forms.Form):
    """What a list's address asks for. Whatever is not understood is left out, and shown as left out.

    ``show`` names the fields of this list; ``options`` gives the choices of state, outcome, side, kind and source.
    ``sorts`` are the orders to choose from, the usual one first.
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

    #: Views that are kept of the list, on its page (lists.shelf.Shelf).
    shelf: Any = None

    def __init__(
        self, asks: Asks, *, show: Sequence[str], search: object = "", sorts: Sequence[Sort] = (), **options: Any
    ) -> None:
        super().__init__(asks.GET, auto_id="filter-%s")
        self.sorts = sorts
        for name in show:
            self.fields[name] = self._field(name, search, options)
        if len(sorts) > 1:
            named = [(sort.code, sort.label) for sort in sorts]
            self.fields["sort"] = forms.ChoiceField(label=_("Sort by"), required=False, choices=named)

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
        if name == "tag":
            return _choice(_("Tag"), _("All"), options[name])
        if name == "advocate":
            return forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
        return _choice(self.LABELS[name], _("All"), options[name])

    @cached_property
    def asked(self) -> dict[str, Any]:
        """The values that hold, by name. The order is none of them: it hides nothing."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value and name != "sort"}

    @property
    def searched(self) -> list[forms.BoundField]:
        """The box to type in, where the list has one."""
        return [bound for bound in self.visible_fields() if bound.name == "q"]

    @property
    def chosen(self) -> list[forms.BoundField]:
        """All the others; a narrow screen folds them."""
        return [bound for bound in self.visible_fields() if bound.name != "q"]

    @property
    def narrowed(self) -> int:
        """How many of ``chosen`` hide rows."""
        return sum(bound.name in self.asked for bound in self.chosen)

    @cached_property
    def sort(self) -> Sort:
        self.is_valid()
        asked = self.cleaned_data.get("sort", "")
        return next((sort for sort in self.sorts if sort.code == asked), self.sorts[0])

    def is_asked(self, name: str) -> bool:
        """Does the address hold a value for it that is understood?"""
        self.is_valid()
        return bool(self.cleaned_data.get(name))

    @cached_property
    def _programs(self) -> list[Program]:
        return _programs()

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
        self, rows: QuerySet[Any], *, zone: str, at: str, groups: Groups | None = None, **paths: str
    ) -> QuerySet[Any]:
        """Apply everything but the search. ``at`` is the moment that from and to mean; ``groups`` are choices that mean
        more than one value; ``paths`` say where a filter lies when it is not called like itself."""
        return self.by_program(self.by_choice(self.by_days(rows, zone=zone, at=at), groups), **paths)

    def by_choice(self, rows: QuerySet[Any], groups: Groups | None = None) -> QuerySet[Any]:
        for name in self.LABELS:
            if value := self.asked.get(name):
                group = (groups or {}).get(value) or Q(**{name: value})
                rows = rows.filter(group() if callable(group) else group)
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


@asked_often
def _programs() -> QuerySet[Program]:
    return Program.objects.only("merchant_id", "slug", "name").order_by("name")


def _choice(label: Any, everything: object, options: Sequence[tuple[str, object]]) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", everything), *options])


# --- pages ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    next_url: str
    previous_url: str
    summary: str


def page_of(
    request: HttpRequest,
    rows: QuerySet[Any],
    *,
    by: str | Sort,
    whole: Callable[[list[UUID]], list[Any]] | None = None,
    as_many: QuerySet[Any] | None = None,
) -> Page:
    """One page of ``rows``, by a moment newest first, or as ``by`` says. Six statements at most.

    Found are keys; the rows themselves are then read by them: what is joined to show a row, Postgres need not think
    of when it looks for it. ``whole`` gives the rows of keys, where that is asked often (Listing.whole); ``as_many``
    are other rows, as many as these and quicker to count.
    """
    sort = Sort("", "", by, down=True) if isinstance(by, str) else by
    found = _found(request, rows, sort)
    keys = [place.key for place in found.places]
    read = whole or (lambda keys: list(rows.order_by().filter(any_of("pk", keys))))
    by_key = {row.pk: row for row in read(keys)} if keys else {}
    return Page(
        rows=[by_key[key] for key in keys if key in by_key],
        next_url=address(request, after=found.places[-1].told) if keys and found.more else "",
        previous_url=address(request, before=found.places[0].told) if keys and not found.is_first else "",
        summary=_in_all(len(keys) if found.is_whole else _counted(rows if as_many is None else as_many)),
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
    """Rows of a page: as many as the address says, where it says a number of them."""
    asked = request.GET.get("size", "")
    is_number = asked.isascii() and asked.isdigit() and len(asked) < 6
    return min(int(asked), LARGEST_PAGE) if is_number and int(asked) else PAGE


@dataclass(frozen=True)
class _Place:
    """Where a row stands: its value in the column that the list is ordered by, and its key."""

    value: Any
    key: UUID

    @property
    def told(self) -> str:
        """A moment stands in the address itself. Anything else is looked up: it may be somebody's name."""
        return f"{self.value.isoformat() if isinstance(self.value, datetime) else ''}~{self.key.hex}"


@dataclass(frozen=True)
class _Found:
    places: list[_Place]
    more: bool
    is_first: bool

    @property
    def is_whole(self) -> bool:
        """All there is stands on this page."""
        return self.is_first and not self.more


def _found(request: HttpRequest, rows: QuerySet[Any], sort: Sort) -> _Found:
    size = _size(request)
    if before := _cursor(request.GET.get("before", ""), rows, sort):
        earlier = _beyond(rows, sort.backwards, before, size)[::-1]
        if len(earlier) >= size:
            return _Found(earlier[-size:], more=True, is_first=len(earlier) == size)
    after = None if before else _cursor(request.GET.get("after", ""), rows, sort)
    beyond = _beyond(rows, sort, after, size)
    return _Found(beyond[:size], more=len(beyond) > size, is_first=after is None)


def _cursor(text: str, rows: QuerySet[Any], sort: Sort) -> _Place | None:
    """As ``_Place.told`` said it; None for anything else, and for a row that is gone."""
    told, _sign, hexed = text.partition("~")
    try:
        key = UUID(hexed)
    except ValueError:
        return None
    if not _is_moment(rows, sort):
        value = rows.model._default_manager.filter(pk=key).values_list(sort.field, flat=True).first()
        return None if value is None else _Place(value, key)
    at = read_instant(told)
    return _Place(at, key) if at else None


def _is_moment(rows: QuerySet[Any], sort: Sort) -> bool:
    return isinstance(rows.model._meta.get_field(sort.field), DateTimeField)


def _beyond(rows: QuerySet[Any], sort: Sort, place: _Place | None, size: int) -> list[_Place]:
    """The next rows behind the one at ``place``, or the first ones, and one more."""
    if place:
        way = "lt" if sort.down else "gt"
        beyond = Q(**{f"{sort.field}__{way}": place.value}) | Q(**{sort.field: place.value, f"pk__{way}": place.key})
        rows = rows.filter(beyond, **{f"{sort.field}__{way}e": place.value})
    found = sort.applied(rows).values_list(sort.field, "pk")[: size + 1]
    return [_Place(value, key) for value, key in found]


def _counted(rows: QuerySet[Any]) -> int:
    return rows.order_by()[: COUNTED_UP_TO + 1].count()


def _in_all(found: int) -> str:
    language = language_of_page()
    if found > COUNTED_UP_TO:
        return _now("More than %(most)s in all") % {"most": number(COUNTED_UP_TO, language)}
    return ngettext("%(found)s in all", "%(found)s in all", found) % {"found": number(found, language)}
