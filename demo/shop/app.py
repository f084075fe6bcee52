"""The shop as a WSGI application.

Environment: SHOP_DATA_DIR (where its SQLite file lives), SHOP_PUBLIC_URL (its own address), REFERRAL_URL (the address
of Referral SaaS, from which the SDK's address is guessed until the connection page says otherwise).
"""

import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.utils import translation
from django.utils.translation import gettext as _

from . import admin, api, public, rendering
from .desk import Desk
from .hooks import Sender
from .http import BadRequest, Environ, NotFound, Request, Response, Route, StartResponse, find, json_response, route
from .orders import Refused
from .store import Store
from .visit import LANDING, VISIT, Visit

TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".js": "text/javascript; charset=utf-8"}
STATIC = {file.name: file for file in (rendering.HERE / "static").iterdir()}
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def health(visit: Visit) -> Response:
    return Response("ok", content_type="text/plain; charset=utf-8")


def static(visit: Visit, name: str) -> Response:
    if name not in STATIC:
        raise NotFound
    file = STATIC[name]
    return Response(file.read_bytes(), content_type=TYPES[file.suffix], headers=[("Cache-Control", "no-cache")])


ROUTES: list[Route] = [
    route("GET", "/health", health),
    route("GET", "/static/<name>", static),
    *public.ROUTES,
    *admin.ROUTES,
    *api.ROUTES,
]


@dataclass(frozen=True)
class Config:
    data_dir: Path
    public_url: str
    referral_url: str

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Config":
        missing = [name for name in ("SHOP_DATA_DIR", "SHOP_PUBLIC_URL", "REFERRAL_URL") if not environ.get(name)]
        if missing:
            raise SystemExit(f"The shop needs {', '.join(missing)} in its environment.")
        address = environ["SHOP_PUBLIC_URL"].rstrip("/")
        return cls(Path(environ["SHOP_DATA_DIR"]), address, environ["REFERRAL_URL"].rstrip("/"))


class RolledBack(Exception):
    """Carries an answer of 400 or above out of the transaction, so that nothing of it is kept."""

    def __init__(self, response: Response) -> None:
        self.response = response


class Shop:
    def __init__(self, config: Config) -> None:
        self.config = config
        self.sender = Sender(self.open_store)
        config.data_dir.mkdir(parents=True, exist_ok=True)
        store = self.open_store()
        store.create()
        store.close()

    def open_store(self) -> Store:
        return Store(self.config.data_dir / "shop.sqlite3")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        store = self.open_store()
        try:
            with translation.override(rendering.language_asked(environ)):
                response = self.answer(environ, store)
        finally:
            store.close()
        return response.send(start_response, with_body=environ["REQUEST_METHOD"] != "HEAD")

    def answer(self, environ: Environ, store: Store) -> Response:
        try:
            request = Request(environ)
        except BadRequest as error:
            return json_response({"error": str(error)}, status=400)
        desk = Desk(store, shop_url=self.config.public_url, referral_url=self.config.referral_url)
        visit = Visit(request, store, desk, self.sender, self.config.referral_url)
        response = self.refusal(visit) or self.serve(visit)
        self.add_headers(visit, response)
        return response

    def refusal(self, visit: Visit) -> Response | None:
        """The admin asks for no password, so other sites must reach it neither by a form nor by a name of theirs."""
        request = visit.request
        if request.method == "POST" and request.comes_from_elsewhere():
            return problem(visit, 403, _("This form was sent from another site."))
        ours = (*LOOPBACK, urlsplit(self.config.public_url).hostname)
        if request.path.startswith("/admin") and urlsplit(f"//{request.host}").hostname not in ours:
            return problem(visit, 403, _("The admin answers on the shop's own address only."))
        return None

    def serve(self, visit: Visit) -> Response:
        try:
            found, values = find(ROUTES, visit.request.method, visit.request.path)
            return self.run(found, visit, values)
        except NotFound:
            return problem(visit, 404, _("There is no such page."))
        except BadRequest as error:
            return problem(visit, 400, str(error))
        except Refused as error:
            return problem(visit, 422, str(error))

    def run(self, found: Route, visit: Visit, values: dict[str, Any]) -> Response:
        if not found.writes:
            return found.view(visit, **values)
        try:
            with visit.store.transaction():
                response = found.view(visit, **values)
                if response.status >= 400:
                    raise RolledBack(response)
        except RolledBack as rolled_back:
            return rolled_back.response
        self.sender.ring()
        return response

    def add_headers(self, visit: Visit, response: Response) -> None:
        sdk = visit.desk.connection.sdk_origin
        response.headers += [
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),
            (
                "Content-Security-Policy",
                f"default-src 'self' {sdk}; img-src 'self' data: {sdk}; object-src 'none'; base-uri 'none'; "
                "form-action 'self'; frame-ancestors 'none'",
            ),
        ]
        if visit.request.method == "GET" and is_page(visit.request.path):
            response.set_cookie(LANDING, visit.landing(), max_age=VISIT)


def is_page(path: str) -> bool:
    return not path.startswith(("/admin", "/static/", "/health", "/favicon"))


def problem(visit: Visit, status: int, message: str) -> Response:
    if visit.request.is_json or visit.request.path.startswith("/admin/api/"):
        return json_response({"error": message}, status=status)
    return visit.page("problem.html", status=status, message=message)


class OnFirstRequest:
    """Opens the shop in the process that serves it: the sender's thread would not survive a fork."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.shop: Shop | None = None

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        with self.lock:
            if self.shop is None:
                self.shop = Shop(Config.read(os.environ))
                self.shop.sender.start()
        return self.shop(environ, start_response)


application = OnFirstRequest()
