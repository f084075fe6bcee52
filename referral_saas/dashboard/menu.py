"""The menu: what a role may open, with the current place marked. Entries a role may not open are absent."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from merchants.models import User
from merchants.permissions import can
from merchants.selectors import memberships_of
from rewards.review_selectors import reviews_open

#: A badge says no more than that it is many.
MOST_COUNTED = 99


@dataclass(frozen=True)
class Entry:
    label: object
    path: str
    icon: str
    need: str = "view"


ENTRIES = (
    Entry(_("Home"), "", "home"),
    Entry(_("Programs"), "/programs", "gift"),
    Entry(_("Advocates"), "/advocates", "megaphone"),
    Entry(_("Customers"), "/customers", "users"),
    Entry(_("Find"), "/find", "magnifying-glass"),
    Entry(_("Referrals"), "/referrals", "arrows-right-left"),
    Entry(_("Orders"), "/orders", "shopping-bag"),
    Entry(_("Rewards"), "/rewards", "banknotes"),
    Entry(_("Reviews"), "/reviews", "shield-check"),
    Entry(_("Leaks"), "/leaks", "exclamation-triangle"),
    Entry(_("Payouts"), "/payouts", "credit-card", "reward.pay"),
    Entry(_("Calendar"), "/calendar", "calendar-days"),
    Entry(_("Surprise desk"), "/surprises", "sparkles"),
    Entry(_("Kinds and stock"), "/kinds", "archive-box"),
    Entry(_("Ledger"), "/ledger", "scale"),
    Entry(_("Connections"), "/connections", "link"),
    Entry(_("Team"), "/team", "user-group"),
    Entry(_("Settings"), "/settings", "cog-6-tooth"),
    Entry(_("Audit"), "/audit", "clipboard-document-list", "audit.view"),
)


@dataclass(frozen=True)
class Item:
    label: object
    url: str
    icon: str
    current: bool
    badge: object = ""


def navigation(slug: str, role: str, path: str) -> list[Item]:
    base = f"/w/{slug}"
    entries = [entry for entry in ENTRIES if can(role, entry.need)]
    return [_item(entry, base, path) for entry in entries]


def _item(entry: Entry, base: str, path: str) -> Item:
    url = f"{base}{entry.path}"
    badge = SimpleLazyObject(_reviews_waiting) if entry.path == "/reviews" else ""
    return Item(entry.label, url, entry.icon, _is_current(url, path, base), badge)


def _reviews_waiting() -> str:
    """Asked once a page, while it is drawn: some views make their page outside of any transaction."""
    count = reviews_open()[: MOST_COUNTED + 1].count()
    return f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count or "")


def _is_current(url: str, path: str, base: str) -> bool:
    here = path.rstrip("/")
    return here == url if url == base else here == url or here.startswith(url + "/")


@dataclass(frozen=True)
class Place:
    name: str
    url: str
    current: bool
    is_sandbox: bool


def workspaces_of(user: User, *, current: str) -> list[Place]:
    return [
        Place(seat.merchant.name, f"/w/{seat.merchant.slug}", seat.merchant.slug == current, seat.merchant.is_sandbox)
        for seat in memberships_of(user)
    ]
