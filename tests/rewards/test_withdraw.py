"""What was delivered and fell through: asked back at its provider, settled in the ledger, or left to a person."""

from __future__ import annotations

from typing import Any

import pytest

from advocates.models import Link
from kit.clock import database_now
from programs.rules import Form, Fulfilment, RewardRule, Value
from rewards import ledger
from rewards.actions.audit import look_at_books
from rewards.actions.blocks import RewardStateError
from rewards.actions.fulfil import LONGEST_WAIT, MOST_TRIES
from rewards.actions.manual import mark_sent
from rewards.actions.spend import spend
from rewards.actions.withdraw import CAME_BACK, give_anew, say_what_became
from rewards.fulfilment import Retryable, Terminal
from rewards.models import Account, Reward, Withdrawal
from rewards.selectors import next_withdrawal_at
from rewards.steps import fulfil, release, withdraw
from tests.cast import World, a_world, at_work, enrolled, live_program
from tests.facts import DAY, delivery, refund, snapshot
from tests.rewards.coupons import Shop, new_shop
from tests.rewards.kinds import a_kind, a_rule

pytestmark = pytest.mark.django_db
HERE = "tests.rewards.coupons"


@pytest.fixture
def shop(settings: Any) -> Shop:
    settings.REWARD_FULFILLERS = settings.REWARD_FULFILLERS | {"COUPON_WEBHOOK": f"{HERE}.GivesAndDisables"}
    return new_shop()


def delivered(**changes: Any) -> World:
    """A world with one order whose advocate's reward is with them; orders are of 200, rewards a tenth."""
    rule = RewardRule(kind=Value.PERCENT, value=1000, fulfilment=Fulfilment.COUPON_WEBHOOK)
    world = a_world(**{"advocate_reward": rule, **changes})
    bring_order(world)
    return world


def bring_order(world: World) -> None:
    at = world.now - 40 * DAY
    world.take(snapshot(at, token=world.click(at=at)), delivery(at + DAY))
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())


def take_back(world: World, amount: int = 20000, key: str = "r1") -> None:
    world.take(refund(world.now, key, amount=amount), email="")


def come_back(world: World) -> None:
    """The refund was taken back: the shop says later that nothing was given back."""
    world.take(refund(world.now + DAY, "r1", amount=0), email="")


def sweep(world: World) -> None:
    withdraw.sweep(world.merchant.tenant_ref())


def reward_of(world: World) -> Reward:
    with at_work(world.merchant):
        found: Reward = Reward.objects.get()
        return found


def withdrawal_of(world: World) -> Any:
    with at_work(world.merchant):
        return Withdrawal.objects.first()


def money(world: World) -> tuple[int, int]:
    """(still owed by the recipient, come back)"""
    with at_work(world.merchant):
        assert look_at_books().differences == []
        unit = Reward.objects.get().unit
        owed, back = (ledger.balance(a, unit=unit) for a in (Account.CLAWED_BACK, Account.RECOVERED))
        return owed, back


def test_an_unused_code_is_disabled_and_nothing_is_owed(shop):  # hostile 75
    world = delivered()
    take_back(world)
    assert money(world) == (2000, 0)
    sweep(world)
    reward, withdrawal = reward_of(world), withdrawal_of(world)
    assert shop.disabled == [reward.voucher]
    assert (reward.state, withdrawal.state) == ("REVERSED", "DISABLED")
    assert money(world) == (0, 2000)
    sweep(world)
    assert shop.asked == 1


def test_the_merchants_own_system_is_told_though_it_named_nothing(shop, settings):
    settings.REWARD_FULFILLERS = settings.REWARD_FULFILLERS | {"WEBHOOK": f"{HERE}.GivesAndDisables"}
    world = delivered(advocate_reward=RewardRule(kind=Value.PERCENT, value=1000, fulfilment=Fulfilment.WEBHOOK))
    with at_work(world.merchant):
        Reward.objects.update(voucher="")
    take_back(world)
    sweep(world)
    assert (shop.disabled, withdrawal_of(world).state) == ([""], "DISABLED")
    assert money(world) == (0, 2000)


def test_a_shop_that_answers_slowly_holds_up_its_own_merchants_turn_only(shop):
    world = delivered()
    take_back(world)
    world.take(
        snapshot(world.now - 40 * DAY, token=world.click(at=world.now - 40 * DAY)),
        number="2",
        email="gil@friend.example",
    )
    world.take(delivery(world.now - 39 * DAY), number="2", email="gil@friend.example")
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())
    world.take(refund(world.now, "r2", amount=20000), number="2", email="")
    next_at = withdraw.sweep(world.merchant.tenant_ref(), seconds=0)
    assert shop.asked == 1
    assert next_at is not None
    assert next_at <= database_now(), "the rest is due and comes with the next ring"


def test_a_used_code_stays_a_debt(shop):  # hostile 75
    world = delivered()
    shop.used.add(reward_of(world).voucher)
    take_back(world)
    sweep(world)
    assert (withdrawal_of(world).state, money(world)) == ("USED", (2000, 0))
    assert shop.disabled == []


def test_a_code_seen_on_an_order_is_not_asked_for(shop):
    world = delivered()
    reward = reward_of(world)
    world.take(snapshot(world.now, codes=[(reward.voucher, 500)]), number="9", email="gil@friend.example")
    assert reward_of(world).used_at == world.now
    take_back(world)
    sweep(world)
    assert (withdrawal_of(world).state, withdrawal_of(world).detail) == ("USED", "seen_on_an_order")
    assert shop.asked == 0
    assert money(world) == (2000, 0)


def test_a_code_used_while_it_is_asked_back_ends_the_asking(shop):
    world = delivered()
    take_back(world)
    voucher = reward_of(world).voucher
    world.take(snapshot(world.now, codes=[(voucher, 500)]), number="9", email="gil@friend.example")
    sweep(world)
    assert (withdrawal_of(world).state, shop.asked) == ("USED", 0)


def test_a_part_taken_back_leaves_the_code_and_a_debt(shop):
    world = delivered()
    take_back(world, amount=5000)
    sweep(world)
    assert (withdrawal_of(world), shop.asked, money(world)) == (None, 0, (500, 0))
    assert reward_of(world).state == "FULFILLED"


def test_an_order_that_comes_back_before_the_asking_keeps_its_code(shop):
    world = delivered()
    take_back(world)
    come_back(world)
    sweep(world)
    assert (withdrawal_of(world), shop.asked, money(world)) == (None, 0, (0, 0))
    assert reward_of(world).state == "FULFILLED"


def test_an_order_that_comes_back_after_the_asking_gets_another_code(shop):
    world = delivered()
    take_back(world)
    sweep(world)
    come_back(world)
    assert money(world) == (-2000, 2000)  # it has to be given again
    with at_work(world.merchant) as now:
        give_anew(reward=Reward.objects.get(), voucher="NEW-1", by="user:1", now=now)
    assert (reward_of(world).voucher, withdrawal_of(world), money(world)) == ("NEW-1", None, (0, 0))
    with at_work(world.merchant) as now, pytest.raises(RewardStateError):
        give_anew(reward=Reward.objects.get(), voucher="NEW-2", by="user:1", now=now)
    assert reward_of(world).voucher == "NEW-1"


def test_an_order_that_comes_back_while_nobody_knows_is_left_to_a_person(shop, settings):
    settings.REWARD_FULFILLERS = settings.REWARD_FULFILLERS | {"COUPON_WEBHOOK": f"{HERE}.BreaksOff"}
    world = delivered()
    take_back(world)
    sweep(world)
    assert withdrawal_of(world).state == "WAITING"
    come_back(world)
    assert (withdrawal_of(world).state, withdrawal_of(world).detail) == ("IMPOSSIBLE", "order_came_back_meanwhile")
    with at_work(world.merchant) as now:
        say_what_became(reward=Reward.objects.get(), is_disabled=False, by="user:1", now=now)
    assert (withdrawal_of(world), reward_of(world).used_at, money(world)) == (None, None, (0, 0))


def test_a_busy_shop_is_asked_again_when_it_said(shop):
    shop.plan = [Retryable("rate_limited", after=120)]
    world = delivered()
    take_back(world)
    sweep(world)
    waiting = withdrawal_of(world)
    assert (waiting.state, waiting.attempts, waiting.detail) == ("WAITING", 1, "rate_limited")
    with at_work(world.merchant):
        assert next_withdrawal_at() == waiting.next_try_at
    sweep(world)
    assert shop.asked == 1
    again_now(world)
    sweep(world)
    assert (withdrawal_of(world).state, shop.asked, money(world)) == ("DISABLED", 2, (0, 2000))


def test_a_shop_that_asks_for_ages_is_asked_again_the_next_day(shop):
    shop.plan = [Retryable("rate_limited", after=1e300)]
    world = delivered()
    take_back(world)
    sweep(world)
    waiting = withdrawal_of(world)
    assert (waiting.state, waiting.detail) == ("WAITING", "rate_limited")
    assert waiting.next_try_at <= database_now() + LONGEST_WAIT


def test_a_refusal_is_left_to_a_person_at_once(shop):
    shop.plan = [Terminal("not_allowed")]
    world = delivered()
    take_back(world)
    sweep(world)
    assert (withdrawal_of(world).state, withdrawal_of(world).detail) == ("IMPOSSIBLE", "not_allowed")


def test_after_the_last_try_a_person_has_to_look(shop):
    shop.plan = [Retryable("rate_limited") for _ in range(MOST_TRIES)]
    world = delivered()
    take_back(world)
    for _ in range(MOST_TRIES):
        again_now(world)
        sweep(world)
    assert (withdrawal_of(world).state, shop.asked) == ("IMPOSSIBLE", MOST_TRIES)
    come_back(world)  # one of the tries may have disabled it, so somebody has to look all the same
    assert (withdrawal_of(world).state, withdrawal_of(world).detail) == ("IMPOSSIBLE", CAME_BACK)
    assert money(world)[0] == 0


def test_a_refused_asking_is_forgotten_when_the_order_comes_back(shop):
    shop.plan = [Terminal("not_allowed")]
    world = delivered()
    take_back(world)
    sweep(world)
    come_back(world)
    assert withdrawal_of(world) is None


def again_now(world: World) -> None:
    with at_work(world.merchant) as now:
        Withdrawal.objects.filter(state="WAITING").update(next_try_at=now - world.merchant.clock_offset)


@pytest.mark.parametrize(("is_disabled", "state", "books"), [(True, "DISABLED", (0, 2000)), (False, "USED", (2000, 0))])
def test_a_code_of_an_uploaded_pool_is_disabled_by_the_merchant(is_disabled, state, books):
    world = delivered(advocate_reward=RewardRule(fulfilment=Fulfilment.COUPON_POOL))
    take_back(world)
    assert (withdrawal_of(world).state, money(world)) == ("IMPOSSIBLE", (2000, 0))
    with at_work(world.merchant) as now:
        say_what_became(reward=Reward.objects.get(), is_disabled=is_disabled, by="user:1", now=now)
    assert (withdrawal_of(world).state, money(world)) == (state, books)
    with at_work(world.merchant) as now, pytest.raises(RewardStateError):
        say_what_became(reward=Reward.objects.get(), is_disabled=True, by="user:1", now=now)
    assert money(world) == books


def with_points(spent: int = 0) -> World:
    world = a_world()
    kind = a_kind(world.merchant, Form.POINTS)
    program = live_program(world.merchant, name="Punkte", advocate_reward=a_rule(kind, 500))
    advocate = enrolled(world.merchant, program, "pia@advocate.example")
    with at_work(world.merchant):
        link = Link.objects.get(advocate=advocate, channel="LINK")
    world.program, world.advocate, world.link = program, advocate, link
    bring_order(world)
    if spent:
        with at_work(world.merchant) as now:
            spend(customer=advocate.customer, unit="POINTS", amount_minor=spent, reason="", by="api:1", now=now)
    return world


@pytest.mark.parametrize(("spent", "state", "books"), [(0, "DISABLED", (0, 500)), (100, "USED", (500, 0))])
def test_points_come_back_unless_some_were_used(spent, state, books):
    world = with_points(spent)
    take_back(world)
    sweep(world)
    assert (withdrawal_of(world).state, money(world)) == (state, books)


def test_points_are_back_by_themselves_when_the_order_is():
    world = with_points()
    take_back(world)
    sweep(world)
    come_back(world)
    assert (withdrawal_of(world), money(world), reward_of(world).state) == (None, (0, 0), "FULFILLED")


def test_nothing_is_asked_back_of_what_was_sent_by_hand():
    world = a_world(advocate_reward=RewardRule(fulfilment=Fulfilment.MANUAL))
    at = world.now - 40 * DAY
    world.take(snapshot(at, token=world.click(at=at)), delivery(at + DAY))
    release.sweep(world.merchant.tenant_ref())
    with at_work(world.merchant) as now:
        mark_sent(reward=Reward.objects.get(), voucher="DHL 1", by="user:1", now=now)
    take_back(world)
    assert (withdrawal_of(world), money(world)) == (None, (2000, 0))
