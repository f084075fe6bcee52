"""Whatever is typed or sent, a page answers: saved, or refused with a reason, and never broken."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import urlencode

from django.test import Client, TestCase

from demo.drive.web import Form
from merchants.models import Role
from tests.crawl.inputs import fill
from tests.crawl.page import Element
from tests.crawl.robot import HOST, page_of, undone
from tests.crawl.world import full_world
from tests.portal.world import signed_in
from tests.security.naughty import LARGE, NO_AMOUNT, NO_TEXT, NO_TIME, SMALL, STRINGS
from tests.security.stage import BROWSER, browser_of, ids_for, routes, seat

#: How many of the strings each field gets in one run of the tests: another part of the list for each field.
EACH = int(os.environ.get("NAUGHTY", "1"))
CHOOSING = {"select", "radio", "checkbox"}


def forms_of(client: Client, path: str) -> Iterator[tuple[Element, Form]]:
    answer = client.get(path, headers={"User-Agent": BROWSER})
    if answer.streaming or answer.status_code != 200 or "html" not in answer.headers["Content-Type"]:
        return
    for element in page_of(answer).find_all("form"):
        yield element, Form.read(element, HOST + path)  # type: ignore[arg-type]  # has the same ways


def chosen_in(element: Element) -> set[str]:
    """Fields that take one of the values that are given."""
    controls = element.select("select[name], input[name]")
    return {str(each["name"]) for each in controls if str(each.get("type", each.name)) in CHOOSING}


def asked(client: Client, method: str, path: str, values: dict[str, Any]) -> Any:
    """As a browser sends it; lone surrogates as the bytes that a broken one would send."""
    if any(hasattr(value, "read") for value in values.values()):
        return client.post(path, {name: sendable(value) for name, value in values.items()})
    body = urlencode(values, doseq=True, errors="surrogatepass")
    if method == "GET":
        return client.get(f"{path.partition('?')[0]}?{body}", headers={"User-Agent": BROWSER})
    kind = "application/x-www-form-urlencoded"
    return client.post(path, body, content_type=kind, headers={"User-Agent": BROWSER})


def sendable(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value


class TestNaughty(TestCase):
    full: Any

    @classmethod
    def setUpTestData(cls) -> None:
        cls.full = full_world()

    def setUp(self) -> None:
        self.turn = count()
        self.seen: set[str] = set()
        self.broken: list[str] = []

    def test_every_field_of_the_dashboard_takes_any_text(self) -> None:  # hostile 116
        slug = self.full.slug
        alice = browser_of(seat(self.full.world.merchant, Role.OWNER), raise_request_exception=False)
        for route in routes("w/<slug:slug>"):
            self.try_page(alice, route.with_ids(ids_for(route, self.full, slug=slug)))
        self.try_page(alice, "/workspaces/new")
        assert len(self.seen) > 25
        assert not self.broken, "\n".join(self.broken)

    def test_every_field_of_portal_friends_and_door_takes_any_text(self) -> None:  # hostile 116
        slug, code = self.full.slug, self.full.world.link.code
        dana = signed_in(self.full.world)
        dana.raise_request_exception = False
        for page in ("", "settings", "friends", "terms", "qr"):
            self.try_page(dana, f"/p/{slug}/{page}")
        stranger = Client(raise_request_exception=False)
        doors = ("/account/login/", "/account/signup/", "/account/password/reset/")
        for path in (f"/p/{slug}/", f"/p/{slug}/join/{self.full.ids['program']}", f"/r/{code}", *doors):
            self.try_page(stranger, path)
        assert len(self.seen) > 8
        assert not self.broken, "\n".join(self.broken)

    def try_page(self, client: Client, path: str) -> None:
        for element, form in list(forms_of(client, path)):
            kind = f"{form.method} {form.action} {sorted(form.fields)}"
            if kind not in self.seen:
                self.seen.add(kind)
                self.try_form(client, element, form)

    def try_form(self, client: Client, element: Element, form: Form) -> None:
        """What is typed, and what is hidden, is wrong alone; what is only chosen is all wrong together: whatever else
        stands in a form is read beside it."""
        values = {name: value for name, value in fill(element, form).items() if name != "csrfmiddlewaretoken"}
        chosen = values.keys() & chosen_in(element)
        alone = [[name] for name in values if name not in chosen]
        for _time in range(EACH):
            for names in [*alone, sorted(chosen)] if chosen else alone:
                self.send(client, form, values, self.naughty(names))

    def naughty(self, names: list[str]) -> dict[str, str]:
        return {name: STRINGS[next(self.turn) % len(STRINGS)] for name in names}

    def send(self, client: Client, form: Form, values: dict[str, Any], naughty: dict[str, str]) -> None:
        path, told = form.action.removeprefix(HOST), values | naughty
        with undone(client):
            answer = asked(client, form.method, path, told)
            if answer.status_code in {302, 303} and answer["Location"].startswith("/"):
                answer = client.get(answer["Location"], headers={"User-Agent": BROWSER})
            if answer.status_code >= 500:
                self.broken.append(f"{form.method} {path} {naughty!r}: {answer.status_code}")

    def test_no_address_breaks_over_a_body(self) -> None:  # hostile 116
        for client, path in self.addresses():
            if self.sent(client, path, "application/x-www-form-urlencoded", b"") != 405:
                for _time in range(2 * EACH):
                    self.sent(client, path, *SMALL[next(self.turn) % len(SMALL)])
        assert not self.broken, "\n".join(self.broken)

    def test_no_address_breaks_over_a_large_body(self) -> None:  # hostile 16, 116
        for client, path in self.addresses()[-18:]:
            for _time in range(2 * EACH):
                self.sent(client, path, *LARGE[next(self.turn) % len(LARGE)])
        assert not self.broken, "\n".join(self.broken)

    def sent(self, client: Client, path: str, kind: str, body: bytes) -> int:
        with undone(client):
            status: int = client.generic("POST", path, body, content_type=kind).status_code
        if status >= 500:
            self.broken.append(f"{path} {kind} {body[:40]!r}: {status}")
        return status

    def addresses(self) -> list[tuple[Client, str]]:
        slug, ids = self.full.slug, self.full.ids
        alice = browser_of(seat(self.full.world.merchant, Role.OWNER), raise_request_exception=False)
        dana, stranger = signed_in(self.full.world), Client(raise_request_exception=False)
        dana.raise_request_exception = False
        inside = [route.with_ids(ids_for(route, self.full, slug=slug)) for route in routes("w/<slug:slug>")]
        portal = ["sign-in", f"enter/{ids['magic']}", f"join/{ids['program']}", "accept", "share/copy", "settings/save"]
        doors = ["/account/login/", "/account/signup/", "/account/password/reset/", f"/join/{ids['join']}"]
        calls = ["orders", "orders/bulk", "refunds", "advocates", "heartbeat", f"orders/{ids['order']}/delivered"]
        outside = [*doors, f"/r/{self.full.world.link.code}", f"/hooks/shopify/{ids['hook']}", "/mail/unsubscribe/none"]
        return [
            *((alice, path) for path in inside),
            *((dana, f"/p/{slug}/{page}") for page in portal),
            *((self.api(), f"/api/v1/{call}") for call in calls),
            *((stranger, path) for path in outside),
            (alice, "/workspaces/new"),
        ]

    def api(self) -> Client:
        return Client(raise_request_exception=False, headers={"Authorization": f"Bearer {self.full.secret_key}"})

    def test_the_api_takes_no_field_for_another_kind(self) -> None:  # hostile 36, 116
        order = {"order_id": "N-1", "currency": "EUR", "amount": "10.00", "placed_at": "2026-01-02T10:00:00Z",
                 "status": "paid", "customer": {"email": "n@friend.example"}, "codes": ["A"],
                 "referral_token": "x"}  # fmt: skip
        for name in order:
            kinds = NO_AMOUNT if name == "amount" else NO_TIME if name.endswith("_at") else NO_TEXT
            for value in kinds:
                body = json.dumps(order | {name: value}).encode()
                self.sent(self.api(), "/api/v1/orders", "application/json", body)
        assert not self.broken, "\n".join(self.broken)
