"""Where one can go and what one can begin, found by a few typed letters: the menu's places, the pages behind them, the
views kept of lists, one's other workspaces. What a role may not open is absent."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

from django.urls import resolve, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from merchants.selectors import all_views
from referral_saas.dashboard.frame import Desk
from referral_saas.dashboard.lists.known import LISTS
from referral_saas.dashboard.lists.shelf import path_to
from referral_saas.dashboard.menu import ENTRIES

#: Of one group, once something is typed.
MOST = 6


@dataclass(frozen=True, slots=True)
class Option:
    """One line that leads somewhere. ``note`` stands beside it; ``also`` is what else people call it."""

    label: str
    url: str
    icon: str
    note: str = ""
    also: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class Way:
    """A page below the workspace's address. Who may open it is asked of the page itself."""

    label: Promise
    path: str
    icon: str


#: What one begins, in the order in which it is offered.
ACTIONS = (
    Way(_("New program"), "/programs/new", "gift"),
    Way(_("Add an advocate"), "/advocates/new", "user-plus"),
    Way(_("Import advocates"), "/advocates/import", "arrow-up-tray"),
    Way(_("Import customers"), "/customers/import", "arrow-up-tray"),
    Way(_("Import orders"), "/orders/import", "arrow-up-tray"),
    Way(_("Record a sale"), "/orders/new", "shopping-cart"),
    Way(_("Add a lead"), "/leads/new", "plus"),
    Way(_("Give a surprise"), "/surprises/new", "sparkles"),
    Way(_("Add a kind"), "/kinds/new", "plus"),
    Way(_("Invite somebody"), "/team/invite", "user-plus"),
    Way(_("New key"), "/settings/keys/new", "key"),
    Way(_("Change settings"), "/settings/edit", "cog-6-tooth"),
)
#: Pages that stand in no menu.
BEHIND = (
    Way(_("Claims"), "/claims", "arrows-right-left"),
    Way(_("Clicks"), "/clicks", "arrows-right-left"),
    Way(_("List of leads"), "/leads/list", "arrows-right-left"),
    Way(_("Parcels to send"), "/parcels", "truck"),
    Way(_("Block and trust lists"), "/reviews/lists", "shield-check"),
    Way(_("What came in"), "/connections/deliveries", "cog-6-tooth"),
    Way(_("Set aside"), "/set-aside", "cog-6-tooth"),
    Way(_("Keys and snippet"), "/settings/keys", "key"),
    Way(_("Mails to you"), "/settings/notifications", "envelope"),
    Way(_("Your own link address"), "/settings/hosts", "cog-6-tooth"),
    Way(_("Addresses of your shop"), "/settings/shops", "cog-6-tooth"),
    Way(_("Visits and cookies"), "/settings/consent", "cog-6-tooth"),
    Way(_("How long things are kept"), "/settings/retention", "cog-6-tooth"),
)
#: One's own account, by the name of the address.
OWN = (
    (_("E-mail addresses"), "account_email", "user-circle"),
    (_("Password"), "account_change_password", "user-circle"),
    (_("Two-factor"), "second-factor", "user-circle"),
    (_("Where you are signed in"), "sessions", "user-circle"),
    (_("New workspace"), "new-workspace", "plus"),
    (_("Log out"), "account_logout", "arrow-right-start-on-rectangle"),
)


def ways(desk: Desk, text: str) -> list[Group]:
    """Groups of what fits ``text``; without any, what is begun and the menu. One statement where something is typed."""
    groups = [(_now("Begin"), _actions(desk)), (_now("Go to"), _places(desk))]
    if words_of(text):
        groups = [
            (_now("Go to"), chain(_places(desk), _behind(desk))),
            (_now("Begin"), _actions(desk)),
            (_now("Saved views"), _views(desk)),
            (_now("Workspaces"), _workspaces(desk)),
            (_now("Your account"), _own()),
        ]
    found = [Group(label, fitting(options, text)) for label, options in groups]
    return [group for group in found if group.options]


def fitting(options: Iterable[Option], text: str) -> list[Option]:
    """Those with every typed word in what they are called; the ones that begin so first. All where nothing is typed."""
    words = words_of(text)
    if not words:
        return list(options)
    known = [(folded(f"{option.label} {option.also}"), option) for option in options]
    fit = [(called, option) for called, option in known if all(word in called for word in words)]
    return [option for _called, option in sorted(fit, key=lambda pair: not pair[0].startswith(words[0]))][:MOST]


def words_of(text: str) -> list[str]:
    return folded(text).split()


def folded(text: str) -> str:
    """Small letters without accents, as somebody types who is in a hurry."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _places(desk: Desk) -> Iterator[Option]:
    for entry in ENTRIES:
        for page in entry.pages:
            if desk.may(page.need):
                note = "" if page.label == entry.label else str(entry.label)
                yield Option(str(page.label), _base(desk) + page.path, entry.icon, note)


def _behind(desk: Desk) -> Iterator[Option]:
    return _open_to(desk, BEHIND)


def _actions(desk: Desk) -> Iterator[Option]:
    return _open_to(desk, ACTIONS)


def _open_to(desk: Desk, some: Iterable[Way]) -> Iterator[Option]:
    for way in some:
        if desk.may(needed(way.path)):
            yield Option(str(way.label), _base(desk) + way.path, way.icon)


@cache
def needed(path: str) -> str:
    """The permission that the page of this path asks for."""
    view: Any = resolve(f"/w/any{path}").func
    return str(view.needs)


def _views(desk: Desk) -> Iterator[Option]:
    for view in all_views(desk.membership):
        listing = LISTS.get(view.list)
        if listing and desk.may(listing.need):
            yield Option(view.name, _base(desk) + path_to(listing.path, view), "bookmark", str(listing.title))


def _workspaces(desk: Desk) -> Iterator[Option]:
    for seat in desk.seats:
        if seat.pk != desk.membership.pk:
            note = _now("Sandbox") if seat.merchant.is_sandbox else ""
            yield Option(seat.merchant.name, f"/w/{seat.merchant.slug}", "building-storefront", note)


def _own() -> Iterator[Option]:
    for label, name, icon in OWN:
        also = pgettext("beside: log out", "sign out") if name == "account_logout" else ""
        yield Option(str(label), reverse(name), icon, also=also)


def _base(desk: Desk) -> str:
    return f"/w/{desk.merchant.slug}"
