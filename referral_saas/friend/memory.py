"""A visit remembered in a cookie, as far as the merchant's consent mode allows: never, when the friend agrees, always.

Without it everything works too: the visit travels in the address to the shop. The cookie holds the signed click of the
first visit and nothing else, so that who comes back later by the same link goes on with that touch.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from advocates.models import Link
from kit.signing import parse_click_token
from merchants.models import Workspace
from referral_saas.friend.access import Place

COOKIE = "rs_visit"


def earlier_visit(request: HttpRequest, place: Place) -> str:
    """The remembered token of this very link, while its attribution window runs; otherwise empty."""
    said = request.COOKIES.get(COOKIE, "")
    found = parse_click_token(said, keys=settings.CLICK_TOKEN_KEYS) if said else None
    if found is None or found.link_id != place.link.pk or found.at + _window(place) < place.now:
        return ""
    return said


def remember_where_allowed(request: HttpRequest, response: HttpResponse, place: Place, token: str) -> None:
    """For merchants who remember always. A first touch that is remembered stays, also another advocate's."""
    if token and place.workspace.consent == Workspace.Consent.ALWAYS and not _is_remembered(request):
        remember(response, place, token)


def asks(request: HttpRequest, place: Place, token: str) -> bool:
    """Whether the page asks the friend."""
    return bool(token) and place.workspace.consent == Workspace.Consent.ASK and not earlier_visit(request, place)


def remember(response: HttpResponse, place: Place, token: str) -> None:
    """Only for this host, unreadable to scripts, sent along when the friend comes by a link, gone with the window."""
    response.cookies[COOKIE] = token
    cookie: dict[str, Any] = response.cookies[COOKIE]
    cookie.update({"max-age": int(_window(place).total_seconds()), "path": "/", "samesite": "Lax", "httponly": True})
    cookie["secure"] = settings.SESSION_COOKIE_SECURE


def _is_remembered(request: HttpRequest) -> bool:
    """A visit to a link of this merchant's."""
    found = parse_click_token(request.COOKIES.get(COOKIE, ""), keys=settings.CLICK_TOKEN_KEYS)
    return found is not None and Link.objects.filter(pk=found.link_id).exists()


def _window(place: Place) -> timedelta:
    return timedelta(days=place.terms.attribution_window_days)
