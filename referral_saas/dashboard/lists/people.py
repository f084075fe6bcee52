"""Advocates and customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from advocates.desk_selectors import customers_tagged, tag_words, tags_by_customer
from advocates.models import Advocate, Customer
from referral_saas.dashboard.listing import Asks, Filters, Sort, by_moment
from referral_saas.dashboard.lists.listed import Listing, moment
from referral_saas.dashboard.lists.table import Column, Pen, Table, together
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
    on_page=lambda: Advocate.objects.select_related("program", "customer").only(
        *("state", "kind", "place", "enrolled_at", "program__name", "customer__name", "customer__email")
    ),
    narrowed=_advocates,
    columns=["id", "email", "name", "program", "state", "kind", "place", "tags", "referrals", "enrolled_at"],
    lines=_advocate_lines,
)


@dataclass(frozen=True, slots=True)
class _Referrer:
    """A row of a table: an advocate, and what is counted and remembered about them."""

    advocate: Advocate
    referrals: int
    tags: list[str]


def _referrer(pen: Pen, line: _Referrer) -> object:
    person = line.advocate.customer
    email = pen.note(person.email) if person.name else ""
    return together(pen.link(line.advocate, person), email, pen.note(", ".join(line.tags)))


def _program_and_kind(pen: Pen, line: _Referrer) -> object:
    row = line.advocate
    is_usual = row.kind == Advocate.Kind.CUSTOMER and not row.place
    kind = pen.word(row, "kind") + (f", {row.place}" if row.place else "")
    return together(row.program.name, "" if is_usual else pen.note(kind))


def _brought(pen: Pen, line: _Referrer) -> object:
    if not line.referrals:
        return "0"
    return pen.way(f"{pen.base}/referrals?advocate={public(line.advocate)}", pen.number(line.referrals))


_REFERRER_COLUMNS = (
    Column(_("Advocate"), _referrer),
    Column(_("Program"), _program_and_kind),
    Column(_("State"), lambda pen, line: pen.state(line.advocate)),
    Column(_("Referrals"), _brought, is_number=True),
    Column(_("Since"), lambda pen, line: pen.when(line.advocate.enrolled_at)),
)
ADVOCATES_TABLE, SHARERS_TABLE = (Table(label, _REFERRER_COLUMNS) for label in (_("Advocates"), _("Who shared")))


def referrers(rows: list[Any]) -> list[_Referrer]:
    """Two statements more."""
    referrals, tags = tally_by_advocate(rows), tags_by_customer(row.customer_id for row in rows)
    return [_Referrer(row, referrals.get(row.pk, 0), tags.get(row.customer_id, [])) for row in rows]


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
    on_page=lambda: Customer.objects.only("name", "email", "source", "imported_orders", "first_paid_at", "created_at"),
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


@dataclass(frozen=True, slots=True)
class _Known:
    """A row of a table: a customer, with how often they bought here."""

    person: Customer
    orders: int
    tags: list[str]


def _customer(pen: Pen, line: _Known) -> object:
    email = pen.note(line.person.email) if line.person.name else ""
    return together(pen.link(line.person), email, pen.note(", ".join(line.tags)))


def _known_through(pen: Pen, line: _Known) -> object:
    n = line.person.imported_orders
    earlier = pen.note(ngettext("%(n)s earlier order", "%(n)s earlier orders", n) % {"n": n}) if n else ""
    return together(pen.word(line.person, "source"), earlier)


def _first_paid(pen: Pen, line: _Known) -> object:
    return pen.day(line.person.first_paid_at) if line.person.first_paid_at else _("Not yet")


CUSTOMERS_TABLE = Table(
    _("Customers"),
    (
        Column(_("Customer"), _customer),
        Column(_("Known through"), _known_through),
        Column(_("First paid order"), _first_paid),
        Column(_("Orders here"), lambda pen, line: pen.number(line.orders), is_number=True),
        Column(_("Known since"), lambda pen, line: pen.when(line.person.created_at)),
    ),
)


def known(rows: list[Any]) -> list[_Known]:
    """Two statements more."""
    orders, tags = orders_by_customer(rows), tags_by_customer(row.pk for row in rows)
    return [_Known(row, orders.get(row.pk, 0), tags.get(row.pk, [])) for row in rows]
