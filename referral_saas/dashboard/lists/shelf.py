"""The views that are kept of a list, as they stand above it, and what could be kept of what is shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import QueryDict

from kit.ids import parse_public_id, public_id
from merchants.actions.saved import may_change
from merchants.models import SavedView
from merchants.selectors import views_of
from referral_saas.dashboard.forms.saved import ViewForm
from referral_saas.dashboard.frame import DeskRequest
from referral_saas.dashboard.listing import Asks, Filters
from referral_saas.dashboard.lists.titles import FILTERS

#: Words that were searched for may be about a person, who may ask to be forgotten.
NOT_KEPT = ("q",)


def query_of(asks: Asks, filters: Filters) -> str:
    """What the address asks for, in one spelling; what was not understood is left out."""
    return _spelt(asks, filters, sorted(filters.fields))


def kept_of(asks: Asks, filters: Filters) -> str:
    """What a view keeps of it."""
    return _spelt(asks, filters, sorted(set(filters.fields) - set(NOT_KEPT)))


def _spelt(asks: Asks, filters: Filters, names: list[str]) -> str:
    asked = QueryDict(mutable=True)
    for name in names:
        if filters.is_asked(name):
            asked[name] = str(asks.GET.get(name, ""))
    return asked.urlencode()


def public_view(view: SavedView) -> str:
    return public_id("sav", view.pk)


@dataclass(frozen=True)
class Chip:
    """One view. ``change_url`` is empty for those who may not change it."""

    view: SavedView
    url: str
    change_url: str
    current: bool


@dataclass
class Shelf:
    """Asked about while the page is drawn, by one statement."""

    request: DeskRequest
    filters: Filters
    #: Of the list, and where it is shown below the workspace's address.
    name: str
    path: str

    @cached_property
    def query(self) -> str:
        """What a view of what is shown would keep; empty where there is nothing to keep."""
        return kept_of(self.request, self.filters)

    @cached_property
    def chips(self) -> list[Chip]:
        return [self._chip(view) for view in self._views]

    @property
    def may_keep(self) -> bool:
        return bool(self.query) and not any(chip.current for chip in self.chips)

    @property
    def is_all(self) -> bool:
        return not self.query and self._opened is None

    @property
    def keep_url(self) -> str:
        return f"{self._base}/views/of/{self.name}"

    @property
    def form(self) -> ViewForm:
        return ViewForm(may_share=self.request.desk.may("view.share"), initial={"query": self.query})

    @property
    def lost(self) -> list[str]:
        """Filters of the view that was opened which are none any more: a tag that nobody carries, say."""
        if self._opened is None:
            return []
        names = [name for name in QueryDict(self._opened.query) if not self.filters.is_asked(name)]
        return [str(FILTERS.get(name, name)) for name in names]

    @property
    def _base(self) -> str:
        return f"/w/{self.request.desk.merchant.slug}"

    @cached_property
    def _views(self) -> list[SavedView]:
        return views_of(self.name, self.request.desk.membership)

    @cached_property
    def _opened(self) -> SavedView | None:
        key = parse_public_id("sav", self.request.GET.get("view", ""))
        return next((view for view in self._views if view.pk == key), None)

    def _chip(self, view: SavedView) -> Chip:
        is_current = view == self._opened if self._opened else view.query == self.query
        is_theirs = may_change(view, self.request.desk.membership)
        change_url = f"{self._base}/views/{public_view(view)}" if is_theirs else ""
        return Chip(view, f"{self._base}{path_to(self.path, view)}", change_url, is_current)


def path_to(list_path: str, view: SavedView) -> str:
    """Where it is open, below the workspace's address."""
    return f"{list_path}?{view.query}&view={public_view(view)}"


def filters_told(query: str) -> list[Any]:
    """What a view keeps, by name."""
    return [FILTERS.get(name, name) for name in QueryDict(query)]
