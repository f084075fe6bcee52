"""Headers that every answer carries. Strict by default; a view widens what its page needs, by name."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host
from django.template.loader import render_to_string
from django.utils.log import log_response
from django.views.defaults import bad_request
from redis.exceptions import RedisError

from merchants.models import Door
from merchants.selectors import own_host

logger = logging.getLogger(__name__)

STRICT_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def widen(response: HttpResponse, directive: str, *sources: str) -> None:
    """Let this one answer's page also use ``sources``: widen(response, "form-action", "https://shop.example").

    A form whose answer redirects to another site needs that site in form-action; a page to be embedded needs its
    embedder in frame-ancestors.
    """
    extra = response.__dict__.setdefault("csp_extra", {})
    extra.setdefault(directive, []).extend(sources)


class StrictHeaders:
    """A strict content security policy (no inline scripts or styles), no sniffing, no frames, kept by no cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        extra: dict[str, list[str]] = response.__dict__.get("csp_extra", {})
        response.headers.setdefault("Content-Security-Policy", policy(extra))
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cache-Control", "no-store, private")
        if "frame-ancestors" not in extra:
            response.headers.setdefault("X-Frame-Options", "DENY")
        return response


class ComeAgain:
    """Where Redis counts tries (logging in) and cannot be reached, people are asked to come again: never a 500, and
    never a door without its limit. What only rings or counts clicks goes on without it (kit.ring, limits)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, RedisError):
            return None
        logger.error("Redis cannot be reached at %s: %s", request.path, type(exception).__name__)
        return HttpResponse(render_to_string("500.html", request=request), status=503, headers={"Retry-After": "30"})


class KnownHosts:
    """Who a request is for, by its Host header: the platform, or a merchant's own host, or nobody (400).

    On a merchant's own host there are that merchant's friend pages and nothing else: another table of addresses is
    used, which knows no dashboard, portal or API. Takes the place of Django's check of ALLOWED_HOSTS, which knows no
    merchants. Addresses in mails and pages are made from PUBLIC_URL, never from this header.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        name = host_named(request)
        if not validate_host(name, settings.PLATFORM_HOSTS):
            door = own_host(name) if name else None
            if door is None:
                return _nobody_here(request, name)
            request.__dict__.update(own_host=door, urlconf="referral_saas.friend.host_urls")
        return self.get_response(request)


def _nobody_here(request: HttpRequest, name: str) -> HttpResponse:
    """One line in the log, without Django's traceback: strangers try many names."""
    answer = bad_request(request, DisallowedHost())
    log_response("Nobody of this name lives here: %s", name, response=answer, request=request)
    return answer


def host_named(request: HttpRequest) -> str:
    """In small letters, without port and closing dot; empty where the header is no host at all."""
    name, _port = split_domain_port(request._get_raw_host())  # type: ignore[attr-defined]
    return name


def own_host_of(request: HttpRequest) -> Door | None:
    """The merchant on whose own host the request came."""
    door: Door | None = request.__dict__.get("own_host")
    return door


def policy(extra: dict[str, list[str]]) -> str:
    directives = {**STRICT_POLICY, **{name: _joined(name, sources) for name, sources in extra.items()}}
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


def _joined(directive: str, sources: list[str]) -> str:
    """'none' means none, so it goes as soon as there is one source."""
    strict = STRICT_POLICY.get(directive, "'none'")
    return " ".join([*([] if strict == "'none'" else [strict]), *sources])
