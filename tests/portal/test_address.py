"""Advocates tell where to send a thing, and see what is on their account."""

from __future__ import annotations

import pytest
from django.test import Client

from kit.ids import public_id
from merchants.models import Membership, Role
from programs.rules import Form
from rewards.actions.surprise import give_surprise
from rewards.models import DeliveryAddress, Reward
from rewards.steps import fulfil, release
from tests.cast import World, a_world, at_work, enrolled, workspace_of
from tests.dashboard.desk import as_role, text_of
from tests.portal.world import portal, signed_in
from tests.rewards.kinds import a_kind
from tests.rewards.test_every_kind import a_world_giving, earn, the_reward

pytestmark = pytest.mark.django_db

HOME = {"size": "M", "name": "Dana", "street": "Am Kai 4", "postcode": "20457", "city": "Hamburg", "country": "DE"}


@pytest.fixture
def world() -> World:
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    found = a_world_giving(merchant, a_kind(merchant, Form.SWAG, sizes={"S": 1, "M": 2, "L": 0}, name="Shirt"), 1)
    earn(found)
    return found


def form_of(world: World) -> str:
    return portal(world, f"rewards/{public_id('rwd', the_reward(world).pk)}/address")


def kept(world: World) -> list[tuple[str, str]]:
    with at_work(world.merchant):
        return list(DeliveryAddress.objects.values_list("size", "city"))


def test_asked_for_offered_only_what_is_there_and_kept(world: World) -> None:
    client = signed_in(world)
    page = text_of(client.get(portal(world, "rewards")))
    assert "Your address is missing" in page
    assert "Shirt" in page
    form = client.get(form_of(world)).content.decode()
    assert 'value="M"' in form
    assert 'value="L"' not in form
    assert client.post(form_of(world), HOME)["Location"] == portal(world, "rewards")
    assert kept(world) == [("M", "Hamburg")]
    assert "See or change your address" in text_of(client.get(portal(world, "rewards")))
    client.post(form_of(world), HOME | {"city": "Kiel", "size": "S"})
    assert kept(world) == [("S", "Kiel")]


@pytest.mark.parametrize("wrong", [{"size": "L"}, {"size": ""}, {"street": " "}, {"country": "XX"}, {"city": ""}])
def test_what_cannot_be_is_refused_and_nothing_kept(world: World, wrong: dict[str, str]) -> None:
    assert signed_in(world).post(form_of(world), HOME | wrong).status_code == 400
    assert kept(world) == []


def test_a_size_that_is_gone_meanwhile_is_said_with_what_there_is(world: World) -> None:
    page = text_of(signed_in(world).post(form_of(world), HOME | {"size": "L"}))
    assert "None of these are left. There still are: S, M." in page
    assert "valid choice" not in page


def test_nobody_elses_and_nothing_sent(world: World) -> None:
    other = enrolled(world.merchant, world.program, "ola@advocate.example", "Ola")
    assert signed_in(world, other).get(form_of(world)).status_code == 404
    assert signed_in(world, other).post(form_of(world), HOME).status_code == 404
    assert Client().post(form_of(world), HOME).status_code == 303
    with at_work(world.merchant):
        Reward.objects.update(state="CANCELLED", cancelled_at=world.now)
    assert signed_in(world).get(form_of(world)).status_code == 404
    assert kept(world) == []


def test_a_surprise_says_from_whom_and_points_stand_on_the_account() -> None:
    world = a_world()
    points = a_kind(world.merchant, Form.POINTS, name="Stars")
    seat = Membership.objects.filter(merchant=world.merchant)[0]
    with at_work(world.merchant) as now:
        give_surprise(
            advocate=world.advocate, giver=seat, kind=points, amount_minor=500, reason="x", message="You are great",
            at_once=True, by="user:x", now=now,
        )  # fmt: skip
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())
    text = text_of(signed_in(world).get(portal(world, "rewards")))
    assert "A surprise from Nordlicht Kaffee" in text
    assert "You are great" in text
    assert "500 points To be used at Nordlicht Kaffee." in text
    assert text_of(signed_in(world).get(portal(world, ""))).count("500 points") == 1


def test_whoever_looks_at_the_portal_sees_no_address(world: World) -> None:
    """On the dashboard it is for those alone who send things; support may look at portals, and does not send."""
    signed_in(world).post(form_of(world), HOME)
    anna = as_role(world, Role.SUPPORT)
    anna.post(f"/w/{world.merchant.slug}/advocates/{public_id('adv', world.advocate.pk)}/view-as")
    page = anna.get(form_of(world))
    assert page.status_code == 200
    assert "You see what" in text_of(page)
    assert [line for line in ("Am Kai", "20457", "Hamburg") if line in page.content.decode()] == []
    assert "Am Kai 4" in signed_in(world).get(form_of(world)).content.decode()
