"""The workspace's settings, its brand colour checked for reading, and its sandbox."""

from __future__ import annotations

from typing import Any

from django.conf import settings as django_settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from engagement import addresses
from kit.colours import ColourError, contrast, parse, readable_on
from merchants.actions.workspaces import BadSetting, change_workspace, currency_is_fixed
from merchants.models import Workspace
from merchants.selectors import host_in_use
from merchants.steps.workspaces import open_sandbox
from referral_saas.dashboard.answers import done, point_out
from referral_saas.dashboard.forms.workspace import WorkspaceForm
from referral_saas.dashboard.frame import DeskRequest, form_page, outside, page, show


@page()
def settings(request: DeskRequest) -> HttpResponse:
    place = request.desk.workspace
    context = {
        "place": place,
        "language": dict(django_settings.LANGUAGES).get(place.language, place.language),
        "portal_url": addresses.portal(request.desk.merchant.slug),
        "currency_fixed": currency_is_fixed(),
        "swatch": swatch(place.brand_colour),
        "clicks_kept_days": place.click_retention_days or django_settings.CLICK_RETENTION_DAYS,
        "own_host": host_in_use(),
    }
    return show(request, "dashboard/settings.html", context)


@form_page("workspace.manage")
def edit(request: DeskRequest) -> HttpResponse:
    place = request.desk.workspace
    data = request.POST if request.method == "POST" else None
    form = WorkspaceForm(data, initial=_initial(place), currency_fixed=currency_is_fixed())
    if form.is_valid() and _changed(request, form):
        return done(request, "/settings", _("Saved."))
    colour = form["brand_colour"].value() or place.brand_colour
    context = {"form": form, "swatch": swatch(colour)}
    return show(request, "dashboard/settings_edit.html", context, status=422 if form.errors else 200)


@page("workspace.manage")
def colour(request: DeskRequest) -> HttpResponse:
    """How a colour that is being chosen would read."""
    asked = request.GET.get("brand_colour", "")
    return show(request, "dashboard/settings_colour.html", {"swatch": swatch(asked)})


@outside("workspace.manage")
def sandbox(request: DeskRequest) -> HttpResponse:
    if request.desk.merchant.is_sandbox:
        raise Http404
    merchant = open_sandbox(merchant=request.desk.merchant, user=request.desk.user)
    return redirect(f"/w/{merchant.slug}")


def swatch(colour: str) -> dict[str, str] | None:
    """A button in this colour: what stands on it and how well that reads. None for what is no colour."""
    try:
        parse(colour)
    except ColourError:
        return None
    ink = readable_on(colour)
    words = _("White text") if ink == "#ffffff" else _("Black text")
    ratio = f"{contrast(colour, ink):.1f}"
    said = _("%(text)s stands on it: contrast %(ratio)s to 1, and 4.5 is needed.") % {"text": words, "ratio": ratio}
    return {"colour": colour, "ink": ink, "said": said}


def _initial(place: Workspace) -> dict[str, Any]:
    names = ("shop_url", "currency", "time_zone", "support_email", "language", "brand_colour")
    return {"name": place.merchant.name, **{name: getattr(place, name) for name in names}}


def _changed(request: DeskRequest, form: WorkspaceForm) -> bool:
    try:
        change_workspace(**form.cleaned_data, by=request.desk.by, now=request.desk.now)
    except BadSetting as error:
        point_out(form, error.field, str(error))
    return not form.errors
