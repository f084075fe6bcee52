"""Visits every page that can be reached, follows every link, sends every form, looks behind every figure.

Each form is sent in a savepoint that is undone afterwards, so nothing the robot does keeps it from what comes next.
"""

from __future__ import annotations

import copy
import re
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.db import connection, transaction
from django.test import Client
from django.urls import Resolver404, ResolverMatch, resolve

from demo.drive.web import BROWSER, Form
from merchants.permissions import can
from tests.crawl.inputs import fill
from tests.crawl.page import Element, read

HOST = "http://testserver"
#: Of one kind a few pages are visited, for they are drawn by one template from rows alike.
OF_A_KIND = 2
#: What a page of the dashboard may ask the database, its session, seat and menu included; beside what begins and ends a
#: transaction (in a test a savepoint).
MOST_STATEMENTS = 20
AROUND = ("SAVEPOINT", "RELEASE", "SET CONSTRAINTS")
#: Pages of one thing each, which differ by its state.
THING = re.compile(r":(?:public_id|program_slug)$")
WRITES = re.compile(r'^\s*(?:INSERT|UPDATE|DELETE)\b(?! INTO "merchants_session"| "merchants_session")', re.IGNORECASE)


@dataclass
class Robot:
    """``role`` is None for who is no member. ``quiet`` are forms that rightly write nothing: "METHOD kind".

    ``thorough``: more things of each kind are seen, and what stands behind the figures, which all roles see alike.
    ``before``: the kinds of pages that somebody who may more has seen in this world. What is no matter of the role was
    seen then: a list with other filters, what a form answers that only asks, a page after each change.
    """

    client: Client
    role: str | None = None
    stays_in: str = "/"
    thorough: bool = True
    before: frozenset[str] = frozenset()
    allowed: dict[str, int] = field(default_factory=dict)
    quiet: frozenset[str] = frozenset()
    complaints: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    kinds: Counter[str] = field(default_factory=Counter)
    sent: set[str] = field(default_factory=set)
    compared: set[str] = field(default_factory=set)
    behind: dict[str, tuple[int, Element]] = field(default_factory=dict)

    def crawl(self, *starts: str) -> None:
        waiting = deque(starts)
        while waiting:
            address = waiting.popleft()
            if not self._is_new(address):
                continue
            page = self._open(address)
            if page is not None:
                waiting.extend(self._links(page, address))
                self._controls(page, address)
                if self.thorough:
                    self._figures(page, address)
                self._forms(page, address)

    def complain(self, where: str, what: str) -> None:
        self.complaints.append(f"{self.role or 'nobody'} on {where}: {what}")

    # --- pages ---

    def _is_new(self, address: str) -> bool:
        kind = kind_of(address)
        if address in self.seen or self.kinds[kind] >= self._most_of(kind):
            return False
        self.seen.add(address)
        self.kinds[kind] += 1
        return True

    def _most_of(self, kind: str) -> int:
        if THING.search(kind):
            return 10 if self.thorough else 4
        return 0 if "?" in kind and kind in self.before else OF_A_KIND

    def _open(self, address: str) -> Element | None:
        status, page = self.behind.get(address) or self._read(address)
        if status >= 400 and self.allowed.get(kind_of(address)) != status:
            self.complain(address, f"answered {status}")
            return None
        return page

    def _read(self, address: str) -> tuple[int, Element]:
        answer = self._get(address)
        return answer.status_code, page_of(answer)

    def _get(self, address: str) -> Any:
        with overheard() as said:
            answer = self.client.get(address, follow=True, headers={"User-Agent": BROWSER})
        asked = sum(not sql.startswith(AROUND) for sql in said)
        if asked > MOST_STATEMENTS and address.startswith("/w/") and not answer.redirect_chain:
            self.complain(address, f"asks the database {asked} times")
        return answer

    def _links(self, page: Element, address: str) -> Iterator[str]:
        for link in page.select("a[href], area[href]"):
            yield from self._follow(str(link["href"]), page, address, link)
        for element in page.select("[hx-get]"):
            yield from self._follow(str(element["hx-get"]), page, address, element)

    def _follow(self, href: str, page: Element, address: str, link: Element) -> Iterator[str]:
        if href.startswith("#"):
            if href == "#" or page.find(id=href[1:]) is None:
                self.complain(address, f"the link {link.get_text(strip=True)!r} leads to {href!r}")
            return
        target = urljoin(HOST + address, href)
        if not href.strip() or href.startswith("javascript:"):
            self.complain(address, f"the link {link.get_text(strip=True)!r} leads nowhere: {href!r}")
        elif target.startswith(HOST):
            path = target.removeprefix(HOST).partition("#")[0]
            self._may_use(path, address, "link")
            if path.startswith(self.stays_in):
                yield path

    # --- controls ---

    def _controls(self, page: Element, address: str) -> None:
        """A button does something by a form or by the script's own hooks."""
        for button in page.select("button"):
            kind = button.get("type", "submit")
            in_form = button.find_parent("form") or page.find("form", id=str(button.get("form", "")))
            hooked = [name for name in button.attrs if name.startswith("data-") and camel(name) in scripts()]
            if not hooked and not button.has_attr("popovertarget") and (kind != "submit" or not in_form):
                self.complain(address, f"the button {button.get_text(strip=True)!r} does nothing")

    def _may_use(self, path: str, address: str, what: str) -> None:
        found = found_at(path.partition("?")[0])
        if found is None:
            self.complain(address, f"a {what} leads to {path}, which is no address")
            return
        needed = getattr(found.func, "needs", None)
        if needed and self.role and path.startswith("/w/") and not can(self.role, needed):
            self.complain(address, f"a {what} leads to {path}, for which {needed} is needed")

    # --- forms ---

    def _forms(self, page: Element, address: str) -> None:
        for element in page.find_all("form"):
            for button in [None, *element.select("button[name]")]:
                self._send(element, button, address)

    def _send(self, element: Element, button: Element | None, address: str) -> None:
        form = Form.read(element, HOST + address)  # type: ignore[arg-type]  # has the same ways
        path = form.action.removeprefix(HOST)
        pressed = {str(button["name"]): str(button.get("value", ""))} if button else {}
        kind = f"{form.method} {kind_of(path)} {'+'.join(sorted({**form.fields, **pressed}))} {pressed}"
        if kind in self.sent or not form.action.startswith(HOST):
            return
        self.sent.add(kind)
        self._may_use(path, address, "form")
        values = {**fill(element, form), **pressed}
        if form.method != "GET":
            self._posted(path, values, address, f"POST {kind_of(path)}")
        elif not self.before:
            self._asked(path, values, address)

    def _asked(self, path: str, values: dict[str, Any], address: str) -> None:
        answer = self.client.get(path.partition("?")[0], values, follow=True, headers={"User-Agent": BROWSER})
        if answer.status_code >= 400:
            self.complain(address, f"the form to {path} with {values} answered {answer.status_code}")

    def _posted(self, path: str, values: dict[str, Any], address: str, kind: str) -> None:
        with undone(self.client), overheard() as said:
            answer = self.client.post(path, values, headers={"User-Agent": BROWSER})
            told = {name: value for name, value in values.items() if name != "csrfmiddlewaretoken"}
            if answer.status_code >= 400 and self.allowed.get(kind) != answer.status_code:
                errors = page_of(answer).select(".errors, .field-error, .callout, main")
                words = " ".join(errors[0].get_text(" ", strip=True).split())[:300] if errors else ""
                self.complain(address, f"{kind} with {told} answered {answer.status_code}: {words}")
            elif answer.status_code < 400 and kind not in self.quiet and not has_written(said):
                self.complain(address, f"{kind} with {told} changed nothing")
            if answer.status_code == 200:
                self._forms(page_of(answer), path)  # a second press, on what this one has shown
            if 300 <= answer.status_code < 400 and answer["Location"].startswith("/"):
                self._arrives(answer["Location"], address, kind)

    def _arrives(self, location: str, address: str, kind: str) -> None:
        if self.before and kind_of(location) in self.kinds:
            return
        answer = self._get(location)
        if answer.status_code >= 400:
            self.complain(address, f"{kind} leads to {location}, which answered {answer.status_code}")

    # --- figures ---

    def _figures(self, page: Element, address: str) -> None:
        """A figure that opens a list says what the list's rows say: their number, or their sum."""
        for figure in page.select(".figure"):
            link, number = figure.select_one("a.figure-link[href]"), figure.select_one(".figure-number")
            if link is None or number is None:
                continue
            said, behind = number.get_text(strip=True), self._behind(urljoin(address, str(link["href"])))
            found = sum_of(behind, said) if not said.replace(",", "").isdigit() else str(count_of(behind))
            self.compared.add(said)
            if digits(said) != digits(found):
                label = link.get_text(strip=True)
                self.complain(address, f"the figure {label!r} says {said}, the rows of {link['href']} {found}")

    def _behind(self, target: str) -> Element:
        """Kept, for more than one figure leads there, and most are opened by themselves later on."""
        if target not in self.behind:
            self.behind[target] = self._read(target)
        return self.behind[target][1]


@contextmanager
def overheard() -> Iterator[list[str]]:
    """The statements sent meanwhile. Django's own way of listening would write out the values of each, for nothing."""
    said: list[str] = []

    def hear(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        said.append(str(sql))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(hear):
        yield said


def has_written(said: list[str]) -> bool:
    return any(WRITES.match(sql) for sql in said)


class undone:
    """What happens inside is rolled back, the browser's cookies included."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def __enter__(self) -> None:
        self.cookies = copy.deepcopy(self.client.cookies)
        self.atomic = transaction.atomic()
        self.atomic._from_testcase = True  # type: ignore[attr-defined]  # durable transactions may open within
        self.atomic.__enter__()

    def __exit__(self, *error: object) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)
        self.client.cookies = self.cookies


def kind_of(address: str) -> str:
    """Its route and the names it asks with: what differs only in ids and values is of one kind."""
    parts = urlsplit(address)
    names = "&".join(sorted({name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}))
    return route_of(parts.path) + (f"?{names}" if names else "")


@cache
def found_at(path: str) -> ResolverMatch | None:
    """The view at this address. Every page has the menu's links, and each is looked up among all routes."""
    try:
        return resolve(path)
    except Resolver404:
        return None


@cache
def route_of(path: str) -> str:
    found = found_at(path)
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r":\1", found.route) if found else path


def page_of(answer: Any) -> Element:
    is_page = not answer.streaming and "html" in answer.headers.get("Content-Type", "")
    return read(answer.content.decode() if is_page else "")


def rows_of(page: Element) -> list[Element]:
    table = page.select_one("main table.table")
    return list(table.select("tbody > tr")) if table else []


def count_of(page: Element) -> int:
    return len(rows_of(page))


def sum_of(page: Element, wanted: str) -> str:
    """The amounts of the rows together, in minor units, written like the figure."""
    cells = [row.select("td.number") for row in rows_of(page)]
    return str(sum(int(digits(each[-1].get_text(strip=True)) or 0) for each in cells if each))


def digits(text: str) -> str:
    return re.sub(r"\D", "", text).lstrip("0")


@cache
def scripts() -> str:
    folder = Path(__file__).resolve().parents[2] / "static" / "js"
    return "\n".join(file.read_text() for file in sorted(folder.glob("*.js")))


def camel(attribute: str) -> str:
    first, *rest = attribute.removeprefix("data-").split("-")
    return first + "".join(part.capitalize() for part in rest)
