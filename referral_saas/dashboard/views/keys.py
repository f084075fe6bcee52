"""API keys, and the snippet for the shop."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.utils.translation import gettext as _

from integrations.heartbeats import last_days_seen
from kit.ids import public_id
from merchants.actions.keys import create_key, revoke_key
from merchants.models import ApiKey
from merchants.selectors import api_keys, publishable_key
from referral_saas.dashboard.access import key_for
from referral_saas.dashboard.answers import done, secret_page
from referral_saas.dashboard.forms.team import KeyForm
from referral_saas.dashboard.frame import DeskRequest, change, form_page, page, show


@page("key.manage")
def keys(request: DeskRequest) -> HttpResponse:
    return show(request, "dashboard/keys.html", _context())


@form_page("key.manage")
def new(request: DeskRequest) -> HttpResponse:
    """A new key is shown in this very answer: nowhere is it kept to be shown again."""
    form = KeyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        made = create_key(**form.cleaned_data, by=request.desk.by, now=request.desk.now)
        return secret_page(show(request, "dashboard/key_made.html", {"made": made, **_context()}))
    return show(request, "dashboard/key_new.html", {"form": form}, status=422 if form.errors else 200)


@change("key.manage")
def revoke(request: DeskRequest, public_key: str) -> HttpResponse:
    key = revoke_key(key=key_for(public_key), by=request.desk.by, now=request.desk.now)
    return done(request, "/settings/keys", _("%(name)s works no more.") % {"name": key.name})


def _context() -> dict[str, Any]:
    key = publishable_key()
    return {
        "keys": [(public_id("key", one.pk), one) for one in api_keys()],
        "snippet": snippet_of(key) if key else "",
        "seen": last_days_seen(),
    }


def snippet_of(key: ApiKey) -> str:
    """By the file's lasting name, not the hashed one: what a shop has pasted goes on working and gets what is new."""
    address = f"{settings.PUBLIC_URL}{settings.STATIC_URL}sdk/v1.js"
    return f'<script src="{address}" data-key="{key.public_value}" defer></script>'
