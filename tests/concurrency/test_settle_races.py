"""Races shown first, then prevented."""

from __future__ import annotations

from itertools import combinations
from threading import Barrier

import pytest

from kit.clock import database_now
from kit.tenancy import tenant_scope, tenant_transaction
from programs.rules import Fulfilment, RewardRule
from rewards import ledger
from rewards.actions import fulfil as actions
from rewards.actions.manual import mark_sent
from rewards.actions.release import release_due, release_rewards
from rewards.fulfilment import Delivered
from rewards.models import Account, LedgerEntry, Reward, RewardBlock
from rewards.steps import fulfil, release
from tests.cast import World, a_world, at_work
from tests.facts import DAY, delivery, dispute, parcel, refund, snapshot
from tracking.models import FraudPolicy, Referral

pytestmark = pytest.mark.django_db(transaction=True)


def due_world(**changes) -> World:
    world = a_world(**changes)
    world.take(
        snapshot(world.now - 40 * DAY, token=world.click(at=world.now - 41 * DAY)), delivery(world.now - 31 * DAY)
    )
    return world


def paid_out(world: World) -> list[int]:
    with at_work(world.merchant):
        return list(LedgerEntry.objects.filter(account=Account.PAYABLE).values_list("amount_minor", flat=True))


def test_a_double_release_happens_without_the_row_lock(together):
    """Control: this is what the lock prevents."""
    world = due_world()

    def careless() -> None:
        with at_work(world.merchant) as now:
            reward = Reward.objects.get()
            barrier_read(reward)
            release_rewards(rewards=[reward], now=now)

    both_read = Barrier(2)

    def barrier_read(reward: Reward) -> None:
        both_read.wait(10)

    together(careless, careless)
    assert paid_out(world) == [-2000, -2000]


def test_a_double_release_is_prevented(together):  # hostile 94
    world = due_world()
    sweeps = [lambda: release.sweep(world.merchant.tenant_ref())] * 4
    assert [outcome for outcome in together(*sweeps) if isinstance(outcome, Exception)] == []
    assert paid_out(world) == [-2000]


def test_a_double_fulfilment_is_prevented(together):
    world = due_world()
    release.sweep(world.merchant.tenant_ref())
    together(*[lambda: fulfil.sweep(world.merchant.tenant_ref())] * 4)
    assert sorted(paid_out(world)) == [-2000, 2000]
    with at_work(world.merchant):
        assert list(Reward.objects.values_list("state", "attempts")) == [("FULFILLED", 1)]


def test_two_people_mark_one_reward_sent_at_once(together):  # hostile 84
    world = due_world(advocate_reward=RewardRule(fulfilment=Fulfilment.MANUAL))
    release.sweep(world.merchant.tenant_ref())

    def send() -> Reward:
        with at_work(world.merchant) as now:
            return mark_sent(reward=Reward.objects.get(), voucher="parcel", by="test", now=now)

    outcomes = together(send, send)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Reward", "RewardStateError"]
    assert sorted(paid_out(world)) == [-2000, 2000]


def test_an_order_and_its_refund_at_the_same_moment(together):
    world = a_world()
    token = world.click()
    for number in map(str, range(8)):
        outcomes = together(
            lambda n=number: world.take(snapshot(world.now, token=token), number=n, email=f"f{n}@friend.example"),
            lambda n=number: world.take(refund(world.now, amount=5000), number=n, email=""),
        )
        assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    with at_work(world.merchant):
        assert set(Reward.objects.values_list("amount_minor", flat=True)) == {1500}
        assert ledger.balance(Account.HELD, unit="EUR") == -8 * 1500


def test_every_pair_of_an_orders_events_ends_the_same(together):
    world = a_world()
    with at_work(world.merchant):  # so many orders at one moment would be looked at
        FraudPolicy.objects.create(program=world.program, weights={"VELOCITY": 0})
    token = world.click()
    facts = [
        snapshot(world.now, token=token),
        refund(world.now, amount=5000),
        parcel(world.now, delivered_at=world.now + DAY),
        snapshot(world.now, token=token, lines=[18000], as_of=world.now + DAY),
        dispute(world.now + DAY, amount=3000),
        dispute(world.now + DAY, "lost"),
        delivery(world.now + 2 * DAY),
    ]
    for index, (one, two) in enumerate(combinations(facts, 2)):
        number, mail = f"n{index}", f"f{index}@friend.example"
        together(
            lambda one=one, n=number, m=mail: world.take(one, number=n, email=m),
            lambda two=two, n=number, m=mail: world.take(two, number=n, email=m),
        )
        world.take(*facts, number=number, email=mail)
    with at_work(world.merchant):
        ends = set(Reward.objects.values_list("state", "amount_minor", "full_minor", "release_at"))
        assert ends == {("HELD", 1000, 1800, world.now + 32 * DAY)}
        assert ledger.balance(Account.HELD, unit="EUR") == -21 * 1000
        assert not RewardBlock.objects.filter(lifted_at=None).exists()


def test_two_orders_of_one_friend_at_once_make_one_referral(together):
    world = a_world()
    token = world.click()
    for round_ in range(5):
        mail = f"f{round_}@friend.example"
        together(
            *[
                lambda n=n, r=round_, m=mail: world.take(snapshot(world.now, token=token), number=f"{r}-{n}", email=m)
                for n in range(2)
            ]
        )
    with at_work(world.merchant):
        states = sorted(Referral.objects.values_list("state", flat=True))
        assert states == ["BLOCKED"] * 5 + ["QUALIFIED"] * 5


def test_a_cap_is_never_passed_by_orders_at_once(together):  # hostile 83, per advocate
    world = a_world(advocate_cap=5)
    token = world.click()
    orders = [
        lambda n=n: world.take(snapshot(world.now, token=token), number=str(n), email=f"f{n}@friend.example")
        for n in range(12)
    ]
    outcomes = together(*orders)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    with at_work(world.merchant):
        assert Reward.objects.filter(state="HELD").count() == 5
        assert Referral.objects.filter(over_cap=True).count() == 7


def test_a_refund_while_the_reward_is_being_delivered_is_clawed_back(together):
    """FULFILLING: the amount must not move under the provider's call; recording settles what came in meanwhile."""
    world = due_world()
    ref = world.merchant.tenant_ref()
    release.sweep(ref)
    with tenant_scope(ref), tenant_transaction():
        claimed = actions.claim_next(real_now=database_now())
    assert claimed is not None
    world.take(refund(world.now, amount=5000))
    with at_work(world.merchant) as now:
        assert Reward.objects.get().amount_minor == 2000
        actions.record_delivered(attempt=claimed.attempt, delivered=Delivered("CODE"), now=now, real_now=database_now())
        reward = Reward.objects.get()
        assert (reward.state, reward.amount_minor, reward.clawed_back_minor) == ("FULFILLED", 2000, 500)


def test_batches_leave_rows_that_another_worker_holds(together):
    world = due_world()
    with at_work(world.merchant) as now:
        assert release_due(now=now) == 1
        [outcome] = together(lambda: release.sweep(world.merchant.tenant_ref()))
        assert outcome < now, "the row is looked at again, should the holder fail"
    assert paid_out(world) == [-2000]
