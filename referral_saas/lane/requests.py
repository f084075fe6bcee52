"""What the lane reads of a request, and which requests are none of its business. Pure but for the rules of hosts."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from referral_saas.languages import accepted
from tracking.humans import opens_a_page

Environ = dict[str, Any]

_PATH = re.compile(r"/r/(?:(?P<merchant>[a-z0-9_-]{1,60})/)?(?P<code>[A-Za-z0-9_-]{3,40})", re.ASCII)
_OWN_PATH = re.compile(r"/(?P<r>r/)?(?P<code>[A-Za-z0-9_-]{3,40})", re.ASCII)
#: Pages of a code, not a merchant's codes of these names.
_PAGES = frozenset({"terms", "remember"})
#: What is remembered of requests is short: longer hosts and lists of languages are left to Django, other headers that
#: are longer are read and forgotten.
LONGEST_HOST, LONGEST_HEADER = 260, 300
#: Whoever brings one of these is somebody that Django has to look at: signed in, choosing a language, coming back.
_TELLING_COOKIES = (settings.SESSION_COOKIE_NAME, settings.LANGUAGE_COOKIE_NAME, "messages=", "advocate_", "rs_visit")


class Spelling(NamedTuple):
    """An address as it was written: under a merchant's name, on a merchant's own host, or on the shared one."""

    merchant: str
    code: str
    #: The merchant's own host, without port; there a code may stand right behind it.
    host: str = ""
    is_short: bool = False

    @property
    def place(self) -> str:
        """Where the code is looked for."""
        return f"@{self.host}" if self.host else self.merchant

    def path(self, code: str) -> str:
        """The same address with another code."""
        if self.is_short:
            return f"/{code}"
        return f"/r/{self.merchant}/{code}" if self.merchant else f"/r/{code}"


class View(NamedTuple):
    """What an answer depends on beside the link: how the page was asked for. One object per distinct request."""

    host: str
    scheme: str
    #: What the browser asks for; empty where it asks for none of ours and reads the shop's.
    language: str
    person: bool
    #: Name of a host that is none of the platform's: perhaps a merchant's own.
    own_host: str = ""


def spelling_of(path: str, own_host: str) -> Spelling | None:
    found = (_OWN_PATH if own_host else _PATH).fullmatch(path)
    if found is None or found["code"].lower() in _PAGES:
        return None
    if own_host:
        return Spelling("", found["code"], own_host, is_short=not found["r"])
    return Spelling(found["merchant"] or "", found["code"])


def has_telling_cookie(cookies: str) -> bool:
    return any(name in cookies for name in _TELLING_COOKIES)


def view_of(host: str, scheme: str, accept_language: str, person: bool) -> View | None:
    """None for what is no host, and for what no browser that followed a link of ours sends."""
    if len(host) > LONGEST_HOST or len(accept_language) > LONGEST_HEADER:
        return None
    return _view_of(host, scheme, accept_language, person)


@lru_cache(maxsize=2048)
def _view_of(host: str, scheme: str, accept_language: str, person: bool) -> View | None:
    name, port = split_domain_port(host)
    if not name or host != (f"{name}:{port}" if port else name):
        return None
    own = "" if validate_host(name, settings.PLATFORM_HOSTS) else name
    names, ports = _usual()
    if (port and port not in ports) or not (own or name in names):
        return None
    return View(host, scheme, accepted(accept_language), person, own)


def _usual() -> tuple[set[str], set[str]]:
    """Names and ports of the platform as links write them. A page names the host it was asked for, so each spelling has
    a page of its own: with capital letters, any port and any name under a wildcard they would fill the memory."""
    ours = [urlsplit(f"//{place}") for place in (settings.SHARED_LINK_HOST, urlsplit(settings.PUBLIC_URL).netloc)]
    names = {place.hostname for place in ours if place.hostname} | {name.lower() for name in settings.PLATFORM_HOSTS}
    return names, {str(place.port) for place in ours if place.port}


#: Every header that tells whether somebody opens the page itself (tracking.humans.opens_a_page), as WSGI names it.
_TOLD = {
    f"HTTP_{name.upper().replace('-', '_')}": name
    for name in (
        "From", "Sec-Fetch-Dest", "Accept", "X-Requested-With", "Sec-Purpose", "Purpose", "X-Purpose", "X-Moz"
    )
}  # fmt: skip


def opens_page(environ: Environ) -> bool:
    told = tuple(map(environ.get, _TOLD))
    if len("".join(filter(None, told))) > LONGEST_HEADER:
        return _opens_page.__wrapped__(environ["REQUEST_METHOD"], told)
    return _opens_page(environ["REQUEST_METHOD"], told)


@lru_cache(maxsize=2048)
def _opens_page(method: str, told: tuple[str | None, ...]) -> bool:
    headers = {name: value for name, value in zip(_TOLD.values(), told, strict=True) if value is not None}
    return opens_a_page(method, headers)
