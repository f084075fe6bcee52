"""When there is work next: what is stopped is none, or a sweep would be woken for it again and again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from merchants.events import SYSTEM
from rewards.actions.blocks import block_reward, lift_block
from rewards.actions.release import release_due
from rewards.models import RewardBlock
from rewards.selectors import next_fulfilment_at, next_release_at
from tests.cast import World, a_world, at_work
from tests.facts import DAY, parcel, snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return a_world()


def test_stopped_rewards_are_no_work(world: World) -> None:
    placed = world.now - timedelta(days=40)
    token = world.click(at=placed - timedelta(hours=1))
    facts = [snapshot(placed, token=token), parcel(placed, delivered_at=placed + DAY)]
    reward = world.take(*facts, now=placed + DAY).rewards[0]
    kind = RewardBlock.Kind.REVIEW
    with at_work(world.merchant) as now:
        assert next_release_at() == reward.release_at
        block_reward(reward=reward, kind=kind, reason="looks odd", by=SYSTEM, now=now)
        assert next_release_at() is None
        lift_block(reward=reward, kind=kind, by=SYSTEM, now=now)
        assert release_due(now=now) == 1
        assert next_fulfilment_at() is not None
        block_reward(reward=reward, kind=kind, reason="looks odd", by=SYSTEM, now=now)
        assert next_fulfilment_at() is None
