"""Rewards across orders: every N-th, tiers, caps by value and period, bonuses, budgets, choices, further orders."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advocates.models import Advocate, Link
from merchants.models import Event
from programs.actions.edit import save_draft
from programs.actions.lifecycle import publish_program
from programs.models import Program, RewardKind
from programs.rules import CapPeriod, Choice, Form, Fulfilment, Gives, Offer, RewardRule, Tier, TierMetric, Value
from rewards import ledger
from rewards.actions.blocks import RewardStateError
from rewards.actions.budget import BudgetTooSmall, set_budget
from rewards.actions.choice import choose, end_patience
from rewards.models import Account, BonusCampaign, Budget, LedgerEntry, Reward, RewardBlock
from rewards.rules import earns_now
from rewards.rules.ending import PATIENCE
from rewards.steps import release
from tests.cast import World, a_world, at_work
from tests.facts import DAY, delivery, refund, snapshot
from tests.races import at_once
from tracking.actions.claims import begin_claim
from tracking.models import Referral

pytestmark = pytest.mark.django_db

TEN = RewardRule(kind=Value.FIXED, value=1000, fulfilment=Fulfilment.COUPON_POOL)


def megabytes(value: int) -> RewardRule:
    gives = Gives("0199a0a0-0000-7000-8000-000000000001", "Space", Form.CUSTOM_UNIT, "MB", Fulfilment.BALANCE)
    return RewardRule(kind=Value.FIXED, value=value, fulfilment=Fulfilment.BALANCE, gives=gives)


def buy(world: World, number: int | str, *, days: int = 0, lines: list[int] | None = None, email: str = ""):
    at = world.now + days * DAY
    fact = snapshot(at, token=world.click(at=at - DAY), lines=lines)
    return world.take(fact, number=str(number), email=email or f"f{number}@friend.example", now=at)


def amounts(world: World) -> list[tuple[str, int]]:
    with at_work(world.merchant):
        rewards = Reward.objects.filter(side="ADVOCATE").order_by("order__placed_at", "pk")
        return list(rewards.values_list("state", "amount_minor"))


class TestEveryNth:
    def test_every_third_referral_earns_and_the_others_count_towards_it(self):
        world = a_world(advocate_reward=replace(TEN, every=3))
        for number in range(1, 7):
            buy(world, number)
        with at_work(world.merchant):
            assert Reward.objects.filter(side="ADVOCATE").count() == 2
            reasons = list(Referral.objects.order_by("pk").values_list("reasons", flat=True))
        assert reasons == [["counts_towards_the_next"]] * 2 + [["qualifies"]] + [["counts_towards_the_next"]] * 2 + [
            ["qualifies"]
        ]

    def test_after_a_return_the_same_place_does_not_pay_twice(self):
        world = a_world(advocate_reward=replace(TEN, every=3))
        for number in range(1, 4):
            buy(world, number)
        world.take(refund(world.now, amount=20000), number="2", email="")
        buy(world, 4)
        assert sorted(amounts(world)) == [("CANCELLED", 0), ("HELD", 1000)]

    @given(st.lists(st.booleans(), max_size=30), st.integers(1, 5))
    def test_never_more_than_one_in_n(self, stays, every):
        qualified = rewarded = 0
        for stay in stays:
            qualified += 1
            rewarded += earns_now(qualified=qualified, rewarded=rewarded, every=every)
            qualified -= not stay
        assert rewarded <= len(stays) // every


class TestTiers:
    def world(self, **more) -> World:
        gold = Tier("Gold", 2, replace(TEN, value=2500), Offer(kind=Value.FIXED, value=700))
        return a_world(advocate_reward=TEN, tiers=(gold,), **more)

    def test_the_next_referral_after_the_threshold_gets_the_better_reward(self):
        world = self.world()
        for number in range(1, 5):
            buy(world, number)
        assert [amount for _state, amount in amounts(world)] == [1000, 1000, 2500, 2500]
        with at_work(world.merchant):
            assert Advocate.objects.get(pk=world.advocate.pk).tier == 1
            assert Event.objects.filter(code="advocate.tier_moved").count() == 1

    def test_a_refund_takes_nobody_down_again(self):
        world = self.world()
        for number in range(1, 4):
            buy(world, number)
        for number in range(1, 3):
            world.take(refund(world.now, amount=20000), number=str(number), email="")
        buy(world, 4)
        assert amounts(world)[-1] == ("HELD", 2500)

    def test_by_revenue(self):
        world = self.world(tier_metric=TierMetric.REVENUE)
        world = a_world(
            owner="rev@nordlicht.example",
            name="Umsatz",
            advocate_reward=TEN,
            tiers=(Tier("Gold", 30000, replace(TEN, value=2500)),),
            tier_metric=TierMetric.REVENUE,
        )
        for number in range(1, 4):
            buy(world, number)
        assert [amount for _state, amount in amounts(world)] == [1000, 1000, 2500]

    def test_friends_of_a_higher_level_get_its_offer(self):
        world = self.world()
        for number in range(1, 3):
            buy(world, number)
        with at_work(world.merchant) as now:
            advocate = Advocate.objects.get(pk=world.advocate.pk)
            begun = begin_claim(link=_link(advocate), friend=None, click_id=UUID(int=7), name_shown=False, now=now)
            assert begun.request is not None
            assert (begun.claim.tier, begun.request.value_kind, begun.request.value) == (1, "FIXED", 700)


def _link(advocate: Advocate) -> Link:
    return Link.objects.select_related("advocate__program__terms").get(advocate=advocate, channel="LINK")


class TestCapByValue:
    def test_dropboxs_space_ends_exactly_at_the_cap(self):
        world = a_world(advocate_reward=TEN)
        with at_work(world.merchant) as now:
            _kind_row(now)
            terms = replace(world.terms(), advocate_reward=megabytes(500), advocate_cap_minor=1200)
            words = {"name": "Freunde", "auto_enrol": "OFF", "self_sign_up": True}
            save_draft(program=world.program, terms=terms, by="t", now=now, **words)
            publish_program(program=world.program, by="t", now=now)
        for number in range(1, 5):
            buy(world, number, days=5)
        assert [amount for _state, amount in amounts(world)] == [500, 500, 200]
        with at_work(world.merchant):
            assert Referral.objects.get(order__external_id="4").reasons == ["advocate_cap_reached"]
            assert Event.objects.filter(code="advocate.cap_reached").count() == 1
            assert Event.objects.filter(code="advocate.cap_near").count() == 1
            assert set(Reward.objects.values_list("unit", flat=True)) == {"MB"}

    def test_a_months_cap_counts_that_month_only(self):
        world = a_world(advocate_reward=TEN, advocate_cap=1, cap_period=CapPeriod.ROLLING_30)
        buy(world, 1)
        buy(world, 2, days=10)
        buy(world, 3, days=31)
        assert [state for state, _ in amounts(world)] == ["HELD", "HELD"]
        with at_work(world.merchant):
            assert Referral.objects.get(order__external_id="2").over_cap


def _kind_row(now) -> None:
    RewardKind.objects.create(
        id=UUID(megabytes(1).gives.id),
        name="Space",
        form="CUSTOM_UNIT",
        fulfilment="BALANCE",
        unit="MB",
        created_at=now,
    )


class TestBonus:
    def campaign(self, world: World, **changes) -> None:
        with at_work(world.merchant) as now:
            values = {"name": "Double", "starts_at": world.now - DAY, "ends_at": world.now + 5 * DAY} | changes
            BonusCampaign.objects.create(program=world.program, created_at=now, created_by="t", **values)

    def test_orders_placed_in_its_time_earn_double_and_keep_it(self):
        world = a_world(advocate_reward=TEN)
        self.campaign(world, multiplier_bp=20_000)
        buy(world, 1)
        buy(world, 2, days=6)
        with at_work(world.merchant):
            BonusCampaign.objects.update(ends_at=world.now - DAY)
        world.take(delivery(world.now), number="1", email="")
        assert [amount for _state, amount in amounts(world)] == [2000, 1000]

    def test_an_extra_on_top_follows_a_refund_only_to_nothing(self):
        world = a_world(advocate_reward=RewardRule(value=1000, fulfilment=Fulfilment.COUPON_POOL))
        self.campaign(world, extra_minor=300)
        buy(world, 1)
        assert amounts(world) == [("HELD", 2300)]
        world.take(refund(world.now, amount=10000), number="1", email="")
        assert amounts(world) == [("HELD", 1300)]
        world.take(refund(world.now, "r2", amount=10000), number="1", email="")
        assert amounts(world) == [("CANCELLED", 0)]


class TestBudget:
    def give(self, world: World, limit: int, *, hard: bool = True) -> Budget:
        with at_work(world.merchant) as now:
            return set_budget(program=world.program, limit_minor=limit, is_hard=hard, by="t", now=now)

    def test_the_last_euro_is_given_once_and_the_offer_pauses(self):
        world = a_world(advocate_reward=TEN)
        self.give(world, 2500)
        for number in range(1, 4):
            buy(world, number)
        with at_work(world.merchant):
            budget = Budget.objects.get()
            assert budget.reserved_minor == 2000
            blocked = RewardBlock.objects.get(kind="BUDGET", lifted_at=None)
            assert blocked.reward.order.external_id == "3"
            assert Program.objects.get().out_of_budget_at is not None
            codes = list(Event.objects.filter(subject_kind="budget").order_by("seq").values_list("code", flat=True))
            assert codes == ["budget.set", "budget.low", "budget.reached"]
            held = ledger.balance(Account.COMMITTED, unit="EUR"), ledger.balance(Account.BUDGET, unit="EUR")
            assert held == (2000, 500)

    def test_raised_it_lets_the_waiting_in_and_opens_the_offer(self):
        world = a_world(advocate_reward=TEN)
        self.give(world, 1000)
        buy(world, 1)
        buy(world, 2)
        self.give(world, 5000)
        release.sweep(world.merchant.tenant_ref())
        with at_work(world.merchant):
            assert Budget.objects.get().reserved_minor == 2000
            assert not RewardBlock.objects.filter(kind="BUDGET", lifted_at=None).exists()
            assert Program.objects.get().out_of_budget_at is None

    def test_what_a_refund_frees_goes_to_who_waits(self):
        world = a_world(advocate_reward=TEN)
        self.give(world, 1000)
        buy(world, 1)
        buy(world, 2)
        world.take(refund(world.now, amount=20000), number="1", email="")
        release.sweep(world.merchant.tenant_ref())
        with at_work(world.merchant):
            assert Reward.objects.get(order__external_id="2").reserved_minor == 1000
            assert not RewardBlock.objects.filter(kind="BUDGET", lifted_at=None).exists()
            assert Budget.objects.get().reserved_minor == 1000

    def test_a_soft_one_warns_and_goes_on(self):
        world = a_world(advocate_reward=TEN)
        self.give(world, 1000, hard=False)
        buy(world, 1)
        buy(world, 2)
        with at_work(world.merchant):
            assert Budget.objects.get().reserved_minor == 2000
            assert not RewardBlock.objects.exists()
            assert Program.objects.get().out_of_budget_at is None
            assert Event.objects.filter(code="budget.reached").count() == 1

    def test_less_than_is_committed_is_refused_and_changes_nothing(self):
        world = a_world(advocate_reward=TEN)
        buy(world, 1)
        self.give(world, 3000)
        with at_work(world.merchant):
            before = list(Budget.objects.values()), LedgerEntry.objects.count()
        with pytest.raises(BudgetTooSmall):
            self.give(world, 999)
        with at_work(world.merchant):
            assert (list(Budget.objects.values()), LedgerEntry.objects.count()) == before
            assert before[0][0]["reserved_minor"] == 1000


@pytest.mark.django_db(transaction=True)
def test_twenty_orders_at_once_take_exactly_what_the_budget_has():  # hostile 83
    world = a_world(advocate_reward=TEN)
    with at_work(world.merchant) as now:
        set_budget(program=world.program, limit_minor=10_500, is_hard=True, by="t", now=now)
    orders = [lambda number=number: buy(world, number) for number in range(20)]
    at_once(*orders)
    with at_work(world.merchant):
        assert Budget.objects.get().reserved_minor == 10_000
        assert Reward.objects.filter(reserved_minor=1000).count() == 10
        assert RewardBlock.objects.filter(kind="BUDGET", lifted_at=None).count() == 10


class TestChoice:
    def world(self) -> World:
        choices = (
            Choice("credit", value=1200, fulfilment=Fulfilment.MANUAL),
            Choice("friend", value=0, fulfilment=Fulfilment.COUPON_POOL, to_friend=True),
        )
        return a_world(advocate_reward=replace(TEN, choices=choices))

    def test_it_waits_and_takes_what_was_chosen(self):
        world = self.world()
        world.take(snapshot(world.now, token=world.click()), delivery(world.now))
        with at_work(world.merchant) as now:
            reward = Reward.objects.get()
            assert RewardBlock.objects.get(lifted_at=None).kind == "CHOICE"
            choose(reward=reward, key="credit", by="t", now=now)
            reward.refresh_from_db()
            assert (reward.state, reward.amount_minor, reward.fulfilment) == ("HELD", 1200, "MANUAL")
            assert not RewardBlock.objects.filter(lifted_at=None).exists()
            choose(reward=reward, key="", by="t", now=now)
            reward.refresh_from_db()
            assert (reward.state, reward.amount_minor, reward.fulfilment) == ("HELD", 1000, "COUPON_POOL")
            assert ledger.balance(Account.HELD, unit="EUR") == -1000

    def test_given_to_the_friend_it_is_the_friends(self):
        world = self.world()
        world.take(snapshot(world.now, token=world.click()), delivery(world.now))
        with at_work(world.merchant) as now:
            reward = choose(reward=Reward.objects.get(), key="friend", by="t", now=now)
            assert (reward.recipient_id, reward.amount_minor) == (reward.order.customer_id, 1000)

    def test_what_nobody_chose_goes_on_after_two_weeks(self):
        world = self.world()
        world.take(snapshot(world.now, token=world.click()), delivery(world.now))
        with at_work(world.merchant):
            due = Reward.objects.get().release_at
            assert end_patience(now=due + PATIENCE - timedelta(seconds=1)) == 0
            assert end_patience(now=due + PATIENCE) == 1
            assert not RewardBlock.objects.filter(lifted_at=None).exists()

    def test_a_choice_that_is_none_changes_nothing(self):
        world = self.world()
        world.take(snapshot(world.now, token=world.click()))
        with at_work(world.merchant) as now:
            before = list(Reward.objects.values())
            with pytest.raises(RewardStateError, match="no_such_choice"):
                choose(reward=Reward.objects.get(), key="yacht", by="t", now=now)
            assert list(Reward.objects.values()) == before


class TestFurtherOrders:
    def world(self) -> World:
        return a_world(advocate_reward=RewardRule(value=1000, fulfilment=Fulfilment.MANUAL, recurring_months=3))

    def test_they_earn_for_three_months_without_a_new_link(self):
        world = self.world()
        buy(world, 1, email="eve@friend.example")
        for number, days in ((2, 30), (3, 60), (4, 120)):
            at = world.now + days * DAY
            world.take(snapshot(at), number=str(number), email="eve@friend.example", now=at)
        with at_work(world.merchant):
            referrals = dict(Referral.objects.values_list("order__external_id", "matched_by"))
            assert referrals == {"1": "TOKEN", "2": "BOUND", "3": "BOUND"}
            assert Reward.objects.filter(state="HELD", amount_minor=2000).count() == 3

    def test_without_the_rule_a_further_order_is_no_referral(self):
        world = a_world(advocate_reward=TEN)
        buy(world, 1, email="eve@friend.example")
        world.take(snapshot(world.now + DAY), number="2", email="eve@friend.example")
        with at_work(world.merchant):
            assert Referral.objects.count() == 1
