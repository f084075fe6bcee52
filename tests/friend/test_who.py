"""Who sent you? From the link after an order, through the advocate's answer, to the reward; and what it never tells."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from advocates.actions.standing import pause_advocate
from advocates.models import Link
from engagement.addresses import read_who_sent_you, who_sent_you
from merchants.models import Event
from programs.models import Program
from rewards.models import Reward
from tests.cast import World, a_world, at_work, enrolled
from tests.facts import DAY, snapshot
from tests.friend.conftest import PHONE
from tests.once import undone
from tests.portal.world import portal, signed_in
from tracking.models import Introduction, Order, Referral
from tracking.steps import introductions

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: object) -> Iterator[World]:
    with django_db_blocker.unblock(), undone():  # type: ignore[attr-defined]
        yield a_world()


@pytest.fixture
def world(built: World) -> World:
    return built


@pytest.fixture
def friend() -> Client:
    return Client(headers={"User-Agent": PHONE})


def bought(world: World, number: str = "1", email: str = "eve@friend.example", **more: object) -> Order:
    return world.take(snapshot(world.now, number=number, **more), number=number, email=email).order


def link_of(order: Order) -> str:
    return who_sent_you(order.merchant_id, order.pk).partition("testserver")[2] or _path(order)


def _path(order: Order) -> str:
    return "/who/" + who_sent_you(order.merchant_id, order.pk).rpartition("/who/")[2]


def say(friend: Client, order: Order, said: str, name: str = "Eve") -> str:
    answer = friend.post(_path(order), {"said": said, "friend_name": name})
    assert answer.status_code == 303, answer.content
    return without_secrets(friend.get(_path(order)).content.decode())


def without_secrets(text: str) -> str:
    """What differs from page to page although the pages are the same: the address of the form."""
    return re.sub(r"/who/[^\"]+", "/who/", text)


def told(world: World) -> Introduction:
    with at_work(world.merchant):
        return Introduction.objects.select_related("advocate__customer", "order").get()


def answer(world: World, value: str, **who: object) -> int:
    browser = signed_in(world, **who)  # type: ignore[arg-type]
    return browser.post(portal(world, f"friends/{told(world).public_id}/answer"), {"answer": value}).status_code


def codes(world: World) -> list[str]:
    with at_work(world.merchant):
        return list(
            Event.objects.filter(code__startswith="introduction.").order_by("id").values_list("code", flat=True)
        )


def test_the_whole_way(world: World, friend: Client) -> None:
    order = bought(world)
    page = friend.get(_path(order)).content.decode()
    assert "Did somebody recommend Nordlicht Kaffee to you?" in page
    say(friend, order, "dana muster")
    assert (told(world).state, told(world).advocate_id, told(world).friend_name) == ("NAMED", world.advocate.pk, "Eve")
    home = signed_in(world).get(portal(world)).content.decode()
    assert "Eve says that you recommended Nordlicht Kaffee" in home
    assert "eve@friend.example" not in home
    assert answer(world, "yes") == 303
    with at_work(world.merchant):
        referral = Referral.objects.get()
        found = (referral.matched_by, referral.how, referral.state, referral.advocate_id)
        reward = Reward.objects.get(side="ADVOCATE")
    assert found == ("INTRODUCED", "introduced", "QUALIFIED", world.advocate.pk)
    assert (reward.state, reward.amount_minor) == ("HELD", 2000)
    assert "It is confirmed" in friend.get(_path(order)).content.decode()
    assert codes(world) == ["introduction.named", "introduction.confirmed"]
