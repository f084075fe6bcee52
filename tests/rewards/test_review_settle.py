"""Orders whose evidence changes: another advocate, a buyer known later, other terms, a test order that turns real."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest

from advocates.actions.standing import pause_advocate
from advocates.models import Advocate, Link
from merchants.models import Event
from programs.actions.edit import save_draft
from programs.actions.lifecycle import end_program, pause_program, publish_program
from programs.models import Program
from programs.rules import Fulfilment, RewardRule, Value
from rewards import ledger
from rewards.actions.by_hand import NotAttributable, attribute_by_hand
from rewards.models import Account, LedgerEntry, Reward
from rewards.steps import release
from tests.cast import World, a_world, at_work, enrolled, live_program
from tests.facts import DAY, delivery, refund, snapshot
from tests.once import for_a_file
from tracking.models import Order, Referral

pytestmark = pytest.mark.django_db

BY_POOL = Fulfilment.COUPON_POOL


built, world = for_a_file(a_world)


def another(world: World, program: Program | None = None) -> tuple[Advocate, Link]:
    second = enrolled(world.merchant, program or world.program, "dora@advocate.example", "Dora Zwei")
    with at_work(world.merchant):
        return second, Link.objects.get(advocate=second, channel="LINK")


def rewards(world: World) -> list[tuple]:
    with at_work(world.merchant):
        return list(
            Reward.objects.order_by("side").values_list("side", "state", "amount_minor", "advocate_id", "recipient_id")
        )


def publish(world: World, **changes) -> None:
    with at_work(world.merchant) as now:
        terms = replace(world.program.live_terms, **changes)
        save_draft(
            program=world.program, terms=terms, name="Freunde", auto_enrol="OFF", self_sign_up=True, by="t", now=now
        )
        world.program.refresh_from_db()
        world.program = publish_program(program=world.program, by="t", now=now)


def balances(world: World) -> dict[str, int]:
    with at_work(world.merchant):
        return {a: total for a in Account if (total := ledger.balance(a, unit="EUR"))}


class TestAnotherAdvocate:
    def facts(self, world: World, code: str):
        token = world.click(at=world.now - DAY)
        return (
            snapshot(world.now, token=token),
            snapshot(world.now, token=token, codes=[(code, 0)], as_of=world.now + DAY),
        )

    @pytest.mark.parametrize("arrival", [(0, 1), (1, 0)])
    def test_the_reward_goes_to_whom_the_referral_names(self, world, arrival):
        second, link = another(world)
        facts = self.facts(world, link.code)
        for position in arrival:
            settled = world.take(facts[position])
        assert settled.referral.advocate_id == second.pk
        assert rewards(world) == [("ADVOCATE", "HELD", 2000, second.pk, second.customer_id)]
        assert balances(world) == {"REWARD_COST": 2000, "HELD": -2000}

    def test_each_step_is_told(self, world):
        _second, link = another(world)
        for fact in self.facts(world, link.code):
            world.take(fact)
        with at_work(world.merchant):
            told = list(Event.objects.filter(subject_kind="reward").order_by("seq").values_list("code", flat=True))
        assert told == ["reward.held", "reward.handed_over", "reward.held"]

    def test_in_another_program_its_terms_and_its_books_hold(self, world):
        other = live_program(
            world.merchant, name="Zweites", advocate_reward=RewardRule(Value.FIXED, 700, fulfilment=Fulfilment.MANUAL)
        )
        second, link = another(world, other)
        for fact in self.facts(world, link.code):
            world.take(fact)
        assert rewards(world) == [("ADVOCATE", "HELD", 700, second.pk, second.customer_id)]
        with at_work(world.merchant):
            reward = Reward.objects.get()
            assert (reward.program_id, reward.fulfilment) == (other.pk, "MANUAL")
            held = LedgerEntry.objects.filter(account=Account.HELD)
            sums = {
                program: sum(held.filter(program=program).values_list("amount_minor", flat=True))
                for program in (world.program, other)
            }
        assert sums == {world.program: 0, other: -700}

    def test_once_released_the_first_one_keeps_it(self, world):
        _second, link = another(world)
        past = world.now - 40 * DAY
        token = world.click(at=past - DAY)
        world.take(snapshot(past, token=token), delivery(past))
        release.sweep(world.merchant.tenant_ref())
        settled = world.take(snapshot(past, token=token, codes=[(link.code, 0)], as_of=world.now))
        assert settled.referral.advocate_id == world.advocate.pk
        assert rewards(world)[0][1:4] == ("RELEASED", 2000, world.advocate.pk)

    def test_the_cap_of_the_new_one_counts(self):
        world = a_world(advocate_cap=1)
        second, link = another(world)
        world.take(snapshot(world.now, token=world.click(link)), number="0", email="full@friend.example")
        for fact in self.facts(world, link.code):
            settled = world.take(fact)
        assert (settled.referral.advocate_id, settled.referral.over_cap) == (second.pk, True)
        with at_work(world.merchant):
            assert Reward.objects.filter(advocate=second, state="HELD").count() == 1

    def test_a_cap_that_refused_one_does_not_refuse_the_next(self):
        world = a_world(advocate_cap=1)
        second, link = another(world)
        world.take(snapshot(world.now, token=world.click()), number="0", email="full@friend.example")
        for fact in self.facts(world, link.code):
            settled = world.take(fact)
        assert (settled.referral.advocate_id, settled.referral.over_cap) == (second.pk, False)
        with at_work(world.merchant):
            assert Reward.objects.get(order__external_id="1").advocate_id == second.pk

    def test_by_hand_a_cancelled_reward_is_not_given_back_to_the_former_one(self, world):
        second, _link = another(world)
        world.take(snapshot(world.now, token=world.click()))
        world.take(refund(world.now, "r1", amount=20000))
        with at_work(world.merchant) as now:
            attribute_by_hand(order=Order.objects.get(), advocate=second, reason="They wrote to us.", by="t", now=now)
        world.take(refund(world.now + DAY, "r1", amount=0))
        assert rewards(world) == [("ADVOCATE", "HELD", 2000, second.pk, second.customer_id)]

    def test_by_hand_is_too_late_once_a_reward_was_released(self, world):
        second, _link = another(world)
        past = world.now - 40 * DAY
        world.take(snapshot(past, token=world.click(at=past - DAY)), delivery(past))
        release.sweep(world.merchant.tenant_ref())
        world.take(refund(world.now, amount=20000))
        with at_work(world.merchant) as now, pytest.raises(NotAttributable, match="already_released"):
            attribute_by_hand(order=Order.objects.get(), advocate=second, reason="They wrote to us.", by="t", now=now)


class TestTheTermsTheFriendSaw:
    def test_a_click_before_the_new_terms_keeps_the_old_ones(self, world):
        token = world.click(at=world.now - DAY)
        publish(world, advocate_reward=RewardRule(value=5000, fulfilment=BY_POOL))
        settled = world.take(snapshot(world.now, token=token))
        assert settled.referral.terms.number == 1
        assert rewards(world)[0][2] == 2000

    def test_a_click_after_them_has_the_new_ones(self, world):
        publish(world, advocate_reward=RewardRule(value=5000, fulfilment=BY_POOL))
        with at_work(world.merchant) as now:
            world.now = now
        settled = world.take(snapshot(world.now, token=world.click()))
        assert settled.referral.terms.number == 2
        assert rewards(world)[0][2] == 10000

    def test_judging_again_changes_no_promise(self, world):
        token = world.click(at=world.now - DAY)
        world.take(snapshot(world.now, token=token))
        publish(world, advocate_reward=RewardRule(value=5000, fulfilment=BY_POOL))
        world.take(snapshot(world.now, token=token, codes=[("SUMMER", 100)], as_of=world.now + DAY))
        assert rewards(world)[0][2] == 2000


class TestJudgingAgain:
    def test_a_pause_of_the_advocate_since_then_takes_nothing_away(self, world):
        token = world.click()
        world.take(snapshot(world.now, token=token))
        with at_work(world.merchant) as now:
            pause_advocate(advocate=world.advocate, by="t", now=now)
        settled = world.take(snapshot(world.now, token=token, codes=[("SUMMER", 100)], as_of=world.now + DAY))
        assert settled.referral.state == "QUALIFIED"
        assert rewards(world)[0][1:3] == ("HELD", 2000)

    def test_a_touch_during_the_last_pause_does_not_count_after_the_end_either(self, world):
        with at_work(world.merchant):
            pause_program(program=world.program, by="t", now=world.now)
            end_program(program=world.program, by="t", now=world.now + 2 * DAY)
        settled = world.take(snapshot(world.now + DAY, token=world.click(at=world.now + DAY)))
        assert (settled.referral, settled.order.decision["reason"]) == (None, "program_closed_at_touch")


class TestABuyerKnownLater:
    def test_the_friend_and_their_reward_come_with_the_address(self):
        world = a_world(friend_reward=RewardRule(Value.FIXED, 500, fulfilment=BY_POOL))
        token = world.click()
        world.take(snapshot(world.now, token=token), email="")
        assert [row[0] for row in rewards(world)] == ["ADVOCATE"]
        settled = world.take(delivery(world.now))
        assert settled.referral.friend_id is not None
        assert [row[:3] for row in rewards(world)] == [("ADVOCATE", "HELD", 2000), ("FRIEND", "HELD", 500)]

    def test_a_decision_by_hand_learns_of_the_buyer_too(self):
        world = a_world(friend_reward=RewardRule(Value.FIXED, 500, fulfilment=BY_POOL))
        world.take(snapshot(world.now), email="")
        with at_work(world.merchant) as now:
            attribute_by_hand(
                order=Order.objects.get(), advocate=world.advocate, reason="They wrote to us.", by="t", now=now
            )
        settled = world.take(delivery(world.now))
        assert (settled.referral.matched_by, settled.referral.friend_id) == ("MANUAL", settled.order.customer_id)
        assert [row[0] for row in rewards(world)] == ["ADVOCATE", "FRIEND"]

    def test_a_decision_by_hand_does_not_pay_for_an_own_purchase(self, world):
        world.take(snapshot(world.now), email="")
        with at_work(world.merchant) as now:
            attribute_by_hand(
                order=Order.objects.get(), advocate=world.advocate, reason="They wrote to us.", by="t", now=now
            )
        settled = world.take(delivery(world.now), email="dana@advocate.example")
        assert (settled.referral.state, settled.referral.reasons) == ("BLOCKED", ["own_purchase"])
        assert rewards(world)[0][1:3] == ("CANCELLED", 0)

    def test_a_decision_by_hand_stays_when_other_evidence_comes(self, world):
        second, _link = another(world)
        world.take(snapshot(world.now))
        with at_work(world.merchant) as now:
            attribute_by_hand(order=Order.objects.get(), advocate=second, reason="They wrote to us.", by="t", now=now)
        settled = world.take(snapshot(world.now, token=world.click(at=world.now - DAY), as_of=world.now + DAY))
        assert (settled.referral.advocate_id, settled.referral.matched_by) == (second.pk, "MANUAL")


class TestBuyersWhoBecomeAdvocates:
    @pytest.fixture
    def world(self) -> World:
        world = a_world()
        with at_work(world.merchant):
            Program.objects.update(auto_enrol="ON")
        return world

    def joined(self, world: World) -> list[str]:
        with at_work(world.merchant):
            return list(Advocate.objects.exclude(pk=world.advocate.pk).values_list("customer__email", flat=True))

    def test_an_order_that_was_a_test_at_first_makes_one(self, world):
        world.take(snapshot(world.now, test=True))
        assert self.joined(world) == []
        world.take(snapshot(world.now, as_of=world.now + DAY))
        assert self.joined(world) == ["eve@friend.example"]

    def test_a_paid_order_whose_buyer_comes_later_makes_one(self, world):
        world.take(snapshot(world.now), email="")
        world.take(delivery(world.now))
        assert self.joined(world) == ["eve@friend.example"]


class TestTheFriendsReward:
    def test_over_the_cap_a_friend_gets_it_once(self):
        world = a_world(
            advocate_cap=1, new_customers_only=False, friend_reward=RewardRule(Value.FIXED, 500, fulfilment=BY_POOL)
        )
        token = world.click()
        world.take(snapshot(world.now, token=token), number="0", email="first@friend.example")
        for number in ("1", "2", "3"):
            world.take(snapshot(world.now, token=token), number=number)
        with at_work(world.merchant):
            given = Reward.objects.filter(side="FRIEND", state="HELD", recipient__email="eve@friend.example")
            assert given.count() == 1
            assert Referral.objects.filter(over_cap=True).count() >= 1


class TestWhatWasWorthSomethingOnce:
    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"test": True}, "test_order"),
            ({"currency": "USD"}, "currency_differs"),
            ({"country": "FR"}, "country_not_included"),
        ],
    )
    @pytest.mark.parametrize("arrival", list(permutations(range(3))))
    def test_it_leaves_the_same_row_however_the_versions_came(self, change, reason, arrival):
        world = a_world(countries=("DE",))
        token = world.click()
        facts = [
            snapshot(world.now, token=token, paid=False, as_of=world.now - DAY),
            snapshot(world.now, token=token),
            snapshot(world.now, token=token, as_of=world.now + DAY, **change),
        ]
        for position in arrival:
            world.take(facts[position])
        with at_work(world.merchant):
            rows = list(Reward.objects.values_list("state", "amount_minor", "full_minor", "reason"))
        full = 0 if "currency" in change else 2000  # dollars are never read as euros, not even in what would have been
        assert rows == [("CANCELLED", 0, full, reason)]
        assert balances(world) == {}
