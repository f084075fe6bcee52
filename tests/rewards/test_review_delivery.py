"""Deliveries that go wrong: unknown outcomes, two workers, refunds in between, tries used up, rewards given by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kit.clock import database_now
from merchants.models import Event
from programs.actions.stock import upload_codes
from programs.models import CodePool, PoolCode
from programs.rules import Fulfilment, RewardRule
from rewards import ledger
from rewards.actions import fulfil as actions
from rewards.actions.blocks import RewardStateError
from rewards.actions.fulfil import WAITS, ClaimedReward
from rewards.actions.manual import mark_sent, try_again
from rewards.fulfilment import Delivered
from rewards.models import Account, FulfilmentAttempt, Reward
from rewards.selectors import next_fulfilment_at
from rewards.steps import fulfil, release
from tests.cast import World, a_world, at_work
from tests.facts import DAY, delivery, refund, snapshot

pytestmark = pytest.mark.django_db


def released_world(**changes) -> World:
    """One reward of 20.00, released and not delivered."""
    world = a_world(**changes)
    world.take(
        snapshot(world.now - 40 * DAY, token=world.click(at=world.now - 41 * DAY)), delivery(world.now - 31 * DAY)
    )
    release.sweep(world.merchant.tenant_ref())
    return world


def by_hand_world() -> World:
    return released_world(advocate_reward=RewardRule(fulfilment=Fulfilment.MANUAL))


def claim(world: World) -> ClaimedReward:
    with at_work(world.merchant):
        claimed = actions.claim_next(real_now=database_now())
    assert claimed is not None
    return claimed


def lease_over(world: World) -> None:
    with at_work(world.merchant):
        past = database_now() - timedelta(seconds=1)
        FulfilmentAttempt.objects.filter(state="CLAIMED").update(lease_until=past)
        Reward.objects.filter(next_try_at__isnull=False).update(next_try_at=past)


def delivered(world: World, claimed: ClaimedReward, voucher: str = "CODE") -> bool:
    with at_work(world.merchant) as now:
        return actions.record_delivered(
            attempt=claimed.attempt, delivered=Delivered(voucher), now=now, real_now=database_now()
        )


def unknown(world: World, claimed: ClaimedReward) -> None:
    with at_work(world.merchant) as now:
        actions.record_unknown(attempt=claimed.attempt, reason="http_timeout", now=now, real_now=database_now())


def retry(world: World, claimed: ClaimedReward, after: float | None = None) -> None:
    with at_work(world.merchant) as now:
        actions.record_retry(attempt=claimed.attempt, reason="http_429", after=after, now=now, real_now=database_now())


def refused(world: World, claimed: ClaimedReward) -> None:
    with at_work(world.merchant) as now:
        actions.record_refused(attempt=claimed.attempt, reason="http_400", now=now, real_now=database_now())


def the_reward(world: World) -> Reward:
    with at_work(world.merchant):
        return Reward.objects.get()


def state(world: World) -> tuple[str, int, int]:
    reward = the_reward(world)
    return reward.state, reward.amount_minor, reward.clawed_back_minor


def balances(world: World) -> dict[str, int]:
    with at_work(world.merchant):
        return {a: total for a in Account if (total := ledger.balance(a, unit="EUR"))}


class TestTwoWorkers:
    def test_a_late_answer_of_the_first_worker_ends_the_attempt_of_the_second(self):
        world = released_world()
        slow = claim(world)
        lease_over(world)
        second = claim(world)
        assert delivered(world, slow)
        assert not delivered(world, second)
        with at_work(world.merchant):
            assert not FulfilmentAttempt.objects.filter(state="CLAIMED").exists()
            assert next_fulfilment_at() is None, "nothing is left to wake for"
        assert balances(world) == {"REWARD_COST": 2000, "FULFILLED": -2000}

    def test_a_not_now_after_an_unknown_outcome_says_nothing_about_the_try_before(self):
        world = released_world()
        unknown(world, claim(world))
        lease_over(world)
        retry(world, claim(world))
        world.take(refund(world.now, amount=20000))
        assert state(world) == ("FULFILLING", 2000, 0), "it may be with the person already"
        lease_over(world)
        assert delivered(world, claim(world))
        assert state(world) == ("REVERSED", 2000, 2000)
        assert balances(world) == {"CLAWED_BACK": 2000, "FULFILLED": -2000}

    def test_a_busy_provider_is_not_asked_sooner_after_an_unknown_outcome(self):
        world = released_world()
        unknown(world, claim(world))
        lease_over(world)
        retry(world, claim(world), after=7200)
        with at_work(world.merchant):
            due = next_fulfilment_at()
        assert due is not None
        assert due > database_now() + timedelta(seconds=7000)

    def test_a_refusal_after_an_unknown_outcome_keeps_the_amount(self):
        world = released_world()
        unknown(world, claim(world))
        lease_over(world)
        refused(world, claim(world))
        world.take(refund(world.now, amount=20000))
        assert state(world) == ("FAILED", 2000, 0)

    def test_a_delivery_told_late_still_counts(self):
        """The first worker slept through its lease, the second was refused: the gift is with the person even so."""
        world = released_world()
        slow = claim(world)
        lease_over(world)
        refused(world, claim(world))
        assert state(world)[0] == "FAILED"
        assert delivered(world, slow)
        assert state(world) == ("FULFILLED", 2000, 0)
        assert balances(world) == {"REWARD_COST": 2000, "FULFILLED": -2000}

    def test_a_delivery_told_after_a_certain_failure_and_a_new_try_counts_once(self):
        world = released_world()
        slow = claim(world)
        lease_over(world)
        refused(world, claim(world))
        with at_work(world.merchant) as now:
            try_again(reward=Reward.objects.get(), by="t", now=now)
        assert delivered(world, slow)
        assert not delivered(world, slow)
        with at_work(world.merchant):
            assert actions.claim_next(real_now=database_now()) is None
        assert balances(world) == {"REWARD_COST": 2000, "FULFILLED": -2000}


class TestTriesUsedUp:
    def test_trying_again_gives_fresh_tries(self):
        world = released_world()
        for _ in range(len(WAITS) + 1):
            retry(world, claim(world))
            lease_over(world)
        assert state(world)[0] == "FAILED"
        with at_work(world.merchant) as now:
            try_again(reward=Reward.objects.get(), by="t", now=now)
        retry(world, claim(world))
        assert state(world)[0] == "RELEASED"

    def test_a_reward_that_kills_every_worker_ends_as_failed(self):
        world = released_world()
        for _ in range(len(WAITS) + 1):
            claim(world)
            lease_over(world)
        with at_work(world.merchant):
            assert actions.claim_next(real_now=database_now()) is None
        assert state(world)[0] == "FAILED"
        with at_work(world.merchant):
            assert Event.objects.filter(code="reward.failed").count() == 1
            assert next_fulfilment_at() is None

    def test_a_pause_without_end_is_not_believed(self):
        world = released_world()
        retry(world, claim(world), after=1e11)
        with at_work(world.merchant):
            due = next_fulfilment_at()
        assert due is not None
        assert due <= database_now() + timedelta(days=1)


class TestAfterAFailure:
    def test_refunded_wholly_there_is_nothing_to_try_again(self):
        world = released_world()
        refused(world, claim(world))
        world.take(refund(world.now, amount=20000))
        assert state(world) == ("CANCELLED", 0, 0)
        assert balances(world) == {}
        with at_work(world.merchant) as now, pytest.raises(RewardStateError):
            try_again(reward=Reward.objects.get(), by="t", now=now)

    def test_refunded_in_part_the_rest_is_tried_again(self):
        world = released_world()
        refused(world, claim(world))
        world.take(refund(world.now, amount=5000))
        with at_work(world.merchant) as now:
            try_again(reward=Reward.objects.get(), by="t", now=now)
        claimed = claim(world)
        assert claimed.order.amount_minor == 1500
        assert delivered(world, claimed)
        assert balances(world) == {"REWARD_COST": 1500, "FULFILLED": -1500}


class TestByHand:
    def test_a_refund_taken_back_gives_it_back_to_the_hand_not_to_the_sweep(self):
        world = by_hand_world()
        world.take(refund(world.now, "r1", amount=20000))
        assert state(world)[0] == "CANCELLED"
        world.take(refund(world.now + timedelta(minutes=1), "r1", amount=5000))
        reward = the_reward(world)
        assert (reward.state, reward.amount_minor, reward.next_try_at) == ("RELEASED", 1500, None)
        assert fulfil.sweep(world.merchant.tenant_ref()) is None
        with at_work(world.merchant) as now:
            mark_sent(reward=reward, voucher="", by="t", now=now)
        assert balances(world) == {"REWARD_COST": 1500, "FULFILLED": -1500}


class TestEmptyPool:
    def test_new_codes_reach_the_rewards_that_waited_for_them(self):
        world = released_world()
        with at_work(world.merchant):
            PoolCode.objects.filter(pool__purpose="REWARD").delete()
        fulfil.sweep(world.merchant.tenant_ref())
        assert state(world)[0] == "RELEASED"
        with at_work(world.merchant) as now:
            upload_codes(program=world.program, purpose=CodePool.Purpose.REWARD, codes=["NEW-1"], by="t", now=now)
        fulfil.sweep(world.merchant.tenant_ref())
        assert state(world)[0] == "FULFILLED"
