"""Orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kit.money import to_major_text
from referral_saas.dashboard.attribution_page import named_nobody
from referral_saas.dashboard.listing import Asks, Filters, by_moment
from referral_saas.dashboard.lists.listed import Listing, moment
from referral_saas.dashboard.lists.table import Column, Pen, Table, together
from referral_saas.dashboard.order_page import referrals_by_order, source_text
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.people import search_orders
from referral_saas.dashboard.reader import Reader
from tracking.models import Order, Referral

SAID = "SAID"


def _filters(asks: Asks, _reader: Reader) -> Filters:
    shown = ("q", "program", "outcome", "from", "to", "advocate")
    outcomes = [*Order.Outcome.choices, (SAID, _("Customer named somebody, nobody found"))]
    search = _("Order number or e-mail")
    return Filters(asks, show=shown, search=search, sorts=by_moment("received_at"), outcome=outcomes)


def _narrowed(rows: QuerySet[Any], filters: Filters, reader: Reader) -> QuerySet[Any]:
    rows = filters.by_choice(rows, {SAID: named_nobody()})
    rows = filters.by_days(rows, zone=reader.workspace.time_zone, at="received_at")
    if filters.advocate_id or filters.asked.get("program"):
        rows = rows.filter(pk__in=filters.by_program(Referral.objects.all()).values("order_id"))
    return search_orders(rows, filters.asked.get("q", ""), order="pk")


def _lines(_reader: Reader, _filters: Filters, rows: list[Any]) -> list[list[object]]:
    referrals = referrals_by_order(rows)
    return [_line(row, referrals.get(row.pk)) for row in rows]


def _line(row: Order, referral: Referral | None) -> list[object]:
    told = [row.number or row.external_id, source_text(row.platform), row.customer.email if row.customer else ""]
    amounts = [row.currency, *_amount(row, row.base_minor), *_amount(row, row.net_base_minor)]
    whose = [referral.program.name, referral.advocate.customer.email] if referral else ["", ""]
    times = (row.placed_at, row.paid_at, row.cancelled_at, row.delivered_at, row.received_at)
    decided = [row.outcome, row.decision.get("reason", "")]
    return [public(row), *told, *amounts, *decided, *whose, *(moment(at) for at in times)]


def _amount(row: Order, minor: int) -> list[object]:
    """As people write it and in minor units; neither before the shop has told the currency."""
    return [to_major_text(minor, row.currency), minor] if row.currency else ["", ""]


ORDERS = Listing(
    name="orders",
    path="/orders",
    filters=_filters,
    every=lambda: Order.objects.select_related("customer"),
    on_page=lambda: Order.objects.select_related("customer").only(
        *("number", "external_id", "outcome", "currency", "net_base_minor", "received_at", "customer__name"),
        *("is_test", "cancelled_at", "contradicts_itself", "customer__email"),
    ),
    narrowed=_narrowed,
    columns=[
        "id",
        "number",
        "source",
        "customer",
        "currency",
        "base",
        "base_minor",
        "net_base",
        "net_base_minor",
        "outcome",
        "reason",
        "program",
        "advocate",
        "placed_at",
        "paid_at",
        "cancelled_at",
        "delivered_at",
        "received_at",
    ],
    lines=_lines,
)


@dataclass(frozen=True, slots=True)
class _Bought:
    """A row of the table: an order, and whose it is."""

    order: Order
    referral: Referral | None


def _order(pen: Pen, line: _Bought) -> object:
    row, standing = line.order, ""
    if row.is_test:
        standing = pen.note(_("Test order"))
    elif row.cancelled_at:
        standing = pen.note(_("Cancelled"))
    elif row.contradicts_itself:
        standing = pen.note(_("Contradicts itself"))
    return together(pen.link(row, row.number or row.external_id), standing)


def _whose(pen: Pen, line: _Bought) -> object:
    found = line.referral
    return together(pen.link(found.advocate), pen.note(found.program.name)) if found else ""


def _after_returns(pen: Pen, line: _Bought) -> object:
    return pen.money(line.order.net_base_minor, line.order.currency) if line.order.currency else ""


ORDERS_TABLE = Table(
    _("Orders"),
    (
        Column(_("Order"), _order),
        Column(_("Customer"), lambda pen, line: pen.link(line.order.customer)),
        Column(_("Decision"), lambda pen, line: pen.state(line.order, "outcome")),
        Column(_("Advocate"), _whose),
        Column(_("After returns"), _after_returns, is_number=True),
        Column(_("Came in"), lambda pen, line: pen.when(line.order.received_at)),
    ),
)


def bought(rows: list[Any]) -> list[_Bought]:
    """One statement more."""
    referrals = referrals_by_order(rows)
    return [_Bought(row, referrals.get(row.pk)) for row in rows]
