"""Two people, or a person and the sweep, at one review at the same moment: one of them decides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from rewards.actions.reviews import ReviewStateError, decide
from rewards.models import Reward, RewardBlock
from rewards.steps import reviews
from tests.cast import World, a_world, at_work
from tests.facts import DAY, delivery, snapshot
from tracking.models import FraudPolicy, Review

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return a_world()


def held_for_review(world: World, number: str, *, days_ago: int) -> Review:
    at = world.now - days_ago * DAY
    facts = (snapshot(at, token=world.click(at=at - timedelta(hours=1))), delivery(at))
    world.take(*facts, number=number, email=f"eve{number}@mailinator.com", now=at)
    with at_work(world.merchant):
        return Review.objects.get(referral__order__external_id=number)


def says(world: World, review: Review, ok: bool, by: str) -> Callable[[], Any]:
    def act() -> str:
        with at_work(world.merchant) as now:
            mine = Review.objects.get(pk=review.pk)
            return str(decide(review=mine, advocate_ok=ok, friend_ok=None, now=now, by=by).state)

    return act


def test_of_two_people_one_decides_and_the_other_is_told(world, together):
    for number in map(str, range(4)):
        review = held_for_review(world, number, days_ago=1 + int(number))
        outcomes = together(says(world, review, True, "user:bob"), says(world, review, False, "user:ann"))
        refused = [outcome for outcome in outcomes if isinstance(outcome, ReviewStateError)]
        decided = [outcome for outcome in outcomes if isinstance(outcome, str)]
        assert ([error.code for error in refused], len(decided)) == (["already_decided"], 1)
        with at_work(world.merchant):
            found, reward = Review.objects.get(pk=review.pk), Reward.objects.get(order__external_id=number)
            expected = ("HELD", 2000) if found.state == "CLEARED" else ("CANCELLED", 0)
            assert [found.state] == decided
            assert (reward.state, reward.amount_minor) == expected
            assert not RewardBlock.objects.filter(reward=reward, lifted_at=None).exists()


def test_the_sweep_and_a_person_at_once_leave_one_decision(world, together):
    with at_work(world.merchant):
        FraudPolicy.objects.create(program=world.program, remind_days=1, void_days=2, medium_releases=False)
    ref = world.merchant.tenant_ref()
    for number in map(str, range(4)):
        review = held_for_review(world, number, days_ago=3 + int(number))
        outcomes = together(says(world, review, True, "user:bob"), lambda: reviews.sweep(ref))
        late = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        assert all(isinstance(outcome, ReviewStateError) for outcome in late)
        with at_work(world.merchant):
            found, reward = Review.objects.get(pk=review.pk), Reward.objects.get(order__external_id=number)
            assert (found.state, reward.state) in {("CLEARED", "HELD"), ("VOIDED", "CANCELLED")}
            assert (found.state == "VOIDED") == bool(late)
            assert not RewardBlock.objects.filter(reward=reward, lifted_at=None).exists()
