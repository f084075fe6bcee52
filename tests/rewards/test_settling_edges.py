"""What stands for one order at the edges of the reward rule: who is told what, and what each side gets. No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from programs.rules import Choice, Form, Fulfilment, Gives, RewardRule, Terms, Tier, Value
from rewards.rules import Grant, Kindly, Standing, Wanted, WantedReward, Why, advocate_rule, kindly, level_rule, settle
from rewards.rules.restored import hold_was_over, may_be_out
from rewards.rules.tax import threshold_for
from tests.facts import DAY, NOON, delivery, dispute, refund, snapshot
from tracking.rules import Basis, Fact, read_order

SECOND = timedelta(seconds=1)
FIVE_EUROS = RewardRule(kind=Value.FIXED, value=500)
TERMS = Terms(currency="EUR", friend_reward=FIVE_EUROS)
ARRIVED = NOON + 3 * DAY
DUE = ARRIVED + 30 * DAY


def wanted(*facts: Fact, terms: Terms = TERMS, touched_at: datetime = NOON, grant: Grant | None = None) -> Wanted:
    view = read_order(facts)
    assert view is not None
    return settle(view, terms, touched_at=touched_at, zone="Europe/Berlin", grant=grant or Grant())


def reward(amount: int, full: int, fair: int | None = None) -> WantedReward:
    return WantedReward(amount, full, amount if fair is None else fair, DUE, Basis.DELIVERED)


def test_each_side_gets_its_own_and_both_wait_for_the_return_window():
    assert wanted(snapshot(NOON), delivery(ARRIVED)) == Wanted(
        Standing.QUALIFIED, Why.QUALIFIES, advocate=reward(2000, 2000), friend=reward(500, 500)
    )


def test_without_a_reward_for_friends_there_is_none():
    found = wanted(snapshot(NOON), delivery(ARRIVED), terms=replace(TERMS, friend_reward=None))
    assert (found.advocate, found.friend) == (reward(2000, 2000), None)


def test_after_a_refund_it_is_known_what_it_was_at_first():
    found = wanted(snapshot(NOON), delivery(ARRIVED), refund(ARRIVED, amount=6000))
    assert (found.advocate, found.friend) == (reward(1400, 2000), reward(500, 500))


def test_cancelled_rewards_stay_as_rows_worth_nothing():
    found = wanted(snapshot(NOON), delivery(ARRIVED), refund(ARRIVED, amount=20000))
    assert found == Wanted(Standing.NOT_QUALIFIED, Why.REFUNDED, reward(0, 2000), reward(0, 500))


class TestReasons:
    @pytest.mark.parametrize(
        ("changes", "terms", "reason"),
        [
            ({}, {"min_order_minor": 20000}, Why.QUALIFIES),
            ({}, {"min_order_minor": 20001}, Why.BELOW_MINIMUM),
            ({}, {"countries": ("AT", "DE")}, Why.QUALIFIES),
            ({}, {"countries": ("AT",)}, Why.OTHER_COUNTRY),
            ({"country": ""}, {"countries": ("DE",)}, Why.OTHER_COUNTRY),
            ({"currency": "USD"}, {}, Why.OTHER_CURRENCY),
            ({"test": True}, {}, Why.TEST_ORDER),
            ({"cancelled_at": ARRIVED}, {}, Why.CANCELLED),
            # of several the one that says most
            ({"test": True, "currency": "USD"}, {}, Why.TEST_ORDER),
            ({"currency": "USD", "cancelled_at": ARRIVED}, {}, Why.OTHER_CURRENCY),
            ({"cancelled_at": ARRIVED, "country": "FR"}, {"countries": ("DE",)}, Why.CANCELLED),
        ],
    )
    def test_the_first_thing_in_the_way_is_named(self, changes, terms, reason):
        assert wanted(snapshot(NOON, **changes), terms=replace(TERMS, **terms)).reason == reason

    def test_one_unit_of_the_base_is_enough(self):
        assert wanted(snapshot(NOON, lines=[1])).reason == Why.QUALIFIES

    @pytest.mark.parametrize(
        ("back", "reason"),
        [
            (5000, Why.QUALIFIES),
            (5001, Why.BELOW_MINIMUM_AFTER_REFUND),
            (19_999, Why.BELOW_MINIMUM_AFTER_REFUND),
            (20_000, Why.REFUNDED),
        ],
    )
    def test_what_is_left_after_a_refund(self, back, reason):
        terms = replace(TERMS, min_order_minor=15_000)
        assert wanted(snapshot(NOON), refund(NOON, amount=back), terms=terms).reason == reason

    def test_without_a_minimum_the_last_unit_still_counts(self):
        found = wanted(snapshot(NOON), refund(NOON, amount=19_999))
        assert (found.reason, found.advocate.amount_minor) == (Why.QUALIFIES, 0)
        assert found.friend.amount_minor == 500

    def test_a_lost_dispute_is_called_so(self):
        found = wanted(snapshot(NOON), delivery(ARRIVED), dispute(ARRIVED, "lost"))
        assert (found.reason, found.advocate) == (Why.DISPUTE_LOST, reward(0, 2000))

    @pytest.mark.parametrize(("late", "reason"), [(timedelta(0), Why.QUALIFIES), (SECOND, Why.TOO_LATE)])
    def test_the_last_moment_of_the_qualification_window(self, late, reason):
        paid = NOON + 90 * DAY + late
        assert wanted(snapshot(NOON, paid_at=paid.isoformat())).reason == reason


class TestNeverPaid:
    def test_it_is_pending_while_only_the_payment_is_missing(self):
        assert wanted(snapshot(NOON, paid=False)) == Wanted(Standing.PENDING, Why.NOT_PAID, None, None)

    def test_anything_else_in_the_way_is_final_for_now(self):
        found = wanted(snapshot(NOON, paid=False, test=True))
        assert found == Wanted(Standing.NOT_QUALIFIED, Why.TEST_ORDER, None, None)
        found = wanted(snapshot(NOON, paid=False, cancelled_at=ARRIVED))
        assert found == Wanted(Standing.NOT_QUALIFIED, Why.CANCELLED, None, None)


def test_a_payment_that_is_gone_again_leaves_rewards_worth_nothing():
    gone = snapshot(NOON, paid=False, as_of=ARRIVED)
    found = wanted(snapshot(NOON), delivery(ARRIVED), gone)
    assert found == Wanted(Standing.NOT_QUALIFIED, Why.NOT_PAID, reward(0, 2000), reward(0, 500))


class TestNeverWorthOne:
    LATER = NOON + DAY

    def test_an_order_of_another_country_leaves_no_rows(self):
        terms = replace(TERMS, countries=("AT",))
        assert wanted(snapshot(NOON), terms=terms) == Wanted(Standing.NOT_QUALIFIED, Why.OTHER_COUNTRY, None, None)

    def test_one_that_was_worth_a_reward_before_leaves_cancelled_rows(self):
        edited = snapshot(NOON, country="FR", as_of=self.LATER)
        found = wanted(snapshot(NOON), edited, terms=replace(TERMS, countries=("DE",)))
        assert (found.standing, found.reason) == (Standing.NOT_QUALIFIED, Why.OTHER_COUNTRY)
        assert (found.advocate.amount_minor, found.friend.amount_minor) == (0, 0)

    def test_while_it_was_not_paid_it_was_worth_none(self):
        unpaid = snapshot(NOON, paid=False)
        edited = snapshot(NOON, country="FR", as_of=self.LATER)
        found = wanted(unpaid, edited, terms=replace(TERMS, countries=("DE",)))
        assert found == Wanted(Standing.NOT_QUALIFIED, Why.OTHER_COUNTRY, None, None)

    def test_nor_was_it_where_the_earlier_version_came_too_late(self):
        edited = snapshot(NOON, country="FR", as_of=self.LATER)
        touched = NOON - 91 * DAY
        found = wanted(snapshot(NOON), edited, terms=replace(TERMS, countries=("DE",)), touched_at=touched)
        assert (found.advocate, found.friend) == (None, None)


class TestGranted:
    GIFT = Gives("0199a0a0-0000-7000-8000-000000000001", "Cup", Form.GIFT, "PIECES", Fulfilment.SHIPMENT, 900)
    GOLD = Tier("Gold", 2, RewardRule(value=2000, choices=(Choice("cup", Value.FIXED, 3, GIFT),)))
    TERMS = replace(TERMS, tiers=(GOLD,))

    def test_the_level_and_the_choice_decide_what_the_advocate_gets(self):
        assert level_rule(self.TERMS, Grant()).value == advocate_rule(self.TERMS, Grant()).value == 1000
        assert advocate_rule(self.TERMS, Grant(tier=1)).value == 2000
        chosen = Grant(tier=1, chosen="cup")
        assert level_rule(self.TERMS, chosen).value == 2000
        assert (advocate_rule(self.TERMS, chosen).value, advocate_rule(self.TERMS, chosen).gives) == (3, self.GIFT)

    def test_what_it_is_worth_goes_by_what_is_left_of_it(self):
        found = wanted(snapshot(NOON), delivery(ARRIVED), terms=self.TERMS, grant=Grant(tier=1, chosen="cup"))
        assert (found.advocate, found.friend) == (reward(3, 3, fair=2700), reward(500, 500))
        capped = wanted(snapshot(NOON), delivery(ARRIVED), terms=self.TERMS, grant=Grant(1, chosen="cup", most_minor=2))
        assert capped.advocate == reward(2, 2, fair=1800)

    def test_only_the_advocate_is_trusted(self):
        terms = replace(TERMS, trust_hold_days=(3,))
        found = wanted(snapshot(NOON), delivery(ARRIVED), terms=terms, grant=Grant(trust=1))
        assert (found.advocate.release_at, found.friend.release_at) == (ARRIVED + 3 * DAY, DUE)


def test_a_refusal_takes_the_advocates_reward_and_leaves_the_friends_if_they_keep_it():
    found = wanted(snapshot(NOON), delivery(ARRIVED))
    assert found.refused(Why.BLOCKED) == Wanted(Standing.NOT_QUALIFIED, Why.BLOCKED, None, None)
    kept = found.refused(Why.OVER_CAP, friend_keeps=True)
    assert kept == Wanted(Standing.NOT_QUALIFIED, Why.OVER_CAP, None, reward(500, 500))


def test_an_advocate_learns_nothing_about_the_friend_the_order_or_a_signal():
    """What the terms call kindly, reason by reason; everything that would tell more is "conditions not met"."""
    told = {str(why): kindly(why) for why in Why} | {
        code: kindly(code) for code in ("own_purchase", "existing_customer", "already_referred", "same_device", "")
    }
    assert {code: kind for code, kind in told.items() if kind != Kindly.CONDITIONS} == {
        "own_purchase": Kindly.OWN_PURCHASE,
        "existing_customer": Kindly.ALREADY_CUSTOMER,
        "already_referred": Kindly.ALREADY_REFERRED,
        "other_order_stands": Kindly.ALREADY_CUSTOMER,
        "order_cancelled": Kindly.ORDER_RETURNED,
        "order_refunded": Kindly.ORDER_RETURNED,
        "dispute_lost": Kindly.ORDER_RETURNED,
        "below_minimum_after_refund": Kindly.ORDER_RETURNED,
        "advocate_cap_reached": Kindly.LIMIT,
        "not_claimed_in_time": Kindly.OUT_OF_TIME,
        "validity_over": Kindly.OUT_OF_TIME,
    }


class TestAfterARestore:
    def test_what_was_released_may_be_out_and_so_may_what_could_have_come_due(self):
        assert may_be_out(is_held=False, release_at=None, restored_at=NOON)
        assert may_be_out(is_held=True, release_at=NOON + 7 * DAY, restored_at=NOON)
        assert not may_be_out(is_held=True, release_at=NOON + 7 * DAY + SECOND, restored_at=NOON)
        assert not may_be_out(is_held=True, release_at=None, restored_at=NOON)

    def test_a_hold_was_over_when_it_ended_by_the_restore(self):
        assert hold_was_over(release_at=NOON, restored_at=NOON)
        assert not hold_was_over(release_at=NOON + SECOND, restored_at=NOON)
        assert not hold_was_over(release_at=None, restored_at=NOON)


def test_the_form_that_is_asked_for_is_named():
    assert [threshold_for("US", unit="USD", year=year).form for year in (2020, 2026)] == ["W-9", "W-9"]
