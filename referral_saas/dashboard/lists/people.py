"""Advocates and customers."""

from __future__ import annotations

from collections.abc import Sequence
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


def _people_filters(asks: Asks, *own: str, sorts: Sequence[Sort], **options: Any) -> Filters:
    """The tags are asked about where there are any."""
    tags = [(word, word) for word in tag_words()]
    shown = ("q", *own, *(["tag"] if tags else []), "from", "to")
    return Filters(asks, show=shown, search=_("E-mail or name"), sorts=sorts, tag=tags, **options)


def _tagged(rows: QuerySet[Any], filters: Filters, *, person: str) -> QuerySet[Any]:
    """``person``: the rows' column that says which customer they are of."""
    word = filters.asked.get("tag")
    return rows.filter(**{f"{person}__in": customers_tagged(word)}) if word else rows


def _advocate_filters(asks: Asks, _reader: Reader) -> Filters:
    states, kinds = Advocate.State.choices, Advocate.Kind.choices
    own = ("program", "state", "kind")
    return _people_filters(asks, *own, sorts=by_moment("enrolled_at"), state=states, kind=kinds)


def _advocates(rows: QuerySet[Any], filters: Filters, reader: Reader) -> QuerySet[Any]:
    rows = filters.narrow(rows, zone=reader.workspace.time_zone, at="enrolled_at")
    rows = search_people(rows, filters.asked.get("q", ""), prefix="customer__")
    return _tagged(rows, filters, person="customer")


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
    return _people_filters(asks, "source", sorts=_CUSTOMER_SORTS, source=Customer.Source.choices)


def _customers(rows: QuerySet[Any], filters: Filters, reader: Reader) -> QuerySet[Any]:
    rows = filters.narrow(rows, zone=reader.workspace.time_zone, at="created_at")
    return _tagged(search_people(rows, filters.asked.get("q", "")), filters, person="pk")


def _customer_lines(_reader: Reader, _filters: Filters, rows: list[Any]) -> list[list[object]]:
    orders, tags = orders_by_customer(rows), tags_by_customer(row.pk for row in rows)
    return [_customer_line(row, orders.get(row.pk, 0), tags.get(row.pk, [])) for row in rows]


def _customer_line(row: Customer, orders: int, tags: list[str]) -> list[object]:
    bought = [moment(row.first_paid_at), row.imported_orders, orders]
    known = [row.email, row.name, row.country, row.source, ", ".join(tags), *bought]
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
        "tags",
        "first_paid_at",
        "orders",
        "orders_here",
        "external_id",
        "created_at",
    ],
    lines=_customer_lines,
)
