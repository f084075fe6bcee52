"""The menu: what a role may open, with the current place marked. Entries a role may not open are absent.

Places of one kind stand together; only those beside the open page are listed, so the menu stays short.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from kit.asked import asked_often
from merchants.models import Membership
from merchants.permissions import can
from rewards.review_selectors import reviews_open

#: A badge says no more than that it is many.
MOST_COUNTED = 99


@dataclass(frozen=True)
class Page:
    label: object
    path: str
    need: str = "view"
    #: Pages at other addresses that are reached from here.
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Entry:
    label: object
    icon: str
    pages: tuple[Page, ...]


def _single(label: object, icon: str, path: str) -> Entry:
    return Entry(label, icon, (Page(label, path),))


REVIEWS = "/reviews"
ENTRIES = (
    _single(_("Home"), "home", ""),
    _single(_("Programs"), "gift", "/programs"),
    Entry(
        _("People"),
        "users",
        (
            Page(_("Advocates"), "/advocates", also=("/links", "/sharers")),
            Page(_("Customers"), "/customers"),
            Page(_("Tasks"), "/tasks"),
            Page(_("Find a person"), "/find"),
        ),
    ),
    Entry(
        _("Referrals"),
        "arrows-right-left",
        (
            Page(_("Referrals"), "/referrals", also=("/clicks", "/claims")),
            Page(_("Orders"), "/orders"),
            Page(_("Leads"), "/leads"),
        ),
    ),
    Entry(
        _("Money"),
        "banknotes",
        (
            Page(_("Rewards"), "/rewards"),
            Page(_("Payouts"), "/payouts", "reward.pay"),
            Page(_("Calendar"), "/calendar"),
            Page(_("Surprise desk"), "/surprises"),
            Page(_("Kinds and stock"), "/kinds", also=("/parcels",)),
            Page(_("Ledger"), "/ledger"),
        ),
    ),
    Entry(_("Reviews"), "shield-check", (Page(_("Reviews"), REVIEWS), Page(_("Leaks"), "/leaks"))),
    _single(_("Promote"), "megaphone", "/promote"),
    Entry(
        _("Settings"),
        "cog-6-tooth",
        (
            Page(_("Workspace"), "/settings"),
            Page(_("Connections"), "/connections"),
            Page(_("Team"), "/team"),
            Page(_("Audit"), "/audit", "audit.view"),
            Page(_("Exports"), "/exports"),
            Page(_("Imports"), "/imports", "advocate.edit"),
        ),
    ),
)


@dataclass(frozen=True)
class Place:
    """One line of the menu: a page by itself."""

    label: object
    url: str
    current: bool


@dataclass(frozen=True)
class Item:
    """One entry of the menu. ``places`` only where one of several is open."""

    label: object
    url: str
    icon: str
    current: bool
    places: tuple[Place, ...] = ()
    badge: object = ""


def navigation(slug: str, role: str, path: str) -> list[Item]:
    base = f"/w/{slug}"
    return [_item(entry, places, base) for entry in ENTRIES if (places := _places(entry, role, base, path.rstrip("/")))]


def _places(entry: Entry, role: str, base: str, here: str) -> tuple[Place, ...]:
    return tuple(
        Place(
            page.label, base + page.path, any(_is_current(base + path, here, base) for path in (page.path, *page.also))
        )
        for page in entry.pages
        if can(role, page.need)
    )


def _item(entry: Entry, places: tuple[Place, ...], base: str) -> Item:
    is_current = any(place.current for place in places)
    beside = places if is_current and len(places) > 1 else ()
    badge = SimpleLazyObject(_reviews_waiting) if places[0].url == base + REVIEWS else ""
    return Item(entry.label, places[0].url, entry.icon, is_current, beside, badge)


def _reviews_waiting() -> str:
    """Asked once a page, while it is drawn: some views make their page outside of any transaction."""
    count = len(_oldest_reviews())
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count or "")


@asked_often
def _oldest_reviews() -> QuerySet[Any]:
    """By the index of those that are open, whatever was decided before; as many as a badge counts and one."""
    return reviews_open().order_by("opened_at").values_list("pk")[: MOST_COUNTED + 1]


def _is_current(url: str, here: str, base: str) -> bool:
    return here == url if url == base else here == url or here.startswith(url + "/")


@dataclass(frozen=True)
class Seat:
    """A workspace the person belongs to."""

    name: str
    url: str
    current: bool
    is_sandbox: bool


def workspaces_of(seats: Iterable[Membership], *, current: str) -> list[Seat]:
    return [
        Seat(seat.merchant.name, f"/w/{seat.merchant.slug}", seat.merchant.slug == current, seat.merchant.is_sandbox)
        for seat in seats
    ]
