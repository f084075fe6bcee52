"""Who sent you? Behind a signed link on the shop's thank-you page or in the mail after the order.

Whatever is written here is answered with the same page, so that nobody learns who recommends for this shop. The link
is the permission: no cookie, nothing personal in the address. The form is exempt from Django's CSRF check for the
reasons in referral_saas.friend.views.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from engagement.addresses import read_who_sent_you, who_sent_you
from integrations.credentials import secret_of
from integrations.models import Connection
from integrations.selectors import connections
from integrations.shopify.mapping import PLATFORM as SHOPIFY
from kit.clock import now_for
from kit.signing import link_signature_matches
from kit.tenancy import in_tenant_transaction, tenant_scope, tenant_transaction
from merchants.models import Door, Merchant, Workspace
from merchants.selectors import door_for, workspace
from referral_saas.brand import brand_context
from referral_saas.friend.views import same_origin, uncached, unknown
from referral_saas.languages import language_at, speak
from referral_saas.limits import within_limit
from tracking.actions.introductions import MOST_TRIES, say_who
from tracking.models import Introduction, Order
from tracking.selectors import introduction_of, who_sent_until

SAID_PER_ADDRESS, SPAN_SECONDS = 20, 600
_ORDER_ID = re.compile(r"[0-9]{1,20}", re.ASCII)


class WhoForm(forms.Form):
    said = forms.CharField(
        label=_("Their name, or their code or link"),
        max_length=200,
        help_text=_("The whole name if you can: several people may share a first name. A code is always certain."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write a name or a code.")},
    )
    friend_name = forms.CharField(
        label=_("Your first name"),
        max_length=80,
        required=False,
        help_text=_("So that they know who asks. They see this name and the day of your order, nothing else."),
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )


@dataclass(frozen=True, slots=True)
class Asked:
    """The order in question and how far it is."""

    order: Order
    workspace: Workspace
    now: datetime
    told: Introduction | None

    @property
    def is_confirmed(self) -> bool:
        return self.told is not None and self.told.state == Introduction.State.CONFIRMED

    @property
    def is_over(self) -> bool:
        until = who_sent_until(self.order, zone=self.workspace.time_zone)
        return until is None or until <= self.now

    @property
    def has_said(self) -> bool:
        return self.told is not None and self.told.tries > 0

    @property
    def may_say(self) -> bool:
        return self.told is None or self.told.tries < MOST_TRIES


@uncached
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def who(request: HttpRequest, sealed: str) -> HttpResponse:
    found = read_who_sent_you(sealed)
    merchant = Merchant.objects.filter(pk=found[0]).first() if found else None
    if found is None or merchant is None:
        return unknown(request)
    if request.method == "POST":
        return _said(request, merchant, found)
    with tenant_scope(merchant.tenant_ref()), tenant_transaction(read_only=True):
        asked = _asked(request, merchant, found)
        return _page(request, asked, WhoForm()) if asked else unknown(request)


@uncached
@require_safe
def from_shop(request: HttpRequest, slug: str, order_id: str, signature: str) -> HttpResponse:
    """From a thank-you page that the shop's own template writes: signed with the secret of its webhooks. Leads on to
    the order's link; an order that has not come yet is waited for."""
    door = door_for(Door.Kind.PORTAL, slug)
    if door is None or not _ORDER_ID.fullmatch(order_id):
        return unknown(request)
    with tenant_scope(door.tenant_ref()), tenant_transaction(read_only=True):
        secrets = [secret_of(one) for one in connections().filter(kind=Connection.Kind.SHOPIFY)]
        if not link_signature_matches(f"who|{order_id}", signature, secrets):
            return unknown(request)
        order = Order.objects.filter(platform=SHOPIFY, external_id=order_id, placed_at__isnull=False).first()
        if order is not None:
            return HttpResponseRedirect(who_sent_you(door.merchant_id, order.pk))
        shop = workspace()
        speak(request, language_at(request, shop))
        response = render(request, "friend/who_soon.html", brand_context(shop))
    response["Refresh"] = "5"
    return response


def _asked(request: HttpRequest, merchant: Merchant, found: tuple[Any, Any]) -> Asked | None:
    order = Order.objects.filter(pk=found[1]).select_related("customer").first()
    if order is None:
        return None
    asked = Asked(order, workspace(), now_for(merchant), introduction_of(order))
    speak(request, language_at(request, asked.workspace))
    return asked


def _said(request: HttpRequest, merchant: Merchant, found: tuple[Any, Any]) -> HttpResponse:
    if not same_origin(request):
        return render(request, "friend/foreign.html", status=403)
    form, ref = WhoForm(request.POST), merchant.tenant_ref()
    is_often = not within_limit(request, "who", most=SAID_PER_ADDRESS, seconds=SPAN_SECONDS)
    if is_often or not form.is_valid():
        with tenant_scope(ref), tenant_transaction(read_only=True):
            asked = _asked(request, merchant, found)
            status = 429 if is_often else 400
            return _page(request, asked, form, status=status, is_often=is_often) if asked else unknown(request)
    in_tenant_transaction(ref, lambda: _tell(merchant, found, form.cleaned_data))
    return HttpResponseRedirect(request.path, status=303)


def _tell(merchant: Merchant, found: tuple[Any, Any], given: dict[str, str]) -> None:
    order = Order.objects.filter(pk=found[1]).first()
    if order is not None:
        say_who(order=order, said=given["said"], friend_name=given["friend_name"], now=now_for(merchant))


def _page(
    request: HttpRequest, asked: Asked, form: WhoForm, *, status: int = 200, is_often: bool = False
) -> HttpResponse:
    is_closed = asked.is_over and not asked.is_confirmed
    context = brand_context(asked.workspace) | {
        "workspace_now": asked.now,
        "asked": asked,
        "is_closed": is_closed,
        "is_often": is_often,
        "form": form if asked.may_say and not is_closed and not asked.is_confirmed else None,
    }
    return render(request, "friend/who.html", context, status=status)
