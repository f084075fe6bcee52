"""Mails about what no order stands behind, and about things that are sent by post."""

from __future__ import annotations

import pytest

from merchants.events import SYSTEM
from merchants.models import Membership
from programs.rules import Form
from rewards.actions.addresses import Where, give_address
from rewards.actions.manual import mark_sent
from rewards.actions.surprise import give_surprise, take_back
from rewards.models import Reward, Surprise
from rewards.steps import fulfil, release
from tests.cast import World, at_work
from tests.engagement.post import a_shop, deliver
from tests.rewards.kinds import a_kind

pytestmark = pytest.mark.django_db

HOME = Where(name="Dana Muster", street="Am Kai 4", postcode="20457", city="Hamburg", country="DE")


@pytest.fixture
def world() -> World:
    return a_shop()


def give(world: World, form: Form, amount: int, **wishes: object) -> Reward:
    kind = a_kind(world.merchant, form, name="Nice thing", sizes={"": 9})
    with at_work(world.merchant) as now:
        seat = Membership.objects.filter(merchant=world.merchant)[0]
        told = {"advocate": world.advocate, "giver": seat, "reason": "Secret reason", "by": SYSTEM, "now": now}
        return give_surprise(kind=kind, amount_minor=amount, **told, **wishes)


def moved_on(world: World) -> None:
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())


def test_a_surprise_is_announced_with_its_words_and_not_its_reason(world: World) -> None:
    give(world, Form.POINTS, 500, message="You are great")
    [sent] = deliver(world, "reward.held")
    assert sent.subject == "500 points from Nordlicht Kaffee is on its way to you"
    assert sent.to == ["dana@advocate.example"]
    assert "gives it to you as a surprise" in sent.body
    assert "“You are great”" in sent.body
    assert "Secret reason" not in sent.body
    assert "friend" not in sent.body.lower().replace("friendly", "")


def test_it_is_here_on_the_account(world: World) -> None:
    give(world, Form.POINTS, 500, at_once=True)
    moved_on(world)
    [sent] = deliver(world, "reward.fulfilled")
    assert sent.subject == "Your reward from Nordlicht Kaffee is here: 500 points"
    assert "It is on your account at Nordlicht Kaffee." in sent.body


def test_a_thing_asks_for_its_address_and_tells_its_parcel(world: World) -> None:
    reward = give(world, Form.GIFT, 1, at_once=True)
    [asked] = deliver(world, "reward.held")
    assert asked.subject == "Nice thing from Nordlicht Kaffee is on its way to you"
    assert "Please tell where to" in asked.body
    with at_work(world.merchant) as now:
        give_address(reward=reward, where=HOME, by=SYSTEM, now=now)
    moved_on(world)
    with at_work(world.merchant) as now:
        mark_sent(reward=reward, voucher="DHL 1", by=SYSTEM, now=now)
    [sent] = deliver(world, "reward.fulfilled")
    assert "has handed your parcel to the post" in sent.body
    assert "DHL 1" in sent.body
    assert "Kai" not in sent.body


def test_what_is_taken_back_is_said_kindly(world: World) -> None:
    give(world, Form.POINTS, 500)
    with at_work(world.merchant) as now:
        take_back(surprise=Surprise.objects.get(), by=SYSTEM, now=now)
    [sent] = deliver(world, "reward.cancelled")
    assert "The surprise from Nordlicht Kaffee was taken back." in sent.body
    assert "It was given by mistake, and nothing was paid yet." in sent.body
