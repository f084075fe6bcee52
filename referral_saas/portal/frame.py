"""What every portal page needs around its content."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from advocates.models import Advocate
from advocates.selectors import advocates_of, terms_to_accept
from programs.selectors import closed_because
from referral_saas.brand import brand_context
from referral_saas.portal.access import Visit
from referral_saas.portal.looking import looking_context
from rewards.payable import is_paid_out


def show(
    request: HttpRequest, visit: Visit, template: str, values: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """A page in the merchant's colours; with the advocate's own navigation once somebody is signed in."""
    shown = brand_context(visit.workspace) | {"workspace_now": visit.now, "zone": visit.zone}
    if visit.banner:
        shown |= looking_context(visit.merchant, visit.banner)
    if visit.someone:
        shown |= _for_advocate(request, visit)
    return render(request, f"portal/{template}", shown | (values or {}), status=status)


def _for_advocate(request: HttpRequest, visit: Visit) -> dict[str, Any]:
    slug = visit.merchant.slug
    return {
        "advocate": visit.advocate,
        "program": visit.program,
        "portal_nav": navigation(request, visit),
        "home_url": reverse("portal:home", args=[slug]),
        "terms_url": reverse("portal:terms", args=[slug]),
        "sign_out_url": reverse("portal:sign-out", args=[slug]),
        "programs": _programs(visit.advocate),
        "closed": closed_because(visit.program, visit.now, visit.zone),
        "must_accept": terms_to_accept(visit.advocate),
    }


def navigation(request: HttpRequest, visit: Visit) -> list[dict[str, Any]]:
    """Who is never paid in money hears nothing of payouts."""
    slug = visit.merchant.slug
    pages = [
        ("home", _("Share")),
        ("links", _("Links")),
        ("friends", _("Friends")),
        ("rewards", _("Rewards")),
        *([("payouts", _("Payouts"))] if is_paid_out(visit.advocate) else []),
        ("settings", _("Settings")),
    ]
    here = request.resolver_match.url_name if request.resolver_match else ""
    return [
        {"label": label, "url": reverse(f"portal:{name}", args=[slug]), "current": name == here}
        for name, label in pages
    ]


def _programs(advocate: Advocate) -> list[Advocate]:
    """This person in the merchant's programs, to switch between; empty when there is only this one."""
    known = [each for each in advocates_of(advocate.customer) if each.state != Advocate.State.BANNED]
    return known if len(known) > 1 else []
