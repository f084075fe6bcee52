"""Every address there is, asked by whom it is not for: another merchant, a role that may not, a stranger, another
site's form, ids of something else. Nothing is shown, nothing is changed.

Generated from the resolver, so a new address is covered by itself; one with a new kind of id is taught in ``things``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from demo.drive.web import BROWSER
from kit.ids import public_id, uuid7
from merchants.models import ApiKey, Membership, Merchant, Role, TenantModel
from merchants.permissions import PERMISSIONS, can
from tests.api.conftest import key_of
from tests.cast import World, a_world, at_work, user
from tests.crawl.things import things
from tests.crawl.world import Full, full_world
from tests.once import undone
from tests.portal.world import signed_in
from tests.security.stage import Route, browser_of, routes, seat

#: Open to everybody by design, and without anything of a workspace's: each with its reason.
OPEN = {
    "account/": "signing up and in, the visitor's own account",
    "language": "which language this browser reads, and the visitor's own account",
    "styleguide": "the components, with invented data",
    "brand/": "a colour of public pages",
    "host-known": "whether a name is some merchant's own host, for certificates",
    "r/": "a friend's page is for whoever has the link",
    "who/": "the signed link of an order is the permission",
    "hooks/": "signed by the shop; without the signature nothing is kept (tests/integrations)",
    "mailbox": "demo and tests alone",
    "mail/unsubscribe/": "the signed token of a mail is the permission",
}
#: Pages of whoever is signed in, about themselves.
OWN = {"", "workspaces/new"}
#: The workspace's own members reach the rest only through a seat in it.
BEFORE_A_SEAT = {"join/<str:token>": "an invitation shows the workspace's name to whoever holds its mail"}


DASHBOARD = routes("w/<slug:slug>")
#: Names of an address that stand for no thing of the workspace's own; programs are called alike in several.
NO_THING = frozenset({"slug", "program_slug", "purpose", "step", "list_name", "number", "channel", "place", "mark"})
#: What a form of some page or other would say.
TOLD = {"name": "x", "role": "OWNER", "email": "eve@friend.example"}


def address(route: Route, slug: str, full: Full, **other: str) -> str:
    known = things(route.path, slug, full)
    unknown = set(route.names) - set(known)
    assert not unknown, f"teach this test what {unknown} of {route.path} means"
    return route.with_ids(known | other)


def answers(client: Client, path: str) -> dict[str, Any]:
    return {"GET": client.get(path), "POST": client.post(path, TOLD)}


# --- the world ------------------------------------------------------------------------------------------------------


@dataclass
class Two:
    """Nordlicht has everything; Charlie's Halcyon stands beside it."""

    full: Full
    halcyon: World

    @property
    def charlie(self) -> Client:
        client = Client()
        client.force_login(user("charlie@halcyon.example"))
        return client


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Two]:
    with django_db_blocker.unblock(), undone():
        yield Two(full_world(), a_world(owner="charlie@halcyon.example", name="Halcyon"))


@pytest.fixture
def two(built: Two) -> Iterator[Two]:
    with undone():
        yield built


def everything_of(merchant: Merchant) -> dict[str, str]:
    """A fingerprint of each table as this merchant sees it."""
    tables = [model._meta.db_table for model in apps.get_models() if issubclass(model, TenantModel)]
    with at_work(merchant), connection.cursor() as cursor:
        return {table: _fingerprint(cursor, table) for table in tables} | {"seats": _seats(merchant)}


def _fingerprint(cursor: object, table: str) -> str:
    sql = f"SELECT count(*) || ':' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {table} t"
    cursor.execute(sql)  # type: ignore[attr-defined]
    return str(cursor.fetchone()[0])  # type: ignore[attr-defined]


def _seats(merchant: Merchant) -> str:
    return repr(sorted(Membership.objects.filter(merchant=merchant).values_list("pk", "role")))


def secrets_of(full: Full) -> list[str]:
    """What only the other workspace has: people, a link, a key, ids."""
    ids = [value for value in full.ids.values() if re.match(r"[a-z]{3}_[0-9a-z]{20,}$", value)]
    return ["otto@advocate.example", "f2@friend.example", full.secret_key, full.ids["code"], *ids]


# --- what nobody gets -----------------------------------------------------------------------------------------------


def test_every_route_is_accounted_for() -> None:
    """A new part of the site must say here who may see it."""
    known = (*OPEN, "w/", "p/", "api/v1/")
    paths = {route.path for route in routes("")} - OWN - set(BEFORE_A_SEAT)
    assert [path for path in paths if not path.startswith(known)] == []


def test_every_address_of_a_workspace_says_what_it_needs() -> None:
    assert [route.path for route in routes("w/") if not hasattr(route.view, "needs")] == []


def test_the_owner_of_another_workspace_finds_nothing(two: Two) -> None:
    """By the other's address: every page and button is unknown. By the own address with the other's ids: too."""
    before, client, wrong = everything_of(two.full.world.merchant), two.charlie, []
    assert len([route for route in DASHBOARD if has_thing(route)]) > 90
    for route in DASHBOARD:
        paths = [address(route, two.full.slug, two.full)]
        if has_thing(route):
            paths.append(address(route, two.halcyon.merchant.slug, two.full))
        if "program_slug" in route.names:  # of a program that only the other one has
            paths.append(address(route, two.halcyon.merchant.slug, two.full, program_slug=two.full.ids["by_hand"]))
        for path in paths:
            for method, answer in answers(client, path).items():
                if answer.status_code not in {404, 405} or leaks(answer, two.full):
                    wrong.append((method, path, answer.status_code))
    assert wrong == []
    assert everything_of(two.full.world.merchant) == before


def has_thing(route: Route) -> bool:
    return bool(set(route.names) - NO_THING)


def leaks(answer: Any, full: Full) -> bool:
    body = getattr(answer, "content", b"").decode(errors="replace")
    return any(secret in body for secret in secrets_of(full))


def test_what_a_role_may_not_do_is_absent_for_it(two: Two) -> None:
    """As for strangers: the frame says 404 before a view is asked (each role finds what it may in tests/crawl)."""
    merchant, wrong, no_method = two.full.world.merchant, [], set[tuple[str, str]]()
    before = everything_of(merchant)
    for role in Role:
        client = browser_of(seat(merchant, role))
        for route in DASHBOARD:
            if can(role, route.view.needs):
                continue
            path = address(route, two.full.slug, two.full)
            ways: dict[str, Any] = {"GET": client.get, "POST": client.post}
            for method, ask in ways.items():
                if (method, path) in no_method:  # of no role, as the first one was told
                    continue
                status = ask(path, TOLD).status_code
                if status == 405:
                    no_method.add((method, path))
                elif status != 404:
                    wrong.append((role, method, path, status))
    assert wrong == []
    assert everything_of(merchant) == before


def test_nobody_signed_in_is_led_to_the_door(two: Two) -> None:
    before, wrong, stranger = everything_of(two.full.world.merchant), [], Client()
    for route in routes("w/"):
        path = address(route, two.full.slug, two.full)
        for method, answer in answers(stranger, path).items():
            if answer.status_code != 302 or not answer["Location"].startswith("/account/login/"):
                wrong.append((method, path, answer.status_code))
    assert wrong == []
    assert everything_of(two.full.world.merchant) == before


def test_no_form_is_taken_from_another_site(two: Two) -> None:  # hostile 119
    merchant, wrong = two.full.world.merchant, []
    alice, before = browser_of(seat(merchant, Role.OWNER), enforce_csrf_checks=True), everything_of(merchant)
    for route in DASHBOARD:
        path = address(route, two.full.slug, two.full)
        status = alice.post(path, {"name": "Owned"}).status_code
        if status not in {403, 405}:
            wrong.append((path, status))
    assert wrong == []
    assert everything_of(merchant) == before


#: What our own pages show within a frame: a mail, and what a program will look like.
FRAMED = re.compile(r"/body$|/setup/preview/|/promote/.*/preview$")
#: What is not there for whoever may least, by the end of the address: each with its reason.
ABSENT = {
    "/drive/<slug:step>": "that is no step of a test drive",
    "/kinds/<str:public_id>/codes": "this kind has none",
    "/tasks/new": "nobody is named whom the task is about",
    "/exports/<str:public_id>": "another asked for it",
    "/exports/<str:public_id>/file": "another asked for it",
    "/views/<str:public_id>": "another's own",
    "/imports/<str:public_id>": "they may not import what is in it",
    "/imports/<str:public_id>/rows.csv": "they may not import what is in it",
}


def test_every_page_opens_for_whoever_may_least_and_may_be_neither_kept_nor_framed(two: Two) -> None:
    """Linked or not. What is behind the door stays there: after logging out no cache shows it again, no other site
    frames it."""
    people = {role: browser_of(seat(two.full.world.merchant, role)) for role in Role}
    wrong = []
    for route in DASHBOARD:
        role = who_may_least(route.view.needs)
        answer = people[role].get(address(route, two.full.slug, two.full))
        if answer.status_code == 405:
            continue
        frames = "self" if FRAMED.search(route.path) else "none"
        is_kept = "no-store" not in answer.headers.get("Cache-Control", "")
        expected = {404} if route.path.endswith(tuple(ABSENT)) else {200, 302}
        if answer.status_code not in expected or is_kept or not is_safe(answer, frames=frames):
            wrong.append((role, route.path, answer.status_code))
    assert wrong == []


def who_may_least(needed: str) -> Role:
    """Of those who may do this."""
    allowed = [role for role in Role if can(role, needed)]
    return min(allowed, key=lambda role: sum(can(role, permission) for permission in PERMISSIONS))


def is_safe(answer: Any, *, frames: str) -> bool:
    policy, sniffing = answer.headers["Content-Security-Policy"], answer.headers["X-Content-Type-Options"]
    return f"frame-ancestors '{frames}'" in policy and "default-src 'none'" in policy and sniffing == "nosniff"


def test_ids_of_another_kind_or_of_nobody_are_absent(two: Two) -> None:
    alice, wrong = browser_of(seat(two.full.world.merchant, Role.OWNER)), []
    for route in DASHBOARD:
        methods: dict[str, Any] = {"GET": alice.get, "POST": alice.post}
        for ids in wrong_ids(route, two.full.world.advocate.pk):
            path = address(route, two.full.slug, two.full, **ids)
            for method, ask in list(methods.items()):
                status = ask(path, TOLD).status_code
                if status == 405:
                    del methods[method]
                elif status != 404:
                    wrong.append((method, path, status))
    assert wrong == []


def wrong_ids(route: Route, advocate_id: Any) -> Iterable[dict[str, str]]:
    """A UUID where a public id belongs, the id of a thing of another kind, one that nobody has."""
    public = {name for name in route.names if name.startswith("public")}
    if public:
        kinds = [str(advocate_id), public_id("clm", advocate_id), public_id("adv", uuid7())]
        return [dict.fromkeys(public, each) for each in kinds]
    others = {name for name in route.names if name.endswith("_id")}
    return [dict.fromkeys(others, str(advocate_id))] if others else []


#: Entry, open to everybody; what it does for whom is shown in tests/portal.
PORTAL_ENTRY = (
    "sign-in", "sent", "enter/<str:token>", "join/<slug:program>", "join/<slug:program>/<slug:mark>", "",
)  # fmt: skip


def test_another_shops_advocate_is_nobody_in_the_portal(two: Two) -> None:
    before, wrong = everything_of(two.full.world.merchant), []
    for client in (signed_in(two.halcyon), Client(headers={"User-Agent": BROWSER})):
        for route in routes("p/"):
            if route.path.removeprefix("p/<slug:slug>/") in PORTAL_ENTRY:
                continue
            path = address(route, two.full.slug, two.full)
            for method, answer in answers(client, path).items():
                to_door = answer.status_code == 303 and answer["Location"] == f"/p/{two.full.slug}/"
                if not (to_door or answer.status_code in {404, 405}) or leaks(answer, two.full):
                    wrong.append((method, path, answer.status_code))
    assert wrong == []
    assert everything_of(two.full.world.merchant) == before


def test_another_merchants_key_finds_nothing(two: Two) -> None:
    before, wrong = everything_of(two.full.world.merchant), []
    key = key_of(two.halcyon.merchant, ApiKey.Kind.SECRET)
    client = Client(headers={"Authorization": f"Bearer {key}"})
    for route in routes("api/v1/"):
        path = address(route, "", two.full).partition("^")[0]
        asked = {"GET": client.get(path), "POST": client.post(path, {}, content_type="application/json")}
        for method, answer in asked.items():
            opened = route.names and answer.status_code not in {404, 405}
            if opened or (answer.status_code < 400 and leaks(answer, two.full)) or answer.status_code >= 500:
                wrong.append((method, path, answer.status_code))
    assert wrong == []
    assert everything_of(two.full.world.merchant) == before
