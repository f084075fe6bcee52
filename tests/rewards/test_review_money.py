"""Found by reading the money's whole path: budgets at a hand-over, what ended still counts, waits that must end."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest

from advocates.models import Advocate, Link
from kit.locks import Rank, watch
from kit.tenancy import in_tenant_transaction
from merchants.models import Event, WakeUp
from programs.models import KindStock
from programs.rules import Choice, Form, Fulfilment, RewardRule, Tier, Value
from rewards.actions.addresses import give_address
from rewards.actions.audit import look_at_books
from rewards.actions.blocks import block_reward, lift_block
from rewards.actions.budget import let_in, set_budget
from rewards.actions.choice import end_patience
from rewards.actions.rejection import reject_reward
from rewards.actions.settle import settle_order
from rewards.actions.tax import collect_tax_form, hold_for_tax
from rewards.choices import grant_of
from rewards.models import BonusCampaign, Budget, DeliveryAddress, Reward, RewardBlock, TaxForm
from rewards.rules.ending import PATIENCE
from rewards.selectors import next_release_at
from rewards.steps import fulfil
from tests.cast import World, a_world, at_work, enrolled, live_program, workspace_of
from tests.facts import DAY, delivery, refund, snapshot
from tests.races import Rival
from tests.rewards.kinds import a_kind
from tests.rewards.test_every_kind import HOME, a_world_giving
from tests.rewards.test_tax import a_shop
from tracking.models import Referral

pytestmark = pytest.mark.django_db

TEN = RewardRule(kind=Value.FIXED, value=1000, fulfilment=Fulfilment.COUPON_POOL)
CHOICES = (Choice("credit", value=1200, fulfilment=Fulfilment.MANUAL), Choice("friend", to_friend=True))


def second_program(world: World, **changes) -> Link:
    """Another program of the merchant, with an advocate of its own; gives their link."""
    program = live_program(world.merchant, name="Zweites", **{"advocate_reward": TEN, **changes})
    advocate = enrolled(world.merchant, program, email="gus@advocate.example", name="Gus")
    with at_work(world.merchant):
        return Link.objects.get(advocate=advocate, channel="LINK")


def hand_over(world: World, link: Link) -> None:
    """An order of the first program, and then evidence of an earlier click at the other advocate's."""
    token = world.click(at=world.now - DAY)
    earlier = world.click(link, at=world.now - 2 * DAY)
    world.take(snapshot(world.now, token=token))
    world.take(snapshot(world.now, tokens=[token, earlier], as_of=world.now + DAY))


def second_advocate(world: World) -> Link:
    other = enrolled(world.merchant, world.program, email="gus@advocate.example", name="Gus")
    with at_work(world.merchant):
        return Link.objects.get(advocate=other, channel="LINK")


def open_blocks(world: World) -> list[str]:
    with at_work(world.merchant):
        return list(RewardBlock.objects.filter(lifted_at=None).order_by("kind").values_list("kind", flat=True))


def differences(world: World) -> list:
    with at_work(world.merchant):
        return look_at_books().differences


class TestHandOver:
    def test_to_another_program_frees_the_first_ones_budget_and_takes_from_the_second(self):
        world = a_world(advocate_reward=TEN)
        link = second_program(world)
        with at_work(world.merchant) as now:
            for program in (world.program, link.advocate.program):
                set_budget(program=program, limit_minor=5000, is_hard=True, by="t", now=now)
        hand_over(world, link)
        with at_work(world.merchant):
            assert Reward.objects.get().advocate_id == link.advocate_id
            reserved = dict(Budget.objects.values_list("program__name", "reserved_minor"))
        assert reserved == {"Freunde": 0, "Zweites": 1000}
        assert differences(world) == []

    def test_to_a_program_without_a_budget_keeps_nothing(self):
        world = a_world(advocate_reward=TEN)
        link = second_program(world)
        with at_work(world.merchant) as now:
            set_budget(program=world.program, limit_minor=5000, is_hard=True, by="t", now=now)
        hand_over(world, link)
        with at_work(world.merchant):
            assert Budget.objects.get().reserved_minor == 0
            assert Reward.objects.get().reserved_minor == 0
        assert differences(world) == []

    def test_to_terms_without_a_choice_asks_for_none(self):
        world = a_world(advocate_reward=replace(TEN, choices=CHOICES))
        link = second_program(world)
        hand_over(world, link)
        assert open_blocks(world) == []

    def test_to_somebody_else_leaves_the_first_ones_tax_form_behind(self):
        world = a_world(advocate_reward=TEN)
        link = second_program(world)
        world.take(snapshot(world.now, token=world.click(at=world.now - DAY)))
        with at_work(world.merchant) as now:
            block_reward(reward=Reward.objects.get(), kind=RewardBlock.Kind.TAX_FORM, reason="W-9", by="t", now=now)
        hand_over(world, link)
        assert open_blocks(world) == []

    def test_to_somebody_else_leaves_the_first_ones_refusal_behind(self):
        world = a_world(advocate_reward=TEN)
        link = second_advocate(world)
        world.take(snapshot(world.now, token=world.click(at=world.now - DAY)))
        with at_work(world.merchant) as now:
            reject_reward(reward=Reward.objects.get(), reason="Dana is my cousin", by="t", now=now)
        hand_over(world, link)
        with at_work(world.merchant):
            reward = Reward.objects.get()
            told = Event.objects.get(code="reward.handed_over").data
        assert (reward.recipient_id, reward.state, reward.amount_minor) == (link.advocate.customer_id, "HELD", 1000)
        assert (reward.rejected_at, reward.note) == (None, "")
        assert told["was_refused"] is True
        assert differences(world) == []

    def test_what_was_refused_stays_refused_when_its_advocate_gives_it_to_the_friend(self):
        world = a_world(advocate_reward=replace(TEN, choices=CHOICES))
        world.take(snapshot(world.now, token=world.click(at=world.now - DAY)))
        with at_work(world.merchant) as now:
            reward = Reward.objects.get()
            reject_reward(reward=reward, reason="no", by="t", now=now)
            referral = Referral.objects.get()
            referral.granted = grant_of(referral).to_json() | {"chosen": "friend"}
            referral.save(update_fields=["granted"])
            settle_order(order=reward.order, now=now, by="t")
            reward.refresh_from_db()
            assert (reward.recipient_id, reward.state) == (referral.friend_id, "CANCELLED")
            assert reward.rejected_at == now

    def test_what_was_refused_a_friend_stays_so_whoever_sent_them(self):
        world = a_world(advocate_reward=TEN, friend_reward=TEN)
        link = second_advocate(world)
        world.take(snapshot(world.now, token=world.click(at=world.now - DAY)))
        with at_work(world.merchant) as now:
            reject_reward(reward=Reward.objects.get(side="FRIEND"), reason="no", by="t", now=now)
        hand_over(world, link)
        with at_work(world.merchant):
            assert dict(Reward.objects.values_list("side", "state")) == {"ADVOCATE": "HELD", "FRIEND": "CANCELLED"}
            assert set(Reward.objects.values_list("advocate_id", flat=True)) == {link.advocate_id}

    def test_what_a_person_stopped_stays_stopped(self):
        world = a_world(advocate_reward=TEN)
        link = second_advocate(world)
        world.take(snapshot(world.now, token=world.click(at=world.now - DAY)))
        with at_work(world.merchant) as now:
            block_reward(reward=Reward.objects.get(), kind=RewardBlock.Kind.MANUAL, reason="wait", by="t", now=now)
        hand_over(world, link)
        assert open_blocks(world) == ["MANUAL"]

    def test_a_thing_for_somebody_else_forgets_where_the_first_one_lives(self):
        merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
        world = a_world_giving(merchant, a_kind(merchant, Form.SWAG, sizes={"M": 3}), 1)
        link = second_program(world)
        world.take(snapshot(world.now, token=world.click(at=world.now - DAY)))
        with at_work(merchant) as now:
            give_address(reward=Reward.objects.get(), where=replace(HOME, size="M"), by="t", now=now)
            assert KindStock.objects.get().left == 2
        hand_over(world, link)
        with at_work(merchant):
            assert Reward.objects.get().fulfilment == "COUPON_POOL"
            assert not DeliveryAddress.objects.exists()
            assert KindStock.objects.get().left == 3
        assert open_blocks(world) == []

    def test_the_same_thing_for_somebody_else_asks_them_where_they_live(self):
        merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
        world = a_world_giving(merchant, a_kind(merchant, Form.SWAG, sizes={"M": 3}), 1)
        other = enrolled(merchant, world.program, email="gus@advocate.example", name="Gus")
        world.take(snapshot(world.now, token=world.click(at=world.now - DAY)))
        with at_work(merchant) as now:
            give_address(reward=Reward.objects.get(), where=replace(HOME, size="M"), by="t", now=now)
            link = Link.objects.get(advocate=other, channel="LINK")
        hand_over(world, link)
        with at_work(merchant):
            assert Reward.objects.get().recipient_id == other.customer_id
            assert not DeliveryAddress.objects.exists()
            assert KindStock.objects.get().left == 3
        assert open_blocks(world) == ["ADDRESS"]


def test_what_was_given_back_before_it_was_seen_paid_ends_as_if_it_had_been_seen():
    """The level, a bonus and the shorter hold show beside a cancelled reward, whichever came first."""
    gold = Tier("Gold", 1, RewardRule(value=2000, fulfilment=Fulfilment.MANUAL))
    ends = []
    for turn, order in enumerate(permutations(range(3))):
        world = a_world(
            owner=f"a{turn}@nordlicht.example",
            name=f"Laden {turn}",
            advocate_reward=TEN,
            tiers=(gold,),
            trust_hold_days=(5,),
            advocate_cap_minor=3000,
        )
        at = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
        with at_work(world.merchant) as now:
            Advocate.objects.update(tier=1, trust_level=1)
            times = {"starts_at": at - DAY, "ends_at": at + DAY, "created_at": now, "created_by": "t"}
            BonusCampaign.objects.create(program=world.program, name="Double", multiplier_bp=20_000, **times)
        token = world.click(at=at - DAY)
        facts = [snapshot(at, token=token), delivery(at), refund(at + DAY, amount=20000)]
        for index in order:
            world.take(facts[index])
        with at_work(world.merchant):
            ends.append(Reward.objects.values("state", "amount_minor", "full_minor", "release_at", "fulfilment").get())
    assert all(end == ends[0] for end in ends)
    assert (ends[0]["state"], ends[0]["full_minor"], ends[0]["fulfilment"]) == ("CANCELLED", 3000, "MANUAL")


class TestWhatEndedCounts:
    def end(self, world: World, **which) -> None:
        with at_work(world.merchant) as now:
            Reward.objects.filter(**which).update(state="EXPIRED", expired_at=now, reason="validity_over")

    def buy(self, world: World, number: int) -> None:
        fact = snapshot(world.now, token=world.click(at=world.now - DAY))
        world.take(fact, number=str(number), email=f"f{number}@friend.example")

    def test_every_third_is_still_every_third(self):
        world = a_world(advocate_reward=replace(TEN, every=3))
        for number in range(1, 4):
            self.buy(world, number)
        self.end(world)
        self.buy(world, 4)
        with at_work(world.merchant):
            assert Reward.objects.count() == 1

    def test_it_keeps_its_place_under_the_cap(self):
        world = a_world(advocate_reward=TEN, advocate_cap=1)
        self.buy(world, 1)
        self.end(world)
        self.buy(world, 2)
        world.take(delivery(world.now), number="1", email="")
        with at_work(world.merchant):
            assert Reward.objects.filter(side="ADVOCATE").count() == 1
            states = dict(Referral.objects.values_list("order__external_id", "state"))
        assert states == {"1": "QUALIFIED", "2": "NOT_QUALIFIED"}

    def test_a_friends_reward_that_ended_is_not_given_again_for_their_next_order(self):
        world = a_world(
            advocate_reward=replace(TEN, recurring_months=3),
            friend_reward=replace(TEN, fulfilment=Fulfilment.MANUAL),
        )
        self.buy(world, 1)
        self.end(world, side="FRIEND")
        at = world.now + 30 * DAY
        world.take(snapshot(at), number="2", email="f1@friend.example", now=at)
        with at_work(world.merchant):
            assert Reward.objects.filter(side="FRIEND").count() == 1
            assert Reward.objects.filter(side="ADVOCATE").count() == 2


def test_what_had_ended_and_was_used_after_all_is_out_of_the_budget_again():
    world = a_world(advocate_reward=TEN)
    with at_work(world.merchant) as now:
        set_budget(program=world.program, limit_minor=5000, is_hard=True, by="t", now=now)
    world.take(snapshot(world.now, token=world.click()))
    with at_work(world.merchant) as now:
        ended = {"state": "EXPIRED", "released_at": now, "fulfilled_at": now, "expired_at": now, "reserved_minor": 0}
        Reward.objects.update(voucher="GIVEN", **ended)
        Budget.objects.update(reserved_minor=0)
    world.take(snapshot(world.now, codes=[("GIVEN", 0)]), number="2", email="kim@friend.example")
    with at_work(world.merchant):
        assert Reward.objects.values_list("state", "reserved_minor").get() == ("FULFILLED", 1000)
        assert Budget.objects.get().reserved_minor == 1000


class TestWaitsEnd:
    def test_many_that_find_no_room_do_not_keep_others_waiting(self):
        world = a_world(advocate_reward=TEN)
        link = second_program(world)
        with at_work(world.merchant) as now:
            for program in (world.program, link.advocate.program):
                set_budget(program=program, limit_minor=500, is_hard=True, by="t", now=now)
        for number, where in ((1, world.link), (2, link)):
            world.take(
                snapshot(world.now, token=world.click(where, at=world.now - DAY)),
                number=str(number),
                email=f"f{number}@friend.example",
            )
        assert open_blocks(world) == ["BUDGET", "BUDGET"]
        with at_work(world.merchant) as now:
            set_budget(program=link.advocate.program, limit_minor=5000, is_hard=True, by="t", now=now)
            assert let_in(now=now, limit=1) == 1
            assert let_in(now=now, limit=1) == 0
            assert RewardBlock.objects.get(lifted_at=None).reward.order.external_id == "1"

    def test_what_was_released_already_goes_on_at_once_when_there_is_budget(self):
        world = a_world(advocate_reward=TEN)
        world.take(snapshot(world.now, token=world.click()))
        with at_work(world.merchant) as now:
            reward = Reward.objects.get()
            block_reward(reward=reward, kind=RewardBlock.Kind.BUDGET, reason="", by="t", now=now)
            Reward.objects.update(state="RELEASED", released_at=now, next_try_at=now)
            before = WakeUp.objects.filter(kind="fulfil").count()
            assert let_in(now=now) == 1
            assert WakeUp.objects.filter(kind="fulfil").count() == before + 1

    def test_a_delivery_under_way_goes_on_at_once_when_nothing_stops_it(self):
        world = a_world(advocate_reward=TEN)
        world.take(snapshot(world.now, token=world.click()))
        with at_work(world.merchant) as now:
            block_reward(reward=Reward.objects.get(), kind=RewardBlock.Kind.MANUAL, reason="", by="t", now=now)
            Reward.objects.update(state="FULFILLING", released_at=now, next_try_at=now)
            before = WakeUp.objects.filter(kind="fulfil").count()
            lift_block(reward=Reward.objects.get(), kind=RewardBlock.Kind.MANUAL, by="t", now=now)
            assert WakeUp.objects.filter(kind="fulfil").count() == before + 1

    def test_the_end_of_patience_is_a_moment_somebody_is_woken_at(self):
        world = a_world(advocate_reward=replace(TEN, choices=CHOICES))
        world.take(snapshot(world.now, token=world.click()), delivery(world.now))
        with at_work(world.merchant):
            due = Reward.objects.get().release_at
            assert next_release_at() == due + PATIENCE
            end_patience(now=due + PATIENCE)
            assert next_release_at() == due


@pytest.mark.django_db(transaction=True)
def test_what_becomes_due_while_the_form_is_marked_collected_does_not_wait_for_it():
    shop = a_shop()
    shop.earn(250_000)
    world = shop.world
    at = world.now - 40 * DAY
    fact = snapshot(at, token=world.click(at=at - DAY), lines=[2_500_000], currency="USD", country="US")
    world.take(fact, delivery(at + DAY), number="later", email="later@friend.example")
    with at_work(world.merchant) as now:
        collect_tax_form(form=TaxForm.objects.get(), by="t", now=now)
        sweep = Rival(lambda: in_tenant_transaction(world.merchant.tenant_ref(), lambda: hold_for_tax(now=now)))
        sweep.waits_for_us()
    sweep.result()
    assert open_blocks(world) == []


class TestLocks:
    def test_what_a_delivery_settles_locks_in_the_one_order(self):
        world = a_world(advocate_reward=TEN, advocate_cap=5)
        world.take(snapshot(world.now, token=world.click()))
        with at_work(world.merchant) as now:
            Reward.objects.update(state="RELEASED", released_at=now, next_try_at=now)
        with watch() as taken:
            fulfil.sweep(world.merchant.tenant_ref())
        first_taken = [rank for rank in dict.fromkeys(taken[1:]) if rank <= Rank.REWARD]
        assert first_taken == sorted(first_taken)
        assert Rank.ADVOCATE in first_taken

    def test_a_code_that_comes_back_is_locked_together_with_the_orders_own_rewards(self):
        world = a_world(advocate_reward=TEN, advocate_cap=5)
        world.take(snapshot(world.now, token=world.click()), number="1")
        with at_work(world.merchant) as now:
            Reward.objects.update(
                state="FULFILLED", released_at=now, fulfilled_at=now, voucher="GIVEN", amount_minor=1000
            )
        fact = snapshot(world.now, token=world.click(), codes=[("GIVEN", 0)])
        with watch() as taken:
            world.take(fact, number="2", email="kim@friend.example")
        assert taken.index(Rank.ADVOCATE) < taken.index(Rank.REWARD)
        with at_work(world.merchant):
            assert Reward.objects.get(voucher="GIVEN").used_at == world.now
