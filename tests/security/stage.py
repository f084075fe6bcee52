"""Where the attacks play: Nordlicht with all its rows, Halcyon beside it, and every address of the site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from merchants.models import Membership, Merchant, Role, User
from tests.crawl.things import things
from tests.crawl.world import Full

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
_GROUP = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Route:
    """One address of the site: its pattern as text, its view, and what its names stand for."""

    path: str
    view: Any
    names: tuple[str, ...]

    def with_ids(self, ids: dict[str, str]) -> str:
        return "/" + _GROUP.sub(lambda found: ids[found[1]], self.path)


def routes(under: str) -> list[Route]:
    """Every address that begins so, allauth's and the API's included, in the order of the resolver."""
    return [route for route in _walk(get_resolver(), "") if route.path.startswith(under)]


def _walk(resolver: URLResolver, before: str) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        path = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, path)
        elif isinstance(entry, URLPattern):
            yield Route(path, entry.callback, tuple(_GROUP.findall(path)))


def ids_for(route: Route, full: Full, *, slug: str) -> dict[str, str]:
    """Nordlicht's ids for every name of the address, under the workspace ``slug``."""
    return things(route.path, slug, full)


def browser_of(user: User, **options: Any) -> Client:
    client = Client(headers={"User-Agent": BROWSER}, **options)
    client.force_login(user)
    return client


def seat(merchant: Merchant, role: Role) -> User:
    found = Membership.objects.select_related("user").filter(merchant=merchant, role=role).first()
    assert found is not None
    user: User = found.user
    return user
