"""Customers: everybody the shop knows, and a page each with their orders and what they take part in."""

from __future__ import annotations

from django.http import Http404, HttpResponse

from referral_saas.dashboard.former import led_on
from referral_saas.dashboard.frame import DeskRequest, page, show
from referral_saas.dashboard.lists.people import CUSTOMERS, CUSTOMERS_TABLE, known
from referral_saas.dashboard.person_page import customer_page


@page()
def customers(request: DeskRequest) -> HttpResponse:
    filters, found = CUSTOMERS.shown(request)
    context = {"filters": filters, "page": found, "table": CUSTOMERS_TABLE.drawn(request.desk, known(found.rows))}
    return show(request, "dashboard/customers/list.html", context | CUSTOMERS.export(request, filters))


@page()
def customer(request: DeskRequest, public_id: str) -> HttpResponse:
    try:
        return customer_page(request, public_id)
    except Http404:
        return led_on(request, public_id)
