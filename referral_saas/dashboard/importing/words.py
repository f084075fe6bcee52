"""What the kinds of files and their columns are called, and where one comes from."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from imports.kinds import TargetGone
from imports.models import Import
from referral_saas.dashboard.importing.targets import pool_told, program_told


@dataclass(frozen=True)
class About:
    """``path`` is the list that what is imported shows up in; ``again`` where the next file is chosen."""

    title: Promise
    lead: Promise
    list: Promise
    path: str = ""
    again: str = ""


ABOUT: dict[str, About] = {
    "customers": About(
        _("Import customers"),
        _("Who has bought before, so that only new customers count. Importing a file again is safe."),
        _("Customers"),
        "/customers",
        "/customers/import",
    ),
    "advocates": About(
        _("Import advocates"),
        _("Everybody in the file gets a link of their own and a mail that tells them. Importing a file again is safe."),
        _("Advocates"),
        "/advocates",
        "/advocates/import",
    ),
    "orders": About(
        _("Import orders"),
        _(
            "Orders your shop software does not tell us about. Each is attributed and rewarded like any other. "
            "Importing a file again is safe."
        ),
        _("Orders"),
        "/orders",
        "/orders/import",
    ),
    "codes": About(
        _("Upload codes"),
        _("Each must exist in your shop as a code that works once. Uploading a file again adds only what is new."),
        _("Programs"),
        "/programs",
    ),
}

#: Field -> what it is called, and what its column holds.
FIELDS: dict[str, tuple[Promise, Promise]] = {
    "email": (_("E-mail address"), _("People are known by it.")),
    "name": (pgettext_lazy("person", "Name"), _("The whole name in one column.")),
    "first_name": (_("First name"), _("Where the name stands in two columns.")),
    "last_name": (_("Last name"), _("Where the name stands in two columns.")),
    "country": (_("Country"), _("Two letters, like DE")),
    "orders": (_("Orders so far"), _("How many orders this person has paid so far")),
    "first_paid_at": (_("First order"), _("Day of the first paid order, like 2026-03-31")),
    "external_id": (_("Customer number"), _("The customer's number in your shop")),
    "kind": (_("Kind of advocate"), _("customer, employee, partner or influencer; empty means customer")),
    "place": (_("Place"), _("A shop, city or team")),
    "order_id": (_("Order number"), _("Each order is known by it.")),
    "amount": (_("Amount"), _("After discounts, without tax and shipping, like 49.90.")),
    "tax": (_("Tax"), _("The tax on the amount, where a program counts tax")),
    "shipping": (_("Shipping"), _("What shipping cost, where a program counts it")),
    "currency": (_("Currency"), _("Three letters, like EUR; empty means the workspace's")),
    "placed_at": (_("Day of the order"), _("Day or moment of the order, like 2026-03-31.")),
    "code": (_("Code"), _("The code used, if any")),
    "status": (
        _("Status"),
        _(
            "paid, pending or cancelled, or what your shop calls it; disputed, won or lost for a disputed payment; "
            "empty means paid. What was refunded in full counts as cancelled."
        ),
    ),
}
CODE_HELP = _("One code in each row.")
#: Without these nothing can be read.
NEEDED: dict[str, tuple[str, ...]] = {
    "customers": ("email",),
    "advocates": ("email",),
    "orders": ("order_id", "email", "amount", "placed_at"),
    "codes": ("code",),
}
WHY: dict[str, Promise] = {
    "target_gone": _("The program or the pool that it was for is not there any more."),
    "kind_gone": _("Files of this kind are not taken in any more."),
    "broke": _(
        "It failed five times. Choose the file again, which is safe; if it fails again, tell whoever runs this service."
    ),
}


@dataclass(frozen=True)
class Place:
    """Where a file goes, as people call it, with the pages it shows up on."""

    text: str
    path: str
    again: str


def place_of(one: Import) -> Place:
    about = ABOUT[one.kind]
    if not one.target:
        return Place("", about.path, about.again)
    try:
        if one.kind == "codes":
            pool = pool_told(one.target)
            at = f"/{pool.purpose.lower()}" if pool.program else ""
            return Place(pool.text, pool.path, f"{pool.path}/codes{at}")
        return Place(program_told(one.target).name, about.path, about.again)
    except TargetGone:
        return Place("", about.path, about.again)
