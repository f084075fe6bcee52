"""Orders: what the shop told and what was decided; recording, delivering, attributing and cancelling by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from referral_saas.dashboard.access import order_for
from referral_saas.dashboard.answers import done
from referral_saas.dashboard.forms.orders import DeliveredForm, SaleForm, moment_of
from referral_saas.dashboard.frame import DeskRequest, change, form_page, page, show
from referral_saas.dashboard.lists.orders import ORDERS, ORDERS_TABLE, bought
from referral_saas.dashboard.order_page import order_context
from referral_saas.dashboard.paths import public
from referral_saas.dashboard.views import attribution
from rewards.actions.by_hand import NotAttributable, attribute_by_hand
from rewards.actions.sales import Sale, SaleError, cancel_sale, mark_delivered, record_sale, take_back_delivery
from rewards.actions.settle import Settled
from tracking.facts import PersonIn
from tracking.models import Order
from tracking.wording import decision_text


@page()
def orders(request: DeskRequest) -> HttpResponse:
    filters, found = ORDERS.shown(request)
    context = {"filters": filters, "page": found, "table": ORDERS_TABLE.drawn(request.desk, bought(found.rows))}
    return show(request, "dashboard/orders/list.html", context | ORDERS.export(request, filters))


@page()
def order(request: DeskRequest, public_id: str) -> HttpResponse:
    return _page(request, order_for(public_id))


def _page(request: DeskRequest, found: Order, *, status: int = 200, **more: Any) -> HttpResponse:
    desk = request.desk
    forms = {
        "delivered_form": DeliveredForm(now=desk.now, zone=desk.workspace.time_zone, delivered_at=found.delivered_at),
    }
    return show(request, "dashboard/orders/page.html", order_context(desk, found) | forms | more, status=status)


@form_page("order.record")
def record(request: DeskRequest) -> HttpResponse:
    desk = request.desk
    form = SaleForm(request.POST or None, now=desk.now, zone=desk.workspace.time_zone, currency=desk.workspace.currency)
    if request.method == "POST" and form.is_valid():
        settled = _recorded(request, form)
        if settled:
            return done(request, f"/orders/{public(settled.order)}", decision_text(settled.order))
    return show(request, "dashboard/orders/record.html", {"form": form}, status=422 if form.errors else 200)


def _recorded(request: DeskRequest, form: SaleForm) -> Settled | None:
    """The sale settled, or the form with what is wrong (and nothing kept: the answer is an error)."""
    desk = request.desk
    try:
        settled = record_sale(sale=_sale(request, form), by=desk.by, now=desk.now)
        if form.named:
            why = _("Named when the sale was recorded.")
            return attribute_by_hand(order=settled.order, advocate=form.named, reason=why, by=desk.by, now=desk.now)
        return settled
    except SaleError as error:
        form.add_error("number", problem_text(error.code))
    except NotAttributable as error:
        form.add_error("advocate", attribution.problem_text(error.code))
    return None


def _sale(request: DeskRequest, form: SaleForm) -> Sale:
    given, desk = form.cleaned_data, request.desk
    return Sale(
        number=given["number"],
        person=PersonIn(email=given["email"], name=given["name"]),
        amount_minor=given["amount"],
        currency=desk.workspace.currency,
        placed_at=moment_of(given["placed_on"], desk.now, desk.workspace.time_zone),
        code=form.code,
    )


@change("order.record")
def delivered(request: DeskRequest, public_id: str) -> HttpResponse:
    """The day of delivery; marking again corrects it."""
    found, desk = order_for(public_id), request.desk
    form = DeliveredForm(request.POST, now=desk.now, zone=desk.workspace.time_zone)
    if not form.is_valid():
        return _page(request, found, status=422, delivered_form=form)
    at = moment_of(form.cleaned_data["delivered_on"], desk.now, desk.workspace.time_zone)
    said = _("Marked as delivered. The hold counts from that day.")
    return _tried(request, found, said, lambda: mark_delivered(order=found, delivered_at=at, by=desk.by, now=desk.now))


@change("order.record")
def undelivered(request: DeskRequest, public_id: str) -> HttpResponse:
    found, desk = order_for(public_id), request.desk
    said = _("The delivery is taken back, and the days of the hold are set anew.")
    return _tried(request, found, said, lambda: take_back_delivery(order=found, by=desk.by, now=desk.now))


@change("order.record")
def cancel(request: DeskRequest, public_id: str) -> HttpResponse:
    found, desk = order_for(public_id), request.desk
    said = _("The sale is cancelled, and so are its rewards.")
    return _tried(request, found, said, lambda: cancel_sale(order=found, by=desk.by, now=desk.now))


def _tried(request: DeskRequest, found: Order, said: str, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except SaleError as error:
        return _page(request, order_for(public(found)), status=409, problem=problem_text(error.code))
    return done(request, f"/orders/{public(found)}", said)


def problem_text(code: str) -> str:
    texts = {
        "already_recorded": _("An order with this number is known already: look for it in the list."),
        "not_recorded_by_hand": _("Only sales recorded by hand can be cancelled here. Cancel this one in your shop."),
        "already_cancelled": _("This sale is cancelled already."),
        "not_seen_yet": _("The order itself has not come yet. Wait for your shop to tell us about it."),
        "future": _("This day lies in the future."),
        "before_order": _("The order was placed after that day."),
        "not_delivered": _("This order is not marked as delivered: somebody took it back already."),
    }
    return texts.get(code) or _("This cannot be done any more.")
