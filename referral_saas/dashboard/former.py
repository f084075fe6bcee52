"""Addresses of people who were merged lead to whoever they turned out to be."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect

from advocates.models import Advocate, Customer
from advocates.selectors import advocate_by_former_id, customer_by_former_id
from kit.ids import parse_public_id
from referral_saas.dashboard.frame import DeskRequest
from referral_saas.dashboard.paths import path_of, public


def led_on(request: DeskRequest, public_id: str, folder: str = "") -> HttpResponse:
    """Instead of a page that is not there. ``folder``: other than the one of the person's own page. Raises Http404
    where the id was never anybody's."""
    found, base = _now(public_id), f"/w/{request.desk.merchant.slug}"
    if found is None:
        raise Http404
    return redirect(f"{base}{folder}/{public(found)}" if folder else path_of(base, found))


def _now(public_id: str) -> Advocate | Customer | None:
    if key := parse_public_id("adv", public_id):
        return advocate_by_former_id(key)
    key = parse_public_id("cus", public_id)
    return customer_by_former_id(key) if key else None
