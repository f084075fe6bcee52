"""What lies ahead of an advocate, and choosing how to take a reward."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kit.ids import public_id
from programs.rules import Choice, Fulfilment, RewardRule, Tier, Value
from rewards.actions.bonus import plan_bonus
from rewards.models import Reward, RewardBlock
from tests.cast import World, a_world, at_work, enrolled
from tests.facts import DAY, delivery, snapshot
from tests.portal.world import portal, signed_in

pytestmark = pytest.mark.django_db

TEN = RewardRule(kind=Value.FIXED, value=1000, fulfilment=Fulfilment.COUPON_POOL)


def buy(world: World, number: int) -> None:
    world.take(
        snapshot(world.now, token=world.click()), delivery(world.now), number=str(number), email=f"f{number}@f.example"
    )


def page(world: World, rest: str = "") -> str:
    answer = signed_in(world).get(portal(world, rest))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_plain_program_has_nothing_ahead():
    world = a_world(advocate_reward=TEN)
    assert "more friend" not in page(world)


def test_a_bonus_says_what_and_until_when():
    world = a_world(advocate_reward=TEN)
    with at_work(world.merchant) as now:
        plan_bonus(
            program=world.program,
            name="Double week",
            side="BOTH",
            starts_at=now,
            ends_at=now + 7 * DAY,
            multiplier_bp=20_000,
            extra_minor=150,
            by="t",
            now=now,
        )
    text = page(world)
    assert "Double week" in text
    assert "you and your friends get 2 times the reward + €1.50 on top" in text


def test_every_third_friend_counts_down():
    world = a_world(advocate_reward=replace(TEN, every=3))
    assert "3 more friends until your next reward" in page(world)
    buy(world, 1)
    buy(world, 2)
    assert "1 more friend until your next reward" in page(world)
    buy(world, 3)
    assert "3 more friends until your next reward" in page(world)


def test_levels_say_what_is_missing_and_what_is_reached():
    world = a_world(advocate_reward=TEN, tiers=(Tier("Gold", 2, replace(TEN, value=2500)),))
    buy(world, 1)
    assert "1 more friend, and you are Gold." in page(world)
    buy(world, 2)
    text = page(world)
    assert "Your level: Gold" in text
    assert "You have reached the highest level." in text


def test_a_cap_by_value_is_told_before_and_when_it_is_reached():
    world = a_world(advocate_reward=TEN, advocate_cap_minor=1500)
    buy(world, 1)
    assert "€10.00 of €15.00 are taken" in page(world)
    buy(world, 2)
    assert "All €15.00 are yours" in page(world)


class TestChoice:
    @pytest.fixture
    def world(self) -> World:
        choices = (
            Choice("more", value=1200, fulfilment=Fulfilment.MANUAL),
            Choice("friend", fulfilment=Fulfilment.COUPON_POOL, to_friend=True),
        )
        world = a_world(advocate_reward=replace(TEN, choices=choices))
        buy(world, 1)
        return world

    def path(self, world: World) -> str:
        with at_work(world.merchant):
            return portal(world, f"rewards/{public_id('rwd', Reward.objects.get().pk)}/choice")

    def test_all_ways_are_offered_and_one_is_taken(self, world: World):
        client = signed_in(world)
        assert "Choose how to take it" in client.get(portal(world, "rewards")).content.decode()
        text = client.get(self.path(world)).content.decode()
        assert all(way in text for way in ("€10.00", "€12.00", "€10.00 for your friend"))
        assert client.post(self.path(world), {"way": "more"}).status_code == 303
        with at_work(world.merchant):
            reward = Reward.objects.get()
            assert (reward.chosen, reward.amount_minor, reward.fulfilment) == ("more", 1200, "MANUAL")
            assert not RewardBlock.objects.filter(lifted_at=None).exists()
        assert client.post(self.path(world), {"way": "-"}).status_code == 303
        with at_work(world.merchant):
            assert Reward.objects.get().amount_minor == 1000

    @pytest.mark.parametrize("rest", ["", "friends", "rewards"])
    def test_whoever_may_choose_reads_until_when_and_not_that_they_are_being_checked(self, world: World, rest: str):
        text = page(world, rest)
        assert ("You can choose" in text, "Being checked" in text) == (True, False)
        assert "Without a word it comes as promised on" in text

    def test_a_way_that_is_none_is_refused_and_nothing_changes(self, world: World):
        answer = signed_in(world).post(self.path(world), {"way": "yacht"})
        assert answer.status_code == 400
        with at_work(world.merchant):
            reward = Reward.objects.get()
            assert (reward.chosen, reward.amount_minor) == ("", 1000)

    def test_nobody_elses_reward_can_be_chosen(self, world: World):
        other = enrolled(world.merchant, world.program, "otto@advocate.example", "Otto")
        client = signed_in(world, other)
        assert client.get(self.path(world)).status_code == 404
        assert client.post(self.path(world), {"way": "more"}).status_code == 404
        with at_work(world.merchant):
            assert Reward.objects.get().chosen == ""

    def test_after_the_hold_it_is_what_it_is(self, world: World):
        with at_work(world.merchant) as now:
            Reward.objects.update(state="RELEASED", released_at=now)
        assert signed_in(world).get(self.path(world)).status_code == 404
