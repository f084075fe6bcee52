"""Every address there is, asked with another merchant's things: nothing is shown, nothing is changed.

Generated from the resolver, so a new address is covered by itself; one with a new kind of id is taught in ``things``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from demo.drive.web import BROWSER
from merchants.models import ApiKey, Membership, Merchant, TenantModel
from tests.api.conftest import key_of
from tests.cast import World, a_world, at_work, user
from tests.crawl.things import things
from tests.crawl.world import Full, full_world
from tests.once import undone
from tests.portal.world import signed_in

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
#: Open to everybody by design, and without anything of a workspace's: each with its reason.
OPEN = {
    "account/": "signing up and in, the visitor's own account",
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


def routes() -> list[str]:
    """Every route of the URLconf, from the root."""
    return sorted(set(_routes(get_resolver(), "")))


def _routes(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for each in resolver.url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _routes(each, route)
        elif isinstance(each, URLPattern):
            yield route


def under(*prefixes: str) -> list[str]:
    return [route for route in routes() if route.startswith(prefixes)]


def address(route: str, slug: str, full: Full) -> str:
    known = things(route, slug, full)
    unknown = set(PARAMETER.findall(route)) - set(known)
    assert not unknown, f"teach this test what {unknown} of {route} means"
    return "/" + PARAMETER.sub(lambda found: known[found[1]], route)


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
    left = [route for route in routes() if not route.startswith(known) and route not in OWN | set(BEFORE_A_SEAT)]
    assert left == []


def test_the_owner_of_another_workspace_finds_nothing(two: Two) -> None:
    """By the other's address: every page and button is unknown. By the own address with the other's ids: too."""
    before, client, wrong = everything_of(two.full.world.merchant), two.charlie, []
    for route in under("w/"):
        slugs = [two.full.slug]
        if has_foreign_thing(route):
            slugs.append(two.halcyon.merchant.slug)
        for slug in slugs:
            path = address(route, slug, two.full)
            for answer in (client.get(path), client.post(path, {"name": "x"})):
                if answer.status_code not in {404, 405} or leaks(answer, two.full):
                    wrong.append((answer.request["REQUEST_METHOD"], path, answer.status_code))
    assert wrong == []
    assert everything_of(two.full.world.merchant) == before


def has_foreign_thing(route: str) -> bool:
    """Programs are called alike in both workspaces, so their names say nothing."""
    return bool(set(PARAMETER.findall(route)) & {"public_id", "public_key", "invitation_id", "member_id", "mail_id"})


def leaks(answer: object, full: Full) -> bool:
    body = getattr(answer, "content", b"").decode(errors="replace")
    return any(secret in body for secret in secrets_of(full))


def test_nobody_signed_in_is_led_to_the_door(two: Two) -> None:
    before, wrong = everything_of(two.full.world.merchant), []
    for route in under("w/"):
        path = address(route, two.full.slug, two.full)
        for answer in (Client().get(path), Client().post(path, {"name": "x"})):
            to_door = answer.status_code == 302 and answer["Location"].startswith("/account/login/")
            if not (to_door or answer.status_code in {404, 405}):
                wrong.append((answer.request["REQUEST_METHOD"], path, answer.status_code))
    assert wrong == []
    assert everything_of(two.full.world.merchant) == before


#: Entry, open to everybody; what it does for whom is shown in tests/portal.
PORTAL_ENTRY = (
    "sign-in", "sent", "enter/<str:token>", "join/<slug:program>", "join/<slug:program>/<slug:mark>", "",
)  # fmt: skip


def test_another_shops_advocate_is_nobody_in_the_portal(two: Two) -> None:
    before, wrong = everything_of(two.full.world.merchant), []
    for client in (signed_in(two.halcyon), Client(headers={"User-Agent": BROWSER})):
        for route in under("p/"):
            if route.removeprefix("p/<slug:slug>/") in PORTAL_ENTRY:
                continue
            path = address(route, two.full.slug, two.full)
            for answer in (client.get(path), client.post(path, {"name": "x"})):
                to_door = answer.status_code == 303 and answer["Location"] == f"/p/{two.full.slug}/"
                if not (to_door or answer.status_code in {404, 405}) or leaks(answer, two.full):
                    wrong.append((answer.request["REQUEST_METHOD"], path, answer.status_code))
    assert wrong == []
    assert everything_of(two.full.world.merchant) == before


def test_another_merchants_key_finds_nothing(two: Two) -> None:
    before, wrong = everything_of(two.full.world.merchant), []
    key = key_of(two.halcyon.merchant, ApiKey.Kind.SECRET)
    client = Client(headers={"Authorization": f"Bearer {key}"})
    for route in under("api/v1/"):
        path = address(route.partition("^")[0], "", two.full)
        answers = [client.get(path), client.post(path, {}, content_type="application/json")]
        for answer in answers:
            opened = PARAMETER.search(route) and answer.status_code not in {404, 405}
            if opened or (answer.status_code < 400 and leaks(answer, two.full)) or answer.status_code >= 500:
                wrong.append((answer.request["REQUEST_METHOD"], path, answer.status_code))
    assert wrong == []
    assert everything_of(two.full.world.merchant) == before
