"""What a merchant waits for who has many rows: every page of the dashboard against one that shows nothing.

Both go through the whole product in this process: session, seat, transaction, wall, template. The empty page is the
shell alone. A page and the empty one are asked for in turn, so a machine that is slow for a moment is slow for both;
compared is the time that 95 of 100 askings stay under.
"""

from __future__ import annotations

import re
import statistics
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import import_module
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.urls import resolve

from bench.pages_world import fill_world
from kit.memory import keep_what_is_loaded

ROUNDS = 40
#: Askings that do not count: a server's connection has sent before what it sends often, and has planned it
#: (``prepare_threshold`` in settings.DATABASES).
WARMED = 6
MOST = 6.0
NAMED_WORST = 25
#: Files to keep and ways out are no pages.
NO_PAGE = re.compile(r"\.(?:svg|csv|png|pdf)$|/(?:file|download|body)$")
LINK = re.compile(r'(?:href|hx-get)="([^"#]*)"')


@dataclass
class Measured:
    """Seconds of each asking of one page, and of the empty page beside it."""

    kind: str
    address: str
    took: list[float] = field(default_factory=list)
    empty: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return p95(self.took) / p95(self.empty)


def run(part: str = "1") -> None:
    """``part``: 10 for a tenth of the rows."""
    began = time.monotonic()
    with TemporaryDirectory() as folder:
        settings.ROOT_URLCONF, settings.STATIC_ROOT = "bench.pages_urls", folder
        call_command("collectstatic", interactive=False, verbosity=0)
        measure(int(part), began)


def measure(part: int, began: float) -> None:
    desk = fill_world(part=part)
    import_module(settings.ROOT_URLCONF)
    keep_what_is_loaded()  # both as the web server does
    print(f"{desk.rows:,} rows after {time.monotonic() - began:.0f} s", flush=True)
    client = Client(SERVER_NAME="localhost")
    client.force_login(desk.user)
    empty = f"/w/{desk.slug}/bench-nothing"
    pages = [Measured(kind, address) for kind, address in pages_of(client, f"/w/{desk.slug}")]
    print(f"{len(pages)} kinds of pages, each {ROUNDS} times, in turn with an empty one", flush=True)
    server = Server(client)
    for page in pages:
        for _ in range(WARMED):
            server.seconds(page.address)
        for _ in range(ROUNDS):
            page.empty.append(server.seconds(empty))
            page.took.append(server.seconds(page.address))
    tell(pages, time.monotonic() - began, desk.rows)


def tell(pages: list[Measured], took: float, rows: int) -> None:
    """The worst first; the closing line last. Exits with 1 where a page is too slow."""
    ordered = sorted(pages, key=lambda page: -page.ratio)
    print("\n ratio   p95 ms  empty ms  page")
    for page in ordered[:NAMED_WORST]:
        print(f"{page.ratio:6.1f} {1000 * p95(page.took):8.1f} {1000 * p95(page.empty):9.1f}  {page.kind}")
    slow = [page for page in ordered if page.ratio > MOST]
    middle = statistics.median(page.ratio for page in ordered)
    worst = ordered[0]
    print(
        f"pages: worst ratio {worst.ratio:.1f} ({worst.kind}), median {middle:.1f}, {len(slow)} of {len(pages)} above "
        f"{MOST:.0f}, {rows} rows, {took:.0f} s"
    )
    if slow:
        sys.exit(1)


def pages_of(client: Client, base: str) -> Iterator[tuple[str, str]]:
    """A page of each kind that links lead to: its route and the names it asks with."""
    waiting, seen = deque([base]), {""}
    while waiting:
        address = waiting.popleft()
        kind = kind_of(address)
        if kind in seen or NO_PAGE.search(address):
            continue
        seen.add(kind)
        answer = client.get(address)
        if answer.status_code != 200 or answer.streaming or "html" not in answer["Content-Type"]:
            continue
        yield kind, address
        waiting.extend(_links(answer, address, base))


def _links(answer: Any, address: str, base: str) -> Iterator[str]:
    for href in LINK.findall(answer.content.decode()):
        target = urljoin(address, href.replace("&amp;", "&"))
        if target.startswith(base):
            yield target


def kind_of(address: str) -> str:
    """Empty for what is no address."""
    parts = urlsplit(address)
    try:
        route = resolve(parts.path).route
    except Exception:  # whatever it leads to, it is no page of ours
        return ""
    names = "&".join(sorted({name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}))
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r":\1", str(route)) + (f"?{names}" if names else "")


class Server:
    """Asks as a web server does, and keeps nothing of an answer. The test client's answers hold themselves, with every
    row they show: Python's search for such circles would be measured, which a served page never waits for."""

    def __init__(self, client: Client) -> None:
        """As the one who is signed in with the client."""
        self.requests, self.handle = RequestFactory(SERVER_NAME="localhost"), WSGIHandler()
        self.requests.cookies = client.cookies

    def seconds(self, address: str) -> float:
        environ, said = self.requests.get(address).environ, []
        began = time.perf_counter()
        answer = self.handle(environ, lambda status, _headers: said.append(status))
        b"".join(answer)
        answer.close()
        took = time.perf_counter() - began
        if said != ["200 OK"]:
            raise AssertionError(f"{address} answered {said}")
        return took


def p95(took: list[float]) -> float:
    return statistics.quantiles(took, n=20, method="inclusive")[-1]
