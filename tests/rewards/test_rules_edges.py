"""Exact values at the edges of the pure rules: one unit, one day or one second before, at and after. No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from programs.rules import CapPeriod, RewardRule, Value
from rewards.rules import Bonus, Grant, budget_notice, cap_notice, cap_starts_at, earns_now
from rewards.rules.balance import Credit, Use, left_of
from rewards.rules.ending import CODES
from rewards.rules.payouts import (
    Choice,
    LeftOut,
    Owed,
    cut_off_of,
    first_payout_day,
    left_out,
    needs_second_person,
    payout_day_for,
)
from tests.facts import DAY, NOON

BERLIN = "Europe/Berlin"
SECOND = timedelta(seconds=1)
TEN_PERCENT, TEN_EUROS = RewardRule(value=1000), RewardRule(kind=Value.FIXED, value=1000)


class TestBonus:
    def test_none_leaves_the_amount(self):
        assert Bonus().on(1234) == 1234

    def test_it_multiplies_and_adds(self):
        assert Bonus(multiplier_bp=20_000).on(1000) == 2000
        assert Bonus(extra_minor=500).on(1000) == 1500
        assert Bonus(15_000, 500).on(3) == 504  # 4.5 goes to the even neighbour

    def test_nothing_earned_is_nothing_raised(self):
        assert Bonus(20_000, 500).on(0) == 0
        assert Bonus(20_000, 500).on(1) == 502


class TestGrant:
    def test_before_it_is_asked_it_changes_nothing(self):
        assert Grant() == Grant.from_json({})
        assert Grant().advocate_amount(TEN_PERCENT, 12_345) == Grant().friend_amount(TEN_PERCENT, 12_345) == 1234
        plain = Grant()
        assert (plain.tier, plain.ordinal, plain.earns, plain.most_minor, plain.trust) == (0, 1, True, None, 0)
        assert (plain.bonus_id, plain.chosen) == ("", "")

    def test_it_is_read_as_it_was_written(self):
        grant = Grant(2, 7, False, "b1", Bonus(20_000, 1), Bonus(10_000, 2), 900, 3, "credit")
        assert Grant.from_json(grant.to_json()) == grant

    def test_what_an_older_or_newer_release_wrote_is_read_as_far_as_it_goes(self):
        assert Grant.from_json({"tier": 1, "friend_bonus": {"extra_minor": 5}, "stars": 3}) == Grant(
            tier=1, friend_bonus=Bonus(extra_minor=5)
        )

    def test_each_side_has_its_own_bonus(self):
        grant = Grant(advocate_bonus=Bonus(20_000), friend_bonus=Bonus(extra_minor=7))
        assert grant.advocate_amount(TEN_EUROS, 1) == 2000
        assert grant.friend_amount(TEN_EUROS, 1) == 1007

    @pytest.mark.parametrize("base", [0, -1])
    def test_an_order_worth_nothing_earns_no_fixed_reward(self, base):
        assert (Grant().advocate_amount(TEN_EUROS, base), Grant().friend_amount(TEN_EUROS, base)) == (0, 0)

    @pytest.mark.parametrize(("most", "amount"), [(None, 1000), (1001, 1000), (999, 999), (0, 0)])
    def test_what_the_cap_left_limits_the_advocate_alone(self, most, amount):
        grant = Grant(most_minor=most)
        assert (grant.advocate_amount(TEN_EUROS, 50), grant.friend_amount(TEN_EUROS, 50)) == (amount, 1000)


@pytest.mark.parametrize(
    ("qualified", "rewarded", "every", "earns"),
    [(1, 0, 1, True), (1, 1, 1, False), (2, 0, 3, False), (3, 0, 3, True), (3, 1, 3, False), (6, 1, 3, True)],
)
def test_every_nth_referral_earns(qualified, rewarded, every, earns):
    assert earns_now(qualified=qualified, rewarded=rewarded, every=every) is earns


class TestCaps:
    @pytest.mark.parametrize(
        ("period", "starts"),
        [
            (CapPeriod.EVER, None),
            (CapPeriod.MONTH, datetime(2026, 5, 31, 22, tzinfo=UTC)),  # midnight of 1 June in Berlin
            (CapPeriod.YEAR, datetime(2025, 12, 31, 23, tzinfo=UTC)),
            (CapPeriod.ROLLING_30, datetime(2026, 5, 17, 22, 30, tzinfo=UTC)),
            (CapPeriod.ROLLING_365, datetime(2025, 6, 16, 22, 30, tzinfo=UTC)),
        ],
    )
    def test_where_a_period_begins(self, period, starts):
        now = datetime(2026, 6, 16, 22, 30, tzinfo=UTC)
        assert cap_starts_at(period, now=now, zone=BERLIN) == starts

    def test_the_month_is_that_of_the_merchants_zone(self):
        now = datetime(2026, 5, 31, 22, 30, tzinfo=UTC)
        assert cap_starts_at(CapPeriod.MONTH, now=now, zone=BERLIN) == datetime(2026, 5, 31, 22, tzinfo=UTC)
        assert cap_starts_at(CapPeriod.MONTH, now=now, zone="UTC") == datetime(2026, 5, 1, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("before", "given", "near", "reached"),
        [
            (0, 799, False, False),
            (799, 800, True, False),
            (800, 801, False, False),
            (0, 999, True, False),
            (999, 1000, False, True),
            (0, 1000, False, True),
            (1000, 1001, False, True),
        ],
    )
    def test_by_value_it_is_told_on_crossing_80_percent(self, before, given, near, reached):
        told = cap_notice(given=given, cap=1000, before=before)
        assert (told.near, told.reached) == (near, reached)

    def test_80_percent_of_a_few_is_rounded_up(self):
        assert [given for given in range(1, 8) if cap_notice(given=given, cap=7).near] == [6]  # 5.6
        assert [given for given in range(1, 21) if cap_notice(given=given, cap=20).near] == [16]

    @pytest.mark.parametrize(
        ("before", "reserved", "warn", "reached"),
        [
            (0, 799, False, False),
            (799, 800, True, False),
            (800, 999, False, False),
            (999, 1000, False, True),
            (1000, 1001, False, False),
            (0, 1000, True, True),
        ],
    )
    def test_a_budget_may_cross_both_at_once(self, before, reserved, warn, reached):
        told = budget_notice(reserved=reserved, limit=1000, before=before)
        assert (told.warn, told.reached) == (warn, reached)

    def test_80_percent_of_a_small_budget_is_rounded_up(self):
        assert not budget_notice(reserved=5, limit=7, before=4).warn
        assert budget_notice(reserved=6, limit=7, before=5).warn


def test_the_use_of_four_forms_is_seen_on_orders():
    assert set(CODES) == {"PERCENT_CODE", "FIXED_CODE", "FREE_SHIPPING_CODE", "FREE_PRODUCT_CODE"}


class TestPayouts:
    OWED = Owed(5000)

    @pytest.mark.parametrize(
        ("changes", "why"),
        [
            ({}, None),
            ({"amount_minor": 1000}, None),
            ({"amount_minor": 999}, LeftOut.BELOW_MINIMUM),
            ({"amount_minor": 1, "choice": Choice.TAKE_IN}, None),
            ({"amount_minor": 0, "choice": Choice.TAKE_IN}, LeftOut.OWES_MORE),
            ({"amount_minor": -1}, LeftOut.OWES_MORE),
            ({"has_account": False}, LeftOut.NO_ACCOUNT),
            ({"has_account": False, "choice": Choice.TAKE_IN}, LeftOut.NO_ACCOUNT),
            ({"needs_form": True}, LeftOut.TAX_FORM),
            ({"needs_form": True, "choice": Choice.TAKE_IN}, LeftOut.TAX_FORM),
            ({"choice": Choice.LEAVE_OUT}, LeftOut.BY_HAND),
        ],
    )
    def test_who_waits_and_why(self, changes, why):
        assert left_out(replace(self.OWED, **changes), minimum_minor=1000) == why

    def test_of_several_reasons_the_one_to_mend_first_is_named(self):
        everything = Owed(-1, has_account=False, needs_form=True, choice=Choice.LEAVE_OUT)
        assert left_out(everything, minimum_minor=1000) == LeftOut.BY_HAND
        assert left_out(replace(everything, choice=Choice.NONE), minimum_minor=1000) == LeftOut.OWES_MORE
        assert left_out(Owed(1, has_account=False, needs_form=True), minimum_minor=1000) == LeftOut.TAX_FORM
        assert left_out(Owed(1, has_account=False), minimum_minor=1000) == LeftOut.NO_ACCOUNT

    @pytest.mark.parametrize(
        ("total", "limit", "comparable", "needed"),
        [
            (10**9, None, True, False),
            (10**9, None, False, False),
            (5000, 5000, True, False),
            (5001, 5000, True, True),
            (1, 5000, False, True),
        ],
    )
    def test_when_a_second_person_is_needed(self, total, limit, comparable, needed):
        assert needs_second_person(total, limit_minor=limit, is_comparable=comparable) is needed

    def test_the_cut_off_is_the_end_of_the_day_where_the_merchant_is(self):
        end = datetime(2026, 5, 31, 22, tzinfo=UTC)
        assert cut_off_of(date(2026, 5, 31), zone=BERLIN, now=end + SECOND) == end
        assert cut_off_of(date(2026, 5, 31), zone=BERLIN, now=end - SECOND) == end - SECOND

    @pytest.mark.parametrize(
        ("cycle", "earliest", "day"),
        [
            ("WEEKLY", "2026-05-04", "2026-05-04"),  # a Monday
            ("WEEKLY", "2026-05-05", "2026-05-11"),
            ("WEEKLY", "2026-05-10", "2026-05-11"),
            ("MONTHLY", "2026-05-01", "2026-05-01"),
            ("MONTHLY", "2026-05-02", "2026-06-01"),
            ("MONTHLY", "2026-12-31", "2027-01-01"),
            ("QUARTERLY", "2026-04-01", "2026-04-01"),
            ("QUARTERLY", "2026-04-02", "2026-07-01"),
            ("QUARTERLY", "2026-05-01", "2026-07-01"),
            ("QUARTERLY", "2026-09-30", "2026-10-01"),
            ("QUARTERLY", "2026-10-02", "2027-01-01"),
        ],
    )
    def test_the_first_day_of_payout(self, cycle, earliest, day):
        assert first_payout_day(cycle, date.fromisoformat(earliest)) == date.fromisoformat(day)

    @pytest.mark.parametrize(
        ("released", "cut_off_days", "earliest", "day"),
        [
            ("2026-05-27", 5, "2026-05-01", "2026-06-01"),
            ("2026-05-28", 5, "2026-05-01", "2026-07-01"),
            ("2026-04-01", 0, "2026-05-02", "2026-06-01"),
        ],
    )
    def test_what_is_released_too_late_waits_for_the_next(self, released, cut_off_days, earliest, day):
        found = payout_day_for(
            date.fromisoformat(released),
            cycle="MONTHLY",
            cut_off_days=cut_off_days,
            earliest=date.fromisoformat(earliest),
        )
        assert found == date.fromisoformat(day)


class TestBalance:
    """Two credits: 100 for ever, and 50 from tomorrow that run out ten days later."""

    CREDITS = (Credit(100, NOON), Credit(50, NOON + DAY, NOON + 11 * DAY))

    def left(self, *uses: Use, at: datetime) -> int:
        return left_of(self.CREDITS, uses, now=at)

    @pytest.mark.parametrize(
        ("at", "left"),
        [
            (NOON - SECOND, 0),
            (NOON, 100),
            (NOON + DAY - SECOND, 100),
            (NOON + DAY, 150),
            (NOON + 11 * DAY - SECOND, 150),
            (NOON + 11 * DAY, 100),
        ],
    )
    def test_it_counts_from_its_day_to_its_end(self, at, left):
        assert self.left(at=at) == left

    def test_what_runs_out_first_is_used_first(self):
        assert self.left(Use(70, NOON + 2 * DAY), at=NOON + 3 * DAY) == 80
        assert self.left(Use(70, NOON + 2 * DAY), at=NOON + 20 * DAY) == 80  # 50 of the one, 20 of the other

    def test_a_use_takes_what_was_there_then(self):
        assert self.left(Use(70, NOON), at=NOON + 20 * DAY) == 30
        assert self.left(Use(70, NOON + 11 * DAY), at=NOON + 20 * DAY) == 30

    def test_uses_count_in_the_order_in_which_they_happened(self):
        early, late = Credit(10, NOON, NOON + 8 * DAY), Credit(10, NOON + 5 * DAY, NOON + 15 * DAY)
        uses = [Use(10, NOON + 6 * DAY), Use(10, NOON + DAY)]
        assert left_of([early, late], uses, now=NOON + 20 * DAY) == 0

    def test_what_nothing_covers_is_owed(self):
        assert self.left(Use(101, NOON), at=NOON) == -1
        assert self.left(Use(101, NOON), at=NOON + DAY) == 49
        assert self.left(Use(1, NOON - DAY), Use(1, NOON - DAY), at=NOON) == 98

    def test_nothing_is_nothing(self):
        assert left_of([], [], now=NOON) == 0
