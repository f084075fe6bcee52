"""A shop and a Referral SaaS of a few lines each, on two origins, for the SDK to live between."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

SDK = Path(__file__).resolve().parents[2] / "static" / "sdk" / "v1.js"
FORMS = """
<form id="named" action="/order" method="get"><input type="hidden" name="referral_token"><button>Buy</button></form>
<form id="marked" action="/order" data-referral></form>
<form id="other" action="/search"></form>
<div data-referral-placement="thanks"></div>
"""


class Site:
    """One origin: pages by path, and what was posted to it."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[str, str, dict[str, str]]] = {}
        self.posted: list[tuple[str, str, Any]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.origin = f"http://127.0.0.1:{self.server.server_port}"


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body, headers = site.pages.get(self.path.split("?")[0], ("text/plain", "", {}))
            self._answer(kind, body, headers)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            site.posted.append((self.path, self.headers.get("Content-Type", ""), json.loads(body)))
            self._answer("application/json", "{}", {})

        def _answer(self, kind: str, body: str, headers: dict[str, str]) -> None:
            self.send_response(200)
            for name, value in {"Content-Type": f"{kind}; charset=utf-8", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            """Tests read `posted`, not a log."""

    return Handler


@contextmanager
def running(site: Site) -> Iterator[Site]:
    thread = threading.Thread(target=site.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.server.shutdown()
        site.server.server_close()
        thread.join()


def page(saas: Site, *, consent: str = "", shopify: bool = False) -> tuple[str, str, dict[str, str]]:
    """A shop page under a strict content security policy, with the one line that brings the SDK."""
    ask = f' data-consent="{consent}"' if consent else ""
    early = '<script src="/shopify.js"></script>' if shopify else ""
    policy = (
        f"default-src 'none'; script-src 'self' {saas.origin}; connect-src 'self' {saas.origin}; form-action 'self'"
    )
    sdk = f'<script src="{saas.origin}/static/sdk/v1.js" data-key="pk_test_1"{ask} defer></script>'
    body = f"<!doctype html><html lang=en><title>Shop</title>{early}{sdk}{FORMS}"
    return "text/html", body, {"Content-Security-Policy": policy}
