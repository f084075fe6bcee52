"""Just enough HTTP on WSGI for a small shop: request, response, routes."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from django.utils.translation import gettext as _

from .browser import Client

LARGEST_BODY = 1_000_000  # bytes
LONGEST_HEADER = 1000
YEAR = 365 * 86400

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class BadRequest(Exception):
    """What was sent cannot be read; the message says what is wrong."""


class NotFound(Exception):
    pass


class Request:
    def __init__(self, environ: Environ) -> None:
        self.environ = environ
        self.method: str = environ["REQUEST_METHOD"]
        self.path: str = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace") or "/"
        self.query_string: str = environ.get("QUERY_STRING", "")
        self.query = first_values(self.query_string)
        self.host: str = environ.get("HTTP_HOST", "")
        self.body = read_body(environ)

    @property
    def is_json(self) -> bool:
        return str(self.environ.get("CONTENT_TYPE", "")).split(";")[0].strip() == "application/json"

    @property
    def form(self) -> dict[str, str]:
        return first_values(self.body.decode("utf-8", "replace"))

    @property
    def json(self) -> dict[str, Any]:
        try:
            data = json.loads(self.body or b"{}")
        except ValueError:
            raise BadRequest(_("The body is not JSON.")) from None
        if not isinstance(data, dict):
            raise BadRequest(_("The body must be a JSON object."))
        return data

    @property
    def cookies(self) -> dict[str, str]:
        try:
            jar = SimpleCookie(self.environ.get("HTTP_COOKIE", ""))
        except CookieError:
            return {}
        return {name: unquote(morsel.value) for name, morsel in jar.items()}

    @property
    def address(self) -> str:
        """Path and query, as a shop notes where a visitor landed."""
        return quote(self.path, safe="/:@!$&'()*+,;=~-._") + (f"?{self.query_string}" if self.query_string else "")

    @property
    def client(self) -> Client:
        headers = (str(self.environ.get(name, ""))[:LONGEST_HEADER] for name in ("REMOTE_ADDR", "HTTP_USER_AGENT"))
        return Client(*headers)

    def comes_from_elsewhere(self) -> bool:
        """A form on another site posts here: browsers always say so."""
        origin = self.environ.get("HTTP_ORIGIN")
        return origin is not None and urlsplit(origin).netloc != self.host


@dataclass
class Response:
    body: bytes | str = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: list[tuple[str, str]] = field(default_factory=list)

    def set_cookie(self, name: str, value: str, *, max_age: int = YEAR) -> None:
        cookie = f"{name}={quote(value, safe='')}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax"
        self.headers.append(("Set-Cookie", cookie))

    def send(self, start_response: StartResponse, *, with_body: bool) -> Iterable[bytes]:
        data = self.body.encode() if isinstance(self.body, str) else self.body
        headers = [("Content-Type", self.content_type), ("Content-Length", str(len(data))), *self.headers]
        start_response(f"{self.status} {HTTPStatus(self.status).phrase}", headers)
        return [data] if with_body else []


def redirect(location: str) -> Response:
    return Response(status=303, headers=[("Location", location)])


def json_response(data: Any, *, status: int = 200) -> Response:
    return Response(json.dumps(data, ensure_ascii=False), status, "application/json")


def read_body(environ: Environ) -> bytes:
    length = str(environ.get("CONTENT_LENGTH") or "0")
    if not length.isdigit() or int(length) > LARGEST_BODY:
        raise BadRequest(_("The body is too large."))
    body: bytes = environ["wsgi.input"].read(int(length)) if int(length) else b""
    return body


def first_values(text: str) -> dict[str, str]:
    try:
        return {name: values[0] for name, values in parse_qs(text, keep_blank_values=True, max_num_fields=500).items()}
    except ValueError:
        raise BadRequest(_("There are too many fields.")) from None


def own_path(target: str) -> str:
    """The target if it is a path of this shop, else the front page: a discount link must not lead anywhere else."""
    safe = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return quote(target, safe="/:@!$&'()*+,;=~-._?#[]%") if safe else "/"


@dataclass(frozen=True)
class Route:
    """`writes`: the view runs inside one transaction, which is rolled back when it answers 400 or above."""

    method: str
    pattern: re.Pattern[str]
    view: Callable[..., Response]
    writes: bool


def route(method: str, path: str, view: Callable[..., Response], *, writes: bool | None = None) -> Route:
    """`/orders/<int:order_id>` gives the view a whole number, `/products/<slug>` a text without slashes."""
    pattern = re.sub(r"<int:(\w+)>", r"(?P<\1>[0-9]{1,18})", path)
    pattern = re.sub(r"(?<!\?P)<(\w+)>", r"(?P<\1>[^/]+)", pattern)
    return Route(method, re.compile(pattern), view, method == "POST" if writes is None else writes)


def find(routes: Iterable[Route], method: str, path: str) -> tuple[Route, dict[str, Any]]:
    wanted = "GET" if method == "HEAD" else method
    for candidate in routes:
        match = candidate.pattern.fullmatch(path)
        if match and candidate.method == wanted:
            return candidate, {name: number_or_text(name, value) for name, value in match.groupdict().items()}
    raise NotFound


def number_or_text(name: str, value: str) -> int | str:
    return int(value) if name.endswith("_id") and value.isdigit() else value
