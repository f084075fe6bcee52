"""A small web client: keeps cookies, follows redirects, fills in the forms it finds on pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPMessage
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import unquote, urlencode, urljoin
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from bs4 import BeautifulSoup, Tag

#: A browser as it names itself; what begins otherwise is taken for a program and its click is not counted.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
TIMEOUT = 30
NO_VALUE = frozenset({"submit", "button", "image", "reset", "file"})


class Unexpected(AssertionError):
    """Something was not as the loop promises. The text says what was seen."""


@dataclass(frozen=True)
class Page:
    url: str
    status: int
    body: bytes
    headers: HTTPMessage

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @cached_property
    def html(self) -> BeautifulSoup:
        return BeautifulSoup(self.body, "html.parser")

    @property
    def words(self) -> str:
        return " ".join(self.html.get_text(" ").split())

    @property
    def heading(self) -> str:
        found = self.html.h1
        return " ".join(found.get_text(" ").split()) if found else ""

    def form(self, action: str = "", **having: str) -> Form:
        """The first form whose address has ``action`` in it and whose fields have these values."""
        for element in self.html.find_all("form"):
            found = Form.read(element, self.url)
            if unquote(action) in unquote(found.action) and all(found.fields.get(k) == v for k, v in having.items()):
                return found
        raise Unexpected(f"No form {action!r} {having or ''} on {self.url} ({self.status}): {self.words[:400]}")

    def value_of(self, element_id: str) -> str:
        """What stands in an input, by its id."""
        found = self.html.find(id=element_id)
        if not isinstance(found, Tag):
            raise Unexpected(f"Nothing with the id {element_id!r} on {self.url}: {self.words[:400]}")
        return str(found.get("value", ""))

    def expect(self, *statuses: int) -> Page:
        if self.status not in (statuses or (200,)):
            raise Unexpected(f"{self.url} answered {self.status}: {self.words[:600]}")
        return self


@dataclass(frozen=True)
class Form:
    """A form as a browser would send it. ``fields`` are what stands in it; lists where a name comes more than once."""

    action: str
    method: str
    fields: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, element: Tag, page_url: str) -> Form:
        fields: dict[str, Any] = {}
        for control in element.find_all(["input", "select", "textarea"]):
            for name, value in values_of(control):
                fields[name] = [*as_list(fields[name]), value] if name in fields else value
        return cls(urljoin(page_url, str(element.get("action") or page_url)), method_of(element), fields)


def method_of(element: Tag) -> str:
    return str(element.get("method", "get")).upper()


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def values_of(control: Tag) -> list[tuple[str, str]]:
    """Name and value of a control, as far as it would be sent."""
    name = str(control.get("name", ""))
    if not name or control.has_attr("disabled"):
        return []
    if control.name == "textarea":
        return [(name, control.get_text().removeprefix("\n"))]
    if control.name == "select":
        return [(name, value) for value in chosen(control)]
    kind = str(control.get("type", "text")).lower()
    if kind in NO_VALUE or (kind in {"radio", "checkbox"} and not control.has_attr("checked")):
        return []
    return [(name, str(control.get("value", "on" if kind == "checkbox" else "")))]


def chosen(select: Tag) -> list[str]:
    options = select.find_all("option")
    picked = [option for option in options if option.has_attr("selected")]
    if not picked and not select.has_attr("multiple"):
        picked = options[:1]
    return [str(option.get("value", option.get_text())) for option in picked]


class SeeOther(HTTPRedirectHandler):
    """Python's own handler, which knows no 308; a redirect after a POST is fetched by GET."""

    max_redirections = 8


class Web:
    """One visitor: their cookies and how their browser names itself."""

    def __init__(self, base: str, *, agent: str = BROWSER, headers: Mapping[str, str] | None = None) -> None:
        self.base = base
        self.headers = {"User-Agent": agent, "Accept-Language": "en", **(headers or {})}
        self.opener: OpenerDirector = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()), SeeOther())

    def get(self, url: str) -> Page:
        return self.ask("GET", url)

    def submit(self, form: Form, **changes: Any) -> Page:
        """Send the form with some fields changed; None leaves a field out (an unticked box)."""
        fields = {name: value for name, value in {**form.fields, **changes}.items() if value is not None}
        if form.method == "GET":
            return self.get(f"{form.action.partition('?')[0]}?{urlencode(fields, doseq=True)}")
        body = urlencode(fields, doseq=True).encode()
        return self.ask("POST", form.action, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def send(self, url: str, data: Any, **headers: str) -> Page:
        """POST of JSON."""
        return self.ask("POST", url, json.dumps(data).encode(), {"Content-Type": "application/json", **headers})

    def ask(self, method: str, url: str, body: bytes | None = None, headers: Mapping[str, str] | None = None) -> Page:
        request = Request(
            urljoin(self.base + "/", url), data=body, headers={**self.headers, **(headers or {})}, method=method
        )
        try:
            with self.opener.open(request, timeout=TIMEOUT) as answer:
                return Page(answer.url, answer.status, answer.read(), answer.headers)
        except HTTPError as error:
            with error:
                return Page(error.url or request.full_url, error.code, error.read(), error.headers)
