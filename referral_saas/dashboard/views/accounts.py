"""Accounts at services that make rewards: connecting one, and giving a connection new credentials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.forms import Form
from django.http import Http404, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.actions.accounts import (
    FIELDS,
    add_gift_card_connection,
    add_stripe_connection,
    add_woocommerce_connection,
    replace_credentials,
)
from integrations.actions.connections import ConnectionProblem
from integrations.models import Connection
from integrations.selectors import is_simulated
from kit.ids import public_id
from referral_saas.dashboard.access import connection_for
from referral_saas.dashboard.answers import done, point_out
from referral_saas.dashboard.forms.connections import (
    CredentialsForm,
    GiftCardForm,
    ShopifyForm,
    StripeForm,
    WooForm,
)
from referral_saas.dashboard.frame import DeskRequest, form_page, show

FORMS: dict[str, type[Form]] = {
    Connection.Kind.SHOPIFY: ShopifyForm,
    Connection.Kind.WOOCOMMERCE: WooForm,
    Connection.Kind.STRIPE: StripeForm,
    Connection.Kind.GIFT_CARDS: GiftCardForm,
}
LEADS: dict[str, Promise] = {
    Connection.Kind.WOOCOMMERCE: gettext_lazy(
        "Rewards become coupons of the shop. In WooCommerce: Settings, Advanced, REST API, Add key."
    ),
    Connection.Kind.STRIPE: gettext_lazy("Rewards become promotion codes, or credit on the balance of a customer."),
    Connection.Kind.GIFT_CARDS: gettext_lazy("Rewards become gift cards that are ordered and mailed for you."),
}


@form_page("connection.manage")
def new_woocommerce(request: DeskRequest) -> HttpResponse:
    return _new(request, Connection.Kind.WOOCOMMERCE, add_woocommerce_connection)


@form_page("connection.manage")
def new_stripe(request: DeskRequest) -> HttpResponse:
    return _new(request, Connection.Kind.STRIPE, add_stripe_connection)


@form_page("connection.manage")
def new_gift_cards(request: DeskRequest) -> HttpResponse:
    return _new(request, Connection.Kind.GIFT_CARDS, add_gift_card_connection)


@form_page("connection.manage")
def credentials(request: DeskRequest, public_key: str) -> HttpResponse:
    """New ones in place of the old, which are never shown."""
    connection = connection_for(public_key)
    if connection.kind not in FIELDS:
        raise Http404
    data = request.POST if request.method == "POST" else None
    form = CredentialsForm(FORMS[connection.kind], FIELDS[connection.kind], data)
    if form.is_valid():
        try:
            replace_credentials(
                connection=connection, values=form.cleaned_data, by=request.desk.by, now=request.desk.now
            )
            return done(request, f"/connections/{public_key}", _("Kept. Test the connection now."))
        except ConnectionProblem as error:
            point_out(form, error.field, str(error))
    context = {"form": form, "connection": connection, "key": public_key, "simulated": is_simulated(connection.kind)}
    return show(request, "dashboard/connection_credentials.html", context, status=422 if form.errors else 200)


def _new(request: DeskRequest, kind: Connection.Kind, add: Callable[..., Connection]) -> HttpResponse:
    form = FORMS[kind](request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            made = add(**form.cleaned_data, by=request.desk.by, now=request.desk.now)
            return done(request, f"/connections/{public_id('con', made.pk)}", _("Connected. Test the connection now."))
        except ConnectionProblem as error:
            point_out(form, error.field, str(error))
    context: dict[str, Any] = {"form": form, "kind": kind.label, "lead": LEADS[kind], "action": request.path}
    context["simulated"] = is_simulated(kind)
    return show(request, "dashboard/connection_account.html", context, status=422 if form.errors else 200)
