"""What nobody used or claimed in time ends, once, and only where its use would have been seen."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from advocates.models import Link
from kit.days import add_days
from kit.wording import day
from merchants.models import Event
from programs.rules import Form, Fulfilment
from rewards import ledger
from rewards.actions.audit import look_at_books
from rewards.actions.blocks import block_reward
from rewards.actions.budget import set_budget
from rewards.actions.expire import expire_unclaimed, expire_unused, tell_of_ending
from rewards.actions.manual import mark_sent
from rewards.actions.spend import spend
from rewards.models import Account, FulfilmentAttempt, Reward, RewardBlock
from rewards.selectors import next_ending_at
from rewards.steps import expire, fulfil, release
from tests.cast import World, a_world, at_work, enrolled, live_program
from tests.engagement.post import a_shop, deliver
from tests.facts import DAY, delivery, refund, snapshot
from tests.rewards.kinds import a_kind, a_rule

pytestmark = pytest.mark.django_db
HERE = "tests.rewards.coupons"


@pytest.fixture(autouse=True)
def shop(settings: Any) -> None:
    settings.REWARD_FULFILLERS = settings.REWARD_FULFILLERS | {"COUPON_WEBHOOK": f"{HERE}.OnlyGives"}


def given(form: Form = Form.FIXED_CODE, fulfilment: Fulfilment = Fulfilment.COUPON_WEBHOOK, **kind: Any) -> World:
    """A world in which one reward of this kind is with its advocate, to be used within 30 days."""
    world = a_shop()
    rule = a_rule(a_kind(world.merchant, form, fulfilment, **{"valid_days": 30, **kind}), 500)
    world.program = live_program(world.merchant, name="Arten", advocate_reward=rule)
    advocate = enrolled(world.merchant, world.program, "pia@advocate.example")
    with at_work(world.merchant):
        world.link = Link.objects.get(advocate=advocate, channel="LINK")
    at = world.now - 40 * DAY
    world.take(snapshot(at, token=world.click(at=at)), delivery(at + DAY))
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())
    return world


def reward_of(world: World) -> Reward:
    with at_work(world.merchant):
        found: Reward = Reward.objects.get()
        return found


def books(world: World) -> dict[str, int]:
    with at_work(world.merchant):
        assert look_at_books().differences == []
        unit = Reward.objects.get().unit
        return {account.value: sum for account in Account if (sum := ledger.balance(account, unit=unit))}


def told(world: World, code: str) -> list[Event]:
    with at_work(world.merchant):
        return list(Event.objects.filter(code=code))


def end_unused(world: World, now: datetime) -> int:
    with at_work(world.merchant):
        return expire_unused(now=now)


def test_a_delivered_code_ends_when_nobody_used_it():
    world = given()
    reward = reward_of(world)
    assert reward.valid_until is not None
    assert end_unused(world, reward.valid_until - timedelta(seconds=1)) == 0
    assert end_unused(world, reward.valid_until) == 1
    ended = reward_of(world)
    assert (ended.state, ended.expired_at, ended.reason) == ("EXPIRED", reward.valid_until, "validity_over")
    assert books(world) == {"REWARD_COST": 500, "EXPIRED": -500}
    assert [event.data["amount_minor"] for event in told(world, "reward.expired")] == [500]
    assert end_unused(world, reward.valid_until + 9 * DAY) == 0
    [sent] = deliver(world, "reward.expired")
    assert sent.subject == "Your reward from Nordlicht Kaffee has ended"


def test_validity_counts_days_of_the_merchants_zone_from_the_try_that_delivered():
    world = given()
    reward = reward_of(world)
    with at_work(world.merchant):
        started = FulfilmentAttempt.objects.get().started_at + world.merchant.clock_offset
    assert reward.valid_until == add_days(started, 30, world.zone)


def test_a_code_seen_on_an_order_does_not_end():
    world = given()
    reward = reward_of(world)
    world.take(snapshot(world.now, codes=[(reward.voucher, 500)]), number="9", email="gil@friend.example")
    assert reward.valid_until is not None
    assert end_unused(world, reward.valid_until + DAY) == 0
    assert reward_of(world).state == "FULFILLED"
    assert len(told(world, "reward.used")) == 1
    world.take(snapshot(world.now, codes=[(reward.voucher, 500)]), number="9", email="")
    assert len(told(world, "reward.used")) == 1


def test_an_order_without_codes_asks_nothing_about_codes():
    world = given()
    with CaptureQueriesContext(connection) as seen:
        world.take(snapshot(world.now), number="9", email="gil@friend.example")
    assert not [query["sql"] for query in seen if "voucher" in query["sql"] and "IN (" in query["sql"]]


def test_a_code_the_shop_still_took_was_given_after_all():
    world = given()
    reward = reward_of(world)
    assert reward.valid_until is not None
    end_unused(world, reward.valid_until)
    world.take(snapshot(world.now, codes=[(reward.voucher, 500)]), number="9", email="gil@friend.example")
    again = reward_of(world)
    assert (again.state, again.expired_at, again.reason) == ("FULFILLED", None, "")
    assert books(world) == {"REWARD_COST": 500, "FULFILLED": -500}


def test_what_was_refunded_while_it_had_ended_is_owed_once_it_was_used():
    world = given()
    reward = reward_of(world)
    assert reward.valid_until is not None
    end_unused(world, reward.valid_until)
    world.take(refund(world.now, amount=20000), email="")
    world.take(snapshot(world.now, codes=[(reward.voucher, 500)]), number="9", email="gil@friend.example")
    assert (reward_of(world).state, reward_of(world).is_revived) == ("FULFILLED", True)
    for _ in range(2):
        release.sweep(world.merchant.tenant_ref())
        again = reward_of(world)
        assert (again.state, again.clawed_back_minor, again.is_revived) == ("REVERSED", 500, False)
        assert books(world) == {"FULFILLED": -500, "CLAWED_BACK": 500}


def test_a_debt_comes_back_with_a_code_that_ran_out():
    world = given()
    reward = reward_of(world)
    with at_work(world.merchant) as now:  # as a refund of a part does
        ledger.post(
            "reward.clawed_back",
            moves=[ledger.claw_back(200)],
            unit=reward.unit,
            program_id=reward.program_id,
            now=now,
            reward=reward,
        )
        Reward.objects.update(clawed_back_minor=200)
    assert reward.valid_until is not None
    end_unused(world, reward.valid_until)
    assert books(world) == {"REWARD_COST": 300, "EXPIRED": -500, "RECOVERED": 200}
    world.take(snapshot(world.now, codes=[(reward.voucher, 500)]), number="9", email="gil@friend.example")
    assert books(world) == {"REWARD_COST": 300, "FULFILLED": -500, "CLAWED_BACK": 200}


def test_what_ended_is_not_taken_back():
    world = given()
    reward = reward_of(world)
    assert reward.valid_until is not None
    end_unused(world, reward.valid_until)
    before = books(world)
    world.take(refund(world.now, amount=20000), email="")
    assert (reward_of(world).state, books(world)) == ("EXPIRED", before)


def test_a_gift_card_is_never_said_to_have_ended():
    """Nobody tells us whether it was used."""
    world = given(Form.GIFT_CARD, Fulfilment.MANUAL)
    with at_work(world.merchant) as now:
        sent = mark_sent(reward=Reward.objects.get(), voucher="CARD-1", by="user:1", now=now)
        assert sent.valid_until == add_days(now, 30, world.zone)
    assert end_unused(world, now + 99 * DAY) == 0
    assert reward_of(world).state == "FULFILLED"


@pytest.mark.parametrize(("spent", "state"), [(0, "EXPIRED"), (1, "FULFILLED")])
def test_points_end_unless_some_of_them_were_used(spent, state):
    world = given(Form.POINTS, Fulfilment.BALANCE)
    reward = reward_of(world)
    if spent:
        with at_work(world.merchant) as now:
            spend(customer=reward.recipient, unit="POINTS", amount_minor=spent, reason="", by="api:1", now=now)
    assert reward.valid_until is not None
    end_unused(world, reward.valid_until + DAY)
    assert reward_of(world).state == state
    assert end_unused(world, reward.valid_until + 2 * DAY) == 0
    books(world)


def test_what_ends_frees_the_budget():
    world = given()
    with at_work(world.merchant) as now:
        set_budget(program=world.program, limit_minor=5000, is_hard=True, by="user:1", now=now)
    assert reward_of(world).reserved_minor == 500
    valid_until = reward_of(world).valid_until
    assert valid_until is not None
    end_unused(world, valid_until)
    assert reward_of(world).reserved_minor == 0
    assert books(world)["BUDGET"] == 5000


def test_the_recipient_is_told_once_fourteen_days_ahead():
    world = given()
    valid_until = reward_of(world).valid_until
    assert valid_until is not None
    for now, expected in ((valid_until - 15 * DAY, 0), (valid_until - 14 * DAY, 1), (valid_until - DAY, 0)):
        with at_work(world.merchant):
            assert tell_of_ending(now=now) == expected
    [event] = told(world, "reward.expiring")
    assert event.data["ends_at"] == valid_until.isoformat()
    [sent] = deliver(world, "reward.expiring")
    assert sent.to == ["pia@advocate.example"]
    assert sent.subject == f"Your reward from Nordlicht Kaffee ends on {day(valid_until, world.zone, 'en')}"
    assert f"Your voucher code: {reward_of(world).voucher}" in sent.body


def test_what_lasts_no_fortnight_is_not_told_of():
    world = given(valid_days=10)
    valid_until = reward_of(world).valid_until
    assert valid_until is not None
    with at_work(world.merchant):
        assert tell_of_ending(now=valid_until - DAY) == 0


def test_the_next_look_is_when_something_happens():
    world = given()
    valid_until = reward_of(world).valid_until
    assert valid_until is not None
    with at_work(world.merchant):
        assert next_ending_at(world.now) == valid_until - 14 * DAY
        assert next_ending_at(valid_until - DAY) == valid_until
        assert next_ending_at(valid_until) is None
    expected = valid_until - 14 * DAY - world.merchant.clock_offset
    assert expire.sweep(world.merchant.tenant_ref()) == expected


def waiting_for_address() -> World:
    world = a_world()
    at = world.now - 40 * DAY
    world.take(snapshot(at, token=world.click(at=at)), delivery(at + DAY))
    with at_work(world.merchant) as now:
        reward = Reward.objects.get()
        block_reward(reward=reward, kind=RewardBlock.Kind.ADDRESS, reason="", by="system", now=now)
    return world


def test_a_thing_nobody_says_where_to_send_ends_after_ninety_days():
    world = waiting_for_address()
    release_at = reward_of(world).release_at
    assert release_at is not None
    with at_work(world.merchant):
        assert tell_of_ending(now=release_at + 76 * DAY) == 1
        assert expire_unclaimed(now=release_at + 90 * DAY - timedelta(seconds=1)) == 0
        assert expire_unclaimed(now=release_at + 90 * DAY) == 1
    ended = reward_of(world)
    assert (ended.state, ended.reason, ended.released_at) == ("EXPIRED", "not_claimed_in_time", None)
    assert books(world) == {"REWARD_COST": 2000, "EXPIRED": -2000}
