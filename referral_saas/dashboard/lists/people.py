"""Advocates and customers."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from advocates.desk_selectors import customers_tagged, tag_words, tags_by_customer
from advocates.models import Advocate, Customer
from referral_saas.dashboard.listing import Asks, Filters, Sort, by_moment
from referral_saas.dashboard.lists.listed import Listing, moment
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.people import orders_by_customer, search_people, tally_by_advocate
from referral_saas.dashboard.reader import Reader


def _advocate_filters(asks: Asks, _reader: Reader) -> Filters:
    """The tags are asked about where there are any."""
    options: dict[str, Any] = {"state": Advocate.State.choices, "kind": Advocate.Kind.choices}
    options["tag"] = [(word, word) for word in tag_words()]
    shown = ("q", "program", "state", "kind", *(["tag"] if options["tag"] else []), "from", "to")
    return Filters(asks, show=shown, search=_("E-mail or name"), sorts=by_moment("enrolled_at"), **options)


def _advocates(rows: QuerySet[Any], filters: Filters, reader: Reader) -> QuerySet[Any]:
    rows = filters.narrow(rows, zone=reader.workspace.time_zone, at="enrolled_at")
    rows = search_people(rows, filters.asked.get("q", ""), prefix="customer__")
    word = filters.asked.get("tag")
    return rows.filter(customer__in=customers_tagged(word)) if word else rows


def _advocate_lines(_reader: Reader, _filters: Filters, rows: list[Any]) -> list[list[object]]:
    referrals, tags = tally_by_advocate(rows), tags_by_customer(row.customer_id for row in rows)
    return [_advocate_line(row, referrals.get(row.pk, 0), tags.get(row.customer_id, [])) for row in rows]


def _advocate_line(row: Advocate, referrals: int, tags: list[str]) -> list[object]:
    person = row.customer
    what = [row.program.name, row.state, row.kind, row.place, ", ".join(tags), referrals]
    return [public(row), person.email, person.name, *what, moment(row.enrolled_at)]


ADVOCATES = Listing(
    name="advocates",
    path="/advocates",
    filters=_advocate_filters,
    every=lambda: Advocate.objects.select_related("program", "customer"),
    narrowed=_advocates,
    columns=["id", "email", "name", "program", "state", "kind", "place", "tags", "referrals", "enrolled_at"],
    lines=_advocate_lines,
)

_CUSTOMER_SORTS = (
    *by_moment("created_at"),
    Sort("email", _("E-mail, A to Z"), "email_key"),
    Sort("name", _("Name, A to Z"), "name_key"),
)


def _customer_filters(asks: Asks, _reader: Reader) -> Filters:
    shown, sources = ("q", "source", "from", "to"), Customer.Source.choices
    return Filters(asks, show=shown, search=_("E-mail or name"), sorts=_CUSTOMER_SORTS, source=sources)


def _customers(rows: QuerySet[Any], filters: Filters, reader: Reader) -> QuerySet[Any]:
    rows = filters.narrow(rows, zone=reader.workspace.time_zone, at="created_at")
    return search_people(rows, filters.asked.get("q", ""))


def _customer_lines(_reader: Reader, _filters: Filters, rows: list[Any]) -> list[list[object]]:
    orders = orders_by_customer(rows)
    return [_customer_line(row, orders.get(row.pk, 0)) for row in rows]


def _customer_line(row: Customer, orders: int) -> list[object]:
    bought = [moment(row.first_paid_at), row.imported_orders, orders]
    known = [row.email, row.name, row.country, row.source, *bought]
    return [public(row), *known, row.external_id, moment(row.created_at)]


CUSTOMERS = Listing(
    name="customers",
    path="/customers",
    filters=_customer_filters,
    every=Customer.objects.all,
    narrowed=_customers,
    columns=[
        "id",
        "email",
        "name",
        "country",
        "source",
        "first_paid_at",
        "orders",
        "orders_here",
        "external_id",
        "created_at",
    ],
    lines=_customer_lines,
)
