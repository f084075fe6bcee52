"""What the lane reads of a request, and which requests are none of its business. Pure but for the rules of hosts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http.request import split_domain_port, validate_host
from django.utils.translation import get_supported_language_variant
from django.utils.translation.trans_real import get_language_from_request

Environ = dict[str, Any]

_PATH = re.compile(r"/r/(?:([a-z0-9_-]{1,60})/)?([A-Za-z0-9_-]{3,40})", re.ASCII)
#: Would be "the terms of a code", not a merchant's code of that name.
_PAGES = frozenset({"terms", "TERMS"})
#: Whoever brings one of these is somebody that Django has to look at: signed in, choosing a language, coming back.
_TELLING_COOKIES = (settings.SESSION_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, "messages=", "advocate_", "rs_visit")


class Spelling(NamedTuple):
    """An address as it was written: the merchant's name, empty on the shared host, and the code."""

    merchant: str
    code: str


class View(NamedTuple):
    """What an answer depends on beside the link: how the page was asked for. One object per distinct request."""

    host: str
    scheme: str
    language: str
    person: bool


def spelling_of(path: str) -> Spelling | None:
    found = _PATH.fullmatch(path)
    if found is None or found[2] in _PAGES:
        return None
    return Spelling(found[1] or "", found[2])


def has_telling_cookie(cookies: str) -> bool:
    return any(name in cookies for name in _TELLING_COOKIES)


@lru_cache(maxsize=2048)
def view_of(host: str, scheme: str, accept_language: str, person: bool) -> View | None:
    """None where the host is none of the platform's: Django knows the merchants' own."""
    name, _port = split_domain_port(host)
    if not name or not validate_host(name, platform_hosts()):
        return None
    return View(host, scheme, _language(accept_language), person)


def platform_hosts() -> list[str]:
    hosts: list[str] = getattr(settings, "PLATFORM_HOSTS", settings.ALLOWED_HOSTS)
    return hosts


def _language(accepted: str) -> str:
    """As Django's LocaleMiddleware chooses where no cookie says otherwise."""
    return get_supported_language_variant(get_language_from_request(_Asking(accepted)))  # type: ignore[arg-type]


class _Asking:
    """As much of a request as choosing a language looks at."""

    def __init__(self, accepted: str) -> None:
        self.META = {"HTTP_ACCEPT_LANGUAGE": accepted}
        self.COOKIES: dict[str, str] = {}


class Headers(Mapping[str, str]):
    """The headers of a WSGI request by their usual names, without copying them."""

    __slots__ = ("_environ",)

    def __init__(self, environ: Environ) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        value: str = self._environ[_environ_name(name)]
        return value

    def get(self, name: str, default: Any = None) -> Any:
        return self._environ.get(_environ_name(name), default)

    def __contains__(self, name: object) -> bool:
        return _environ_name(str(name)) in self._environ

    def __iter__(self) -> Iterator[str]:
        return (key[5:].replace("_", "-").title() for key in self._environ if key.startswith("HTTP_"))

    def __len__(self) -> int:
        return sum(1 for _ in self)


@lru_cache(maxsize=64)
def _environ_name(name: str) -> str:
    return f"HTTP_{name.upper().replace('-', '_')}"
