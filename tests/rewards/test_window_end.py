"""A refund around the end of the return window: before it the reward shrinks, after delivery it is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rewards import ledger
from rewards.models import Account, Reward
from rewards.steps import fulfil, release
from tests.cast import World, a_world, at_work
from tests.facts import DAY, delivery, refund, snapshot

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def held_until_just_now() -> World:
    """The window ended a minute ago by the merchant's clock; nobody has released yet."""
    world = a_world()
    facts = snapshot(world.now - 40 * DAY, token=world.click(at=world.now - 41 * DAY))
    world.take(facts, delivery(world.now - 31 * DAY))
    return world


def reward_of(world: World) -> Reward:
    with at_work(world.merchant):
        reward: Reward = Reward.objects.get()
        return reward


def test_a_refund_in_the_last_second_is_taken_off_before_release() -> None:  # hostile 74
    world = held_until_just_now()
    ends = reward_of(world).release_at
    world.take(refund(ends - SECOND, amount=5000), now=ends - SECOND)
    release.sweep(world.merchant.tenant_ref())
    reward = reward_of(world)
    assert (reward.state, reward.amount_minor, reward.clawed_back_minor) == ("RELEASED", 1500, 0)


def test_a_refund_a_second_after_delivery_is_taken_back_and_may_leave_a_debt() -> None:  # hostile 74
    world = held_until_just_now()
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())
    given_at = reward_of(world).fulfilled_at
    assert given_at is not None
    world.take(refund(given_at + SECOND, amount=20000), now=given_at + SECOND)
    reward = reward_of(world)
    assert (reward.state, reward.amount_minor, reward.clawed_back_minor) == ("REVERSED", 2000, 2000)
    with at_work(world.merchant):
        assert ledger.balance(Account.CLAWED_BACK, unit="EUR") == 2000
        assert ledger.balance(Account.REWARD_COST, unit="EUR") == 0
