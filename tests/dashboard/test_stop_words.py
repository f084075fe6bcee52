"""What a stopped reward is called at the desk: stopped by the team or a service, or waiting for its recipient."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from kit.ids import public_id
from programs.rules import Choice, Fulfilment, RewardRule, Value
from rewards.actions.blocks import block_reward
from rewards.models import Reward, RewardBlock
from tests.cast import World, a_world, at_work
from tests.dashboard.desk import base, owner
from tests.facts import delivery, snapshot

pytestmark = pytest.mark.django_db

TEN = RewardRule(kind=Value.FIXED, value=1000, fulfilment=Fulfilment.COUPON_POOL)
STATUS = re.compile(r'class="status [^"]*">([^<]+)<')
NOTE = re.compile(r'class="cell-note">([^<]+)<')
EITHER = replace(TEN, choices=(Choice("more", value=1200, fulfilment=Fulfilment.MANUAL),))


@pytest.fixture
def world() -> World:
    world = a_world(advocate_reward=EITHER)
    world.take(snapshot(world.now, token=world.click()), delivery(world.now))
    return world


def states(world: World) -> list[str]:
    """The reward's state as its row says it, and as its own page does first; what the row says of it last."""
    client, at = owner(world), f"{base(world)}/rewards"
    with at_work(world.merchant):
        key = public_id("rwd", Reward.objects.get().pk)
    one = client.get(f"{at}/{key}").content.decode()
    row = client.get(f"{at}?state=STOPPED").content.decode().partition("<tbody>")[2]
    cell = row.partition('data-label="State"')[2].partition("</td>")[0]
    return [STATUS.findall(row)[0], STATUS.findall(one)[0], *NOTE.findall(cell)]


def needs(world: World) -> list[str]:
    """What Home asks the team to do about rewards."""
    return re.findall(r'href="[^"]*/rewards\?state=STOPPED[^"]*"', owner(world).get(base(world)).content.decode())


def test_who_has_still_to_choose_stops_nobody(world: World):
    waiting = "Waiting for the recipient"
    assert states(world) == [waiting, waiting, "Waiting for the recipient to choose."]
    assert needs(world) == []


def test_what_the_team_stopped_says_so_and_why(world: World):
    with at_work(world.merchant) as now:
        block_reward(reward=Reward.objects.get(), kind=RewardBlock.Kind.REVIEW, reason="Odd", by="t", now=now)
    told = states(world)
    assert told[:2] == ["Stopped", "Stopped"]
    assert needs(world) == [f'href="{base(world)}/rewards?state=STOPPED_HERE"']
    assert set(told[2:]) == {"Waiting for the recipient to choose.", "Waiting for a review."}
