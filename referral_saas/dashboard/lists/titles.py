"""How lists are called, and what they can be narrowed by, where only their names are kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from kit.language import language_of_page
from kit.wording import number

LISTS: dict[str, Promise] = {
    "advocates": _("Advocates"),
    "customers": _("Customers"),
    "referrals": _("Referrals"),
    "orders": _("Orders"),
    "leads": _("Leads"),
    "clicks": _("Clicks"),
    "claims": _("Claims"),
    "rewards": _("Rewards"),
    "surprises": _("Surprises"),
    "ledger": _("Ledger"),
    "payouts": _("Payouts"),
    "reviews-waiting": _("Reviews that wait"),
    "reviews-sample": _("Samples to look at"),
    "reviews-decided": _("Reviews that were decided"),
    "leaks": _("Leaks"),
    "audit": _("Audit"),
    "everything": _("Everything"),
}
FILTERS: dict[str, Promise] = {
    "q": _("Search"), "program": _("Program"), "state": _("State"), "outcome": _("Outcome"), "side": _("Side"),
    "kind": _("Kind"), "source": _("Source"), "unit": _("Unit"), "cause": _("Why"), "tag": _("Tag"),
    "when": _("Days of"), "from": _("From"), "to": _("Until"), "advocate": _("Advocate"), "account": _("Account"),
    "stage": _("Stage"), "owner": _("Who looks after it"), "due": _("Next step"),
    "code": _("What"), "subject": _("Its history"),
    "by": _("Who"), "sort": _("Sort by"),
}  # fmt: skip


def export_text(data: dict[str, Any]) -> str:
    """Of an event about an export: which list, how many lines, narrowed by what."""
    name = str(data.get("list", ""))
    if name not in LISTS:
        return ""
    told = [str(LISTS[name]), lines_text(data["rows"]) if "rows" in data else "", filters_text(data.get("filters", []))]
    return " · ".join(one for one in told if one)


def lines_text(lines: int) -> str:
    said = ngettext("%(count)s line", "%(count)s lines", lines)
    return said % {"count": number(lines, language_of_page())}


def filters_text(names: Iterable[str]) -> str:
    known = ", ".join(str(FILTERS.get(name, name)) for name in names)
    return _now("narrowed by: %(filters)s") % {"filters": known} if known else ""
