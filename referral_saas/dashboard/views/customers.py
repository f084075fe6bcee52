"""Customers: everybody the shop knows, and a page each with their orders and what they take part in."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _

from advocates.models import Customer
from advocates.selectors import advocates_of
from referral_saas.dashboard.access import customer_for
from referral_saas.dashboard.frame import Desk, DeskRequest, page, show
from referral_saas.dashboard.listing import Filters, csv_of, page_of, wants_csv
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.people import orders_by_customer, search_people
from referral_saas.templatetags.ui import day
from rewards.models import PayoutAccount
from rewards.payable import coming_to
from tracking.models import Claim, Order, Referral

BY = "created_at"
SHOWN = 50


@page()
def customers(request: DeskRequest) -> HttpResponse:
    filters = Filters(
        request, show=("q", "source", "from", "to"), search=_("E-mail or name"), source=Customer.Source.choices
    )
    rows = filters.narrow(Customer.objects.all(), zone=request.desk.workspace.time_zone, at=BY)
    rows = search_people(rows, filters.asked.get("q", ""))
    if wants_csv(request):
        return csv_of(rows, by=BY, name="customers", headers=_CSV, line=_csv_line)
    found = page_of(request, rows, by=BY)
    context = {"filters": filters, "page": found, "orders": orders_by_customer(found.rows)}
    return show(request, "dashboard/customers/list.html", context)


_CSV = ("id", "email", "name", "country", "source", "first_paid_at", "orders", "external_id", "created_at")


def _csv_line(row: Customer) -> list[object]:
    paid = row.first_paid_at.isoformat() if row.first_paid_at else ""
    known = [row.email, row.name, row.country, row.source, paid, row.imported_orders]
    return [public(row), *known, row.external_id, row.created_at.isoformat()]


@page()
def customer(request: DeskRequest, public_id: str) -> HttpResponse:
    found = customer_for(public_id)
    context = {
        "customer": found,
        "facts": _facts(request.desk, found),
        "orders": Order.objects.filter(customer=found).order_by("-received_at", "-pk")[:SHOWN],
        "places": advocates_of(found),
        "referred": Referral.objects.filter(friend=found).select_related("advocate__customer", "order").order_by("-pk"),
        "account": PayoutAccount.objects.filter(customer=found).first(),
        "owed": coming_to(found.pk),
        "claims": Claim.objects.filter(friend=found).select_related("advocate__customer").order_by("-claimed_at"),
    }
    return show(request, "dashboard/customers/page.html", context)


def _facts(desk: Desk, customer: Customer) -> list[tuple[str, object]]:
    zone = desk.workspace.time_zone
    paid = day(customer.first_paid_at, zone) if customer.first_paid_at else _("Has not bought yet")
    rows = [
        (_("E-mail"), customer.email),
        (_("Name"), customer.name),
        (_("Country"), customer.country),
        (_("Number in the shop"), customer.external_id),
        (_("Known through"), customer.get_source_display()),
        (_("Known since"), day(customer.created_at, zone)),
        (_("First paid order"), paid),
        (_("Orders in the imported history"), customer.imported_orders),
        (_("Unsubscribed"), day(customer.unsubscribed_at, zone)),
    ]
    return [row for row in rows if row[1]]
