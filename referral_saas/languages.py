"""Which language somebody reads.

Signed in to the dashboard: the one of their account. Before that: the one chosen in this browser (a cookie), else the
one the browser asks for, else English; Django's LocaleMiddleware sees to those. On a shop's pages for friends and
advocates the shop's language stands in place of English. Advocates have a choice of their own in each portal
(portal/access.py), and every mail goes by its reader (engagement/desk.py).
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation.trans_real import parse_accept_lang_header
from django.views.decorators.http import require_POST

from kit.language import language_of_page
from merchants.models import User, Workspace
from merchants.steps.people import choose_language
from referral_saas.middleware import own_host_of

#: Where nobody of a team is asked for: pages of customers, and what machines call.
NOT_OF_A_TEAM = ("/r/", "/p/", "/who/", "/api/", "/hooks/", "/mail/", "/brand/")


def spoken(language: str | None) -> str:
    """The one of ours that is meant: "de" for "de-AT". Empty for a language that there is no catalog of."""
    try:
        return translation.get_supported_language_variant((language or "").lower())
    except LookupError:
        return ""


def accepted(header: str) -> str:
    """The first of ours that a browser accepts, by its Accept-Language. Empty where it names none, or takes any."""
    for language, _weight in parse_accept_lang_header(header):
        if language == "*":
            break
        if ours := spoken(language):
            return ours
    return ""


def language_at(request: HttpRequest, shop: Workspace) -> str:
    """Of whoever has no account: chosen in this browser, else asked for by it, else the shop's."""
    chosen = spoken(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))
    asked = chosen or accepted(request.headers.get("Accept-Language", ""))
    return asked or spoken(shop.language) or settings.LANGUAGE_CODE


def speak(request: HttpRequest, language: str) -> None:
    """The rest of this request is answered in it."""
    translation.activate(language)
    request.LANGUAGE_CODE = language


def language_read_by(user: User) -> str:
    """Of one's account; of this page where that is spoken no more."""
    return spoken(user.language) or language_of_page()


class LanguageOfAccount:
    """Pages for people of a team are in the language of their account, on whichever browser they are signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _is_of_a_team(request) and request.user.is_authenticated:
            speak(request, language_read_by(request.user))
        return self.get_response(request)


def _is_of_a_team(request: HttpRequest) -> bool:
    """Without looking for the user, which would cost a friend's page a question."""
    has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    return has_session and not request.path.startswith(NOT_OF_A_TEAM) and own_host_of(request) is None


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """The buttons at the foot of the pages for signing in, and of one's account. Back to where they were pressed."""
    response = HttpResponseRedirect(_back(request), status=303)
    if language := spoken(request.POST.get("language")):
        if _is_of_a_team(request) and request.user.is_authenticated:
            choose_language(request.user, language)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
    return response


def _back(request: HttpRequest) -> str:
    """A page of ours, with what stood in its address."""
    wanted = request.POST.get("next", "")
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else "/"
