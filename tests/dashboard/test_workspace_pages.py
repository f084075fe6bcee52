"""Every page of this half of the dashboard: open with the right that is meant, and as cheap with three rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from integrations.actions.connections import add_shopify_connection
from integrations.models import InboundEvent
from kit.ids import public_id, uuid7
from merchants.actions.keys import create_key
from merchants.actions.team import invite_member
from merchants.events import SYSTEM
from merchants.models import ApiKey, Invitation, Membership, Role
from programs.actions.edit import create_program
from tests.cast import PASSWORD, World, a_world, at_work, enrolled, member, user
from tests.facts import snapshot
from tests.once import for_a_file

pytestmark = pytest.mark.django_db

#: address -> the permission it needs
PAGES = {
    "": "view",
    "/programs": "view",
    "/programs?show=archived": "view",
    "/programs/new": "program.edit",
    "/programs/freunde": "view",
    "/programs/freunde/edit": "program.edit",
    "/programs/freunde/edit?check=1": "program.edit",
    "/programs/freunde/publish": "program.edit",
    "/programs/freunde/terms": "view",
    "/programs/freunde/terms?version=1": "view",
    "/programs/freunde/codes/offer": "program.edit",
    "/programs/freunde/codes/reward": "program.edit",
    "/connections": "view",
    "/connections/new/shopify": "connection.manage",
    "/connections/new/webhook": "connection.manage",
    "/connections/deliveries": "view",
    "/connections/deliveries?state=SET_ASIDE": "view",
    "/connections/{connection}": "view",
    "/team": "view",
    "/team/invite": "team.manage",
    "/settings": "view",
    "/settings/edit": "workspace.manage",
    "/settings/colour?brand_colour=%23ff8800": "workspace.manage",
    "/settings/keys": "key.manage",
    "/settings/keys/new": "key.manage",
    "/audit": "audit.view",
    "/audit?code=program.published": "audit.view",
    "/clock": "clock.advance",
    "/mailbox": "clock.advance",
}


def furnished() -> World:
    world = a_world()
    world.take(snapshot(world.now, token=world.click()))
    furnish(world, 1)
    return world


built, world = for_a_file(furnished)


def furnish(world: World, number: int) -> None:
    """One more of everything that stands in lists."""
    with at_work(world.merchant) as now:
        owner = Membership.objects.get(merchant=world.merchant, role=Role.OWNER)
        create_program(name=f"Draft {number}", template="shop", by=SYSTEM, now=now)
        create_key(kind=ApiKey.Kind.PUBLISHABLE, name=f"Key {number}", by=f"user:{owner.user_id}", now=now)
        invite_member(email=f"guest{number}@nordlicht.example", role=Role.ANALYST, by=owner, now=now)
        shop = add_shopify_connection(domain=f"shop{number}.example", secret="s" * 20, by=SYSTEM, now=now)
        InboundEvent.objects.create(
            connection=shop, topic="orders/paid", delivery_id=f"d{number}", received_at=now, next_try_at=now,
            state="SET_ASIDE", handled_at=now, error="not_json", result="not_json", order_id=uuid7(),
        )  # fmt: skip
    member(world.merchant, f"analyst{number}@nordlicht.example", Role.ANALYST)


def connection_of(world: World) -> str:
    from integrations.selectors import connections

    with at_work(world.merchant):
        return public_id("con", connections()[0].pk)


def client_of(email: str) -> Client:
    user(email)
    client = Client()
    assert client.login(email=email, password=PASSWORD)
    return client


def test_each_page_opens_for_its_owner_and_asks_for_the_right_that_is_meant(world):
    """That it is absent for whom the right is wanting: tests/tenancy/test_urls.py."""
    client, key = client_of("alice@nordlicht.example"), connection_of(world)
    for path, need in PAGES.items():
        address = f"/w/{world.merchant.slug}{path.format(connection=key)}"
        assert resolve(address.partition("?")[0]).func.needs == need, path
        assert client.get(address).status_code == 200, path


LISTS = ["", "/programs", "/programs/freunde", "/connections", "/connections/deliveries", "/connections/{connection}"]
LISTS += ["/team", "/settings/keys", "/audit", "/clock"]


@pytest.mark.parametrize("path", LISTS)
def test_a_page_costs_the_same_with_more_rows(world, path):
    client, key = client_of("alice@nordlicht.example"), connection_of(world)
    address = f"/w/{world.merchant.slug}{path.format(connection=key)}"
    once = statements(lambda: client.get(address))
    furnish(world, 2)
    furnish(world, 3)
    enrolled(world.merchant, world.program, email="second@advocate.example", name="Second Person")
    assert statements(lambda: client.get(address)) == once


def statements(act: Callable[[], object]) -> int:
    act()
    with CaptureQueriesContext(connection) as seen:
        act()
    return len(seen)


def test_controls_a_role_may_not_use_are_absent(world):
    member(world.merchant, "bob@nordlicht.example", Role.ANALYST)
    client, key = client_of("bob@nordlicht.example"), connection_of(world)
    for path in ["", "/programs", "/programs/freunde", "/connections", f"/connections/{key}", "/settings"]:
        page = client.get(f"/w/{world.merchant.slug}{path}").content.decode()
        assert 'method="post"' not in page, path
        for word in (
            "/edit",
            "/programs/new",
            "/connections/new",
            "/codes/",
            "/publish",
            "/invite",
            "/settings/keys",
            "/hooks/shopify/",
        ):
            assert word not in page, (path, word)
    team = client.get(f"/w/{world.merchant.slug}/team").content.decode()
    assert team.count('method="post"') == 1
    assert "/team/leave" in team


def test_an_open_invitation_is_on_the_start_page_and_is_accepted_there(world):
    invited = client_of("guest1@nordlicht.example")
    start = invited.get("/").content.decode()
    path = start.split('href="/join/')[1].split('"')[0]
    assert client_of("someone@else.example").post(f"/join/{path}").status_code == 409
    assert Membership.objects.filter(user__email="someone@else.example").count() == 0
    assert Client().get(f"/join/{path}").status_code == 200
    assert invited.post(f"/join/{path}")["Location"] == f"/w/{world.merchant.slug}"
    assert Membership.objects.get(user__email="guest1@nordlicht.example").role == Role.ANALYST
    assert Invitation.objects.get(email="guest1@nordlicht.example").accepted_at is not None
    assert invited.get(f"/join/{path}").status_code == 410
    assert invited.get("/join/made-up").status_code == 410
