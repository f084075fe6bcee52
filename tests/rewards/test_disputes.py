"""A disputed payment: nothing is given while it is open, a lost one counts like money given back, a won one passes."""

from __future__ import annotations

from itertools import permutations

import pytest

from merchants.models import Event
from programs.rules import Terms
from rewards import ledger
from rewards.models import Account, Reward, RewardBlock
from rewards.rules import Why, settle
from rewards.steps import fulfil, release
from tests.cast import World, a_world, at_work
from tests.facts import DAY, NOON, delivery, dispute, refund, snapshot
from tracking.models import FraudPolicy
from tracking.rules import Fact, OrderView, net_base_minor, read_order

TERMS = Terms(currency="EUR")


def read(*facts: Fact) -> OrderView:
    view = read_order(facts)
    assert view is not None
    return view


def net(*facts: Fact) -> int:
    return net_base_minor(read(*facts), TERMS)


class TestReading:
    def test_an_open_dispute_takes_nothing_yet(self):
        view = read(snapshot(NOON), dispute(NOON))
        assert (view.has_open_dispute, net_base_minor(view, TERMS)) == (True, 20000)

    def test_a_won_dispute_takes_nothing(self):
        view = read(snapshot(NOON), dispute(NOON), dispute(NOON + DAY, "won"))
        assert (view.has_open_dispute, net_base_minor(view, TERMS)) == (False, 20000)

    def test_a_lost_dispute_takes_its_amount_or_all(self):
        assert net(snapshot(NOON), dispute(NOON, "lost", amount=5000)) == 15000
        assert net(snapshot(NOON), dispute(NOON, "lost")) == 0

    def test_an_amount_nobody_repeats_stays_as_it_was_told(self):
        assert net(snapshot(NOON), dispute(NOON, amount=5000), dispute(NOON + DAY, "lost")) == 15000

    def test_a_dispute_falls_on_tax_shipping_and_gift_cards_by_their_share(self):
        order = snapshot(NOON, lines=[10000], shipping_minor=500, shipping_tax_minor=95)
        order.data["lines"][0]["tax_minor"] = 1900
        assert net(order, dispute(NOON, "lost", amount=12495)) == 0
        assert net(order, dispute(NOON, "lost", amount=6000)) == 10000 - 4802  # 6000 * 10000 / 12495

    def test_what_is_left_after_a_refund_can_be_lost_too_and_nothing_is_negative(self):
        facts = [snapshot(NOON), refund(NOON, amount=6000)]
        assert net(*facts, dispute(NOON, "lost", amount=14000)) == 0
        assert net(*facts, dispute(NOON, "lost", amount=99000)) == 0
        assert net(*facts, dispute(NOON, "lost", amount=4000), dispute(NOON, "lost", "d2", amount=1000)) == 9000

    def test_a_dispute_in_another_currency_is_about_all_of_it(self):
        told = dispute(NOON, "lost", amount=100)
        told.data["currency"] = "USD"
        assert net(snapshot(NOON), told) == 0

    def test_all_the_money_lost_leaves_no_cent_however_it_was_divided(self):
        order = snapshot(NOON, lines=[10000, 10000])
        order.data["lines"][1]["tax_minor"] = 1900
        assert net(order, refund(NOON, lines=[("2", 1, 10000)]), dispute(NOON, "lost", amount=10000)) == 0

    @pytest.mark.parametrize("later", [NOON, NOON + DAY])
    @pytest.mark.parametrize("end", ["won", "lost"])
    def test_an_end_is_an_end_whenever_the_beginning_is_told(self, end, later):
        facts = [snapshot(NOON), dispute(NOON, end), dispute(later)]
        views = {repr(read(*order).disputes) for order in permutations(facts)}
        assert len(views) == 1
        assert [item.status for item in read(*facts).disputes] == [end]

    def test_of_two_ends_at_one_moment_the_loss_counts(self):
        for order in permutations([snapshot(NOON), dispute(NOON, "won"), dispute(NOON, "lost")]):
            assert net(*order) == 0

    def test_a_lost_dispute_is_the_reason(self):
        wanted = settle(read(snapshot(NOON), dispute(NOON, "lost")), TERMS, touched_at=NOON, zone="Europe/Berlin")
        assert (wanted.reason, wanted.advocate.amount_minor) == (Why.DISPUTE_LOST, 0)


@pytest.fixture
def world(db: None) -> World:
    return a_world()


def reward_of(world: World) -> Reward:
    with at_work(world.merchant):
        return Reward.objects.get()


def open_blocks(world: World) -> list[str]:
    with at_work(world.merchant):
        return list(RewardBlock.objects.filter(lifted_at=None).values_list("kind", flat=True))


def balances(world: World) -> dict[str, int]:
    with at_work(world.merchant):
        return {account: total for account in Account if (total := ledger.balance(account, unit="EUR"))}


def due(world: World) -> list[Fact]:
    token = world.click(at=world.now - 41 * DAY)
    return [snapshot(world.now - 40 * DAY, token=token), delivery(world.now - 31 * DAY)]


def test_a_disputed_reward_is_not_released_until_the_shop_won(world):  # hostile 76
    world.take(*due(world), dispute(world.now - DAY))
    ref = world.merchant.tenant_ref()
    release.sweep(ref)
    assert (reward_of(world).state, open_blocks(world)) == ("HELD", ["DISPUTE"])
    world.take(dispute(world.now - DAY))
    assert open_blocks(world) == ["DISPUTE"]
    world.take(dispute(world.now, "won"))
    assert open_blocks(world) == []
    release.sweep(ref)
    assert reward_of(world).state == "RELEASED"
    with at_work(world.merchant):
        codes = list(Event.objects.filter(subject_kind="reward").order_by("seq").values_list("code", flat=True))
    assert codes == ["reward.held", "reward.blocked", "reward.unblocked", "reward.released"]


def test_a_released_reward_is_not_delivered_while_disputed(world):
    world.take(*due(world))
    ref = world.merchant.tenant_ref()
    release.sweep(ref)
    world.take(dispute(world.now))
    fulfil.sweep(ref)
    assert (reward_of(world).state, reward_of(world).attempts) == ("RELEASED", 0)
    world.take(dispute(world.now + DAY, "won"))
    fulfil.sweep(ref)
    assert reward_of(world).state == "FULFILLED"


def test_a_lost_dispute_cancels_what_was_not_given(world):
    world.take(*due(world), dispute(world.now))
    world.take(dispute(world.now, "lost"))
    reward = reward_of(world)
    assert (reward.state, reward.reason, reward.amount_minor) == ("CANCELLED", "dispute_lost", 0)
    assert (open_blocks(world), balances(world)) == ([], {})


def test_a_lost_dispute_takes_back_what_was_given_and_a_won_one_gives_it_again(world):
    world.take(*due(world))
    ref = world.merchant.tenant_ref()
    release.sweep(ref)
    fulfil.sweep(ref)
    world.take(dispute(world.now))
    assert (reward_of(world).state, open_blocks(world)) == ("FULFILLED", [])
    world.take(dispute(world.now, "lost", amount=5000))
    assert (reward_of(world).state, reward_of(world).clawed_back_minor) == ("FULFILLED", 500)
    world.take(dispute(world.now, "lost", "d2"))
    assert (reward_of(world).state, reward_of(world).reason) == ("REVERSED", "dispute_lost")
    assert balances(world) == {"CLAWED_BACK": 2000, "FULFILLED": -2000}
    world.take(dispute(world.now + DAY, "won", "d2"))
    assert (reward_of(world).state, reward_of(world).clawed_back_minor) == ("FULFILLED", 500)


def test_what_failed_is_not_tried_again_while_disputed(world):
    world.take(*due(world))
    release.sweep(world.merchant.tenant_ref())
    with at_work(world.merchant) as now:
        Reward.objects.update(state="FAILED", failed_at=now)
    world.take(dispute(world.now))
    assert open_blocks(world) == ["DISPUTE"]


@pytest.mark.parametrize(("end", "amount"), [("won", 2000), ("lost", 800)])
def test_every_order_of_arrival_ends_the_same(world, end, amount):  # hostile 76, swapped
    token = world.click()
    facts = [
        snapshot(world.now, token=token),
        dispute(world.now + DAY, amount=12000),
        dispute(world.now + DAY, end, amount=12000),
        delivery(world.now + 2 * DAY),
    ]
    orders = list(permutations(facts))[:: 5 if end == "won" else 4]
    with at_work(world.merchant):  # so many at one moment would be looked at
        FraudPolicy.objects.create(program=world.program, weights={"VELOCITY": 0})
    for number, order in enumerate(orders):
        for fact in order:
            world.take(fact, number=str(number), email=f"f{number}@friend.example")
            world.take(fact, number=str(number), email="")
    with at_work(world.merchant):
        ends = list(Reward.objects.values_list("state", "amount_minor", "release_at"))
    assert ends == [("HELD", amount, world.now + 32 * DAY)] * len(orders)
    assert open_blocks(world) == []
    assert balances(world) == {"REWARD_COST": amount * len(orders), "HELD": -amount * len(orders)}
