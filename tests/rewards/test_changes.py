"""Orders that change: edited, cancelled, ordered again, and everything at once in any order, through the database."""

from __future__ import annotations

import pytest

from rewards import ledger
from rewards.models import Account, Reward
from rewards.steps import fulfil, release
from tests.cast import World, a_world, at_work
from tests.facts import DAY, delivery, snapshot
from tracking.models import Referral


@pytest.fixture
def world(db: None) -> World:
    return a_world()


def amounts(world: World) -> list[tuple[str, int]]:
    with at_work(world.merchant):
        return list(Reward.objects.order_by("order__external_id").values_list("state", "amount_minor"))


def balance(world: World, account: Account) -> int:
    with at_work(world.merchant):
        return ledger.balance(account, unit="EUR")


class TestEdits:
    def edited(self, world: World, token: str, *lines: int, hours: int) -> None:
        at = world.now + hours * DAY / 24
        world.take(snapshot(world.now, token=token, lines=list(lines), as_of=at))

    def test_a_held_reward_follows_the_order_up_and_down(self, world):  # hostile 77
        token = world.click()
        world.take(snapshot(world.now, token=token))
        for hours, lines, amount in [(1, [20000, 10000], 3000), (2, [5000], 500), (3, [25000], 2500)]:
            self.edited(world, token, *lines, hours=hours)
            assert amounts(world) == [("HELD", amount)]
            assert balance(world, Account.HELD) == -amount

    def test_an_edit_below_the_minimum_cancels_and_one_above_restores(self, db):
        world = a_world(min_order_minor=10000)
        token = world.click()
        world.take(snapshot(world.now, token=token))
        self.edited(world, token, 9999, hours=1)
        assert amounts(world) == [("CANCELLED", 0)]
        self.edited(world, token, 10000, hours=2)
        assert amounts(world) == [("HELD", 1000)]

    def test_what_was_given_only_follows_down(self, world):
        at, token = world.now - 40 * DAY, world.click(at=world.now - 41 * DAY)
        world.take(snapshot(at, token=token), delivery(world.now - 31 * DAY))
        ref = world.merchant.tenant_ref()
        release.sweep(ref)
        fulfil.sweep(ref)
        world.take(snapshot(at, token=token, lines=[30000], as_of=world.now))
        with at_work(world.merchant):
            assert list(Reward.objects.values_list("state", "amount_minor", "clawed_back_minor")) == [
                ("FULFILLED", 2000, 0)
            ]
        world.take(snapshot(at, token=token, lines=[15000], as_of=world.now + DAY))
        with at_work(world.merchant):
            assert list(Reward.objects.values_list("amount_minor", "clawed_back_minor")) == [(2000, 500)]


class TestOrderedAgain:
    def test_after_a_cancelled_order_the_next_one_earns_once(self, world):  # hostile 78
        token = world.click()
        world.take(snapshot(world.now, token=token))
        world.take(snapshot(world.now, token=token, cancelled_at=world.now + DAY, as_of=world.now + DAY))
        world.take(snapshot(world.now + DAY, token=token), number="2")
        assert amounts(world) == [("CANCELLED", 0), ("HELD", 2000)]
        world.take(snapshot(world.now + DAY, token=token), number="2")
        world.take(snapshot(world.now + 2 * DAY, token=token), number="3")
        with at_work(world.merchant):
            states = Referral.objects.order_by("order__external_id").values_list("state", flat=True)
            assert list(states) == ["NOT_QUALIFIED", "QUALIFIED", "BLOCKED"]
        assert balance(world, Account.HELD) == -2000

    def test_the_first_order_taken_up_again_does_not_earn_a_second_time(self, world):
        token = world.click()
        world.take(snapshot(world.now, token=token, cancelled_at=world.now, as_of=world.now))
        world.take(snapshot(world.now + DAY, token=token), number="2")
        world.take(snapshot(world.now, token=token, as_of=world.now + 2 * DAY))
        assert balance(world, Account.HELD) == -2000
