"""The calendar of what rewards will cost: the day of each, what has none, and the cash."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from insights.calendar import Amount, Outlook, outlook
from kit.days import local_date
from programs.rules import Fulfilment, RewardRule, Value
from rewards.actions.blocks import block_reward
from rewards.models import Reward, RewardBlock
from rewards.steps import release
from tests.cast import World, a_world, at_work
from tests.facts import DAY, delivery, refund, snapshot

pytestmark = pytest.mark.django_db

PAID_OUT = RewardRule(kind=Value.PERCENT, value=1000, fulfilment=Fulfilment.PAYOUT)
A_CODE = RewardRule(kind=Value.FIXED, value=500, fulfilment=Fulfilment.COUPON_POOL)


@pytest.fixture
def world() -> World:
    return a_world(advocate_reward=PAID_OUT, friend_reward=A_CODE)


def bought(world: World, number: str, *, delivered_ago: int | None) -> None:
    at = world.now - 60 * DAY
    facts = [snapshot(at, token=world.click(at=at - timedelta(hours=1)))]
    arrived = [delivery(world.now - delivered_ago * DAY)] if delivered_ago is not None else []
    world.take(*facts, *arrived, number=number, email=f"f{number}@friend.example")


def euros(world: World, now: datetime | None = None) -> Outlook:
    with at_work(world.merchant):
        [found] = outlook(now or world.now, world.zone)
    assert found.unit == "EUR"
    return found


def test_a_hold_stands_on_the_day_it_ends(world):
    bought(world, "1", delivered_ago=10)  # returns are possible for 30 days
    with at_work(world.merchant):
        [ends] = {reward.release_at for reward in Reward.objects.all()}
    assert ends is not None
    [day] = euros(world).in_order
    assert (day.on, day.due) == (local_date(ends, world.zone), Amount(2500, 2))


def test_what_should_have_gone_on_already_stands_on_today(world):
    bought(world, "1", delivered_ago=50)
    [day] = euros(world).in_order
    assert (day.on, day.due) == (local_date(world.now, world.zone), Amount(2500, 2))


def test_what_is_released_is_due_now_and_has_no_day(world):
    bought(world, "1", delivered_ago=50)
    release.sweep(world.merchant.tenant_ref())
    found = euros(world)
    assert (found.due_now, found.in_order) == (Amount(2500, 2), [])


def test_what_has_no_date_stands_in_rows_of_its_own(world):
    bought(world, "1", delivered_ago=None)
    bought(world, "2", delivered_ago=50)
    with at_work(world.merchant) as now:
        for reward in Reward.objects.filter(order__external_id="2"):
            block_reward(reward=reward, kind=RewardBlock.Kind.REVIEW, reason="", by="user:1", now=now)
    found = euros(world)
    assert (found.unshipped, found.stopped, found.in_order) == (Amount(2500, 2), Amount(2500, 2), [])
    assert (found.due_now, found.cash_later) == (Amount(), Amount())


def test_cash_is_what_leaves_the_account_within_seven_and_thirty_days(world):
    bought(world, "now", delivered_ago=50)
    release.sweep(world.merchant.tenant_ref())
    bought(world, "soon", delivered_ago=25)
    bought(world, "later", delivered_ago=5)
    found = euros(world)
    assert (found.cash_soon, found.cash_later) == (Amount(4000, 2), Amount(6000, 3))


def test_a_refund_is_off_the_calendar(world):
    bought(world, "1", delivered_ago=10)
    world.take(refund(world.now, amount=5000), number="1", email="")
    [day] = euros(world).in_order
    assert day.due == Amount(2000, 2)


def test_a_thing_without_an_address_ends_unclaimed_ninety_days_after_its_hold(world):
    bought(world, "1", delivered_ago=10)
    with at_work(world.merchant) as now:
        reward = Reward.objects.get(side="FRIEND")
        block_reward(reward=reward, kind=RewardBlock.Kind.ADDRESS, reason="", by="system", now=now)
    assert reward.release_at is not None
    last = euros(world, world.now + 60 * DAY).in_order[-1]
    assert (last.on, last.unclaimed) == (local_date(reward.release_at, world.zone) + 90 * DAY, Amount(500, 1))


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"])
def test_days_are_days_of_the_merchants_zone(world, zone):
    bought(world, "1", delivered_ago=10)
    with at_work(world.merchant):
        ends = Reward.objects.filter(side="ADVOCATE").get().release_at
        [found] = outlook(world.now, zone)
    assert ends is not None
    assert [day.on for day in found.in_order] == [local_date(ends, zone)]


def test_the_calendar_asks_as_often_for_many_as_for_one(world, django_assert_num_queries):
    bought(world, "1", delivered_ago=10)
    with at_work(world.merchant), django_assert_num_queries(3):
        outlook(world.now, world.zone)
    for number in range(2, 5):
        bought(world, str(number), delivered_ago=number)
    with at_work(world.merchant), django_assert_num_queries(3):
        outlook(world.now, world.zone)
