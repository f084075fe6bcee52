"""A merchant's colours and what the frames of the friend's and the advocate's pages need."""

from __future__ import annotations

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from kit.colours import ColourError, brand_css
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.models import Door, Workspace
from merchants.selectors import door_for, workspace

FALLBACK_COLOUR = "#1f5f4a"
_COLOUR = re.compile(r"#[0-9a-f]{6}", re.ASCII)


def brand_stylesheet(request: HttpRequest, slug: str) -> HttpResponse:
    """/brand/<merchant-slug>.css. The address names the colour it is made of (``v``): a preview may show another one
    than is kept."""
    door = door_for(Door.Kind.PORTAL, slug)
    if door is None:
        raise Http404
    with tenant_scope(door.tenant_ref()), tenant_transaction(read_only=True):
        colour = workspace().brand_colour
    named = f"#{request.GET.get('v', '')}"
    sheet = readable_brand(named if _COLOUR.fullmatch(named) else colour)
    response = HttpResponse(sheet, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=300"
    return response


def readable_brand(colour: str) -> str:
    """Only #rrggbb reaches the sheet: anything else could close the rule and write its own."""
    try:
        return brand_css(colour)
    except ColourError:
        return brand_css(FALLBACK_COLOUR)


def brand_context(place: Workspace) -> dict[str, Any]:
    """``merchant`` and ``brand_css_url`` of templates/friend/base.html and templates/portal/base.html."""
    version = place.brand_colour.removeprefix("#")
    return {
        "merchant": {"name": place.merchant.name, "slug": place.merchant.slug, "time_zone": place.time_zone},
        "brand_css_url": f"/brand/{place.merchant.slug}.css?v={version}",
    }
