"""Customers: everybody the shop knows, and a page each with their orders and what they take part in."""

from __future__ import annotations

from django.http import HttpResponse

from advocates.desk_selectors import tags_by_customer
from referral_saas.dashboard.frame import DeskRequest, page, show
from referral_saas.dashboard.lists.people import CUSTOMERS
from referral_saas.dashboard.people import orders_by_customer
from referral_saas.dashboard.person_page import customer_page


@page()
def customers(request: DeskRequest) -> HttpResponse:
    filters, found = CUSTOMERS.shown(request)
    tags = tags_by_customer(row.pk for row in found.rows)
    context = {"filters": filters, "page": found, "orders": orders_by_customer(found.rows), "tags": tags}
    return show(request, "dashboard/customers/list.html", context | CUSTOMERS.export(request, filters))


@page()
def customer(request: DeskRequest, public_id: str) -> HttpResponse:
    return customer_page(request, public_id)
