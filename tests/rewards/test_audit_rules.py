"""What the books must say of a reward, a budget and an offer, and each thing in which they may not. No database.
The same with rows and real entries: test_ledger_check.py."""

from __future__ import annotations

from uuid import UUID

import pytest

from rewards.rules.audit import (
    BudgetRow,
    Difference,
    RewardRow,
    budget_differences,
    offer_differences,
    reward_books,
    reward_differences,
)

ID = UUID(int=7)
ZERO = dict.fromkeys(
    ("REWARD_COST", "HELD", "PAYABLE", "FULFILLED", "EXPIRED", "CLAWED_BACK", "RECOVERED"),
    0,
)


def books(unit: str = "EUR", **sums: int) -> dict[tuple[str, str], int]:
    return {(account, unit): amount for account, amount in sums.items()}


def seen(differences: list[Difference]) -> list[tuple[str, str, int, int]]:
    return [(each.account, each.unit, each.expected, each.found) for each in differences]


class TestReward:
    @pytest.mark.parametrize(
        ("state", "place"),
        [
            ("HELD", "HELD"),
            ("RELEASED", "PAYABLE"),
            ("FULFILLING", "PAYABLE"),
            ("FAILED", "PAYABLE"),
            ("FULFILLED", "FULFILLED"),
            ("REVERSED", "FULFILLED"),
            ("EXPIRED", "EXPIRED"),
        ],
    )
    def test_it_lies_where_its_state_says_and_nowhere_else(self, state, place):
        said = reward_books(RewardRow(ID, "EUR", state, 2000), recovered=0)
        assert said == ZERO | {"REWARD_COST": 2000, place: -2000}
        assert sum(said.values()) == 0
        assert reward_differences(RewardRow(ID, "EUR", state, 2000), books(REWARD_COST=2000, **{place: -2000})) == []

    def test_a_cancelled_one_is_nowhere(self):
        row = RewardRow(ID, "EUR", "CANCELLED", 2000, clawed_back_minor=5)
        assert reward_books(row, recovered=3) == ZERO
        assert reward_differences(row, {}) == []

    def test_what_was_taken_back_is_owed_until_it_came_back(self):
        row = RewardRow(ID, "EUR", "REVERSED", 2000, clawed_back_minor=1500, netted_minor=400)
        assert reward_books(row, recovered=400) == ZERO | {
            "REWARD_COST": 500,
            "FULFILLED": -2000,
            "CLAWED_BACK": 1100,
            "RECOVERED": 400,
        }

    @pytest.mark.parametrize(
        ("account", "wrong"), [("REWARD_COST", 1999), ("PAYABLE", -2001), ("HELD", 1), ("RECOVERED", -1)]
    )
    def test_each_account_that_is_off_is_named(self, account, wrong):
        row = RewardRow(ID, "EUR", "RELEASED", 2000)
        right = books(REWARD_COST=2000, PAYABLE=-2000)
        expected = right.get((account, "EUR"), 0)
        assert reward_differences(row, right | {(account, "EUR"): wrong}) == [
            Difference("reward", "reward", ID, account, "EUR", expected, wrong)
        ]

    def test_what_is_missing_altogether_is_named_in_the_order_of_the_accounts(self):
        assert seen(reward_differences(RewardRow(ID, "EUR", "HELD", 2000), {})) == [
            ("REWARD_COST", "EUR", 2000, 0),
            ("HELD", "EUR", -2000, 0),
        ]

    def test_entries_in_another_unit_are_named_by_unit(self):
        found = reward_differences(
            RewardRow(ID, "EUR", "HELD", 2000),
            books(REWARD_COST=2000, HELD=-2000) | books("USD", HELD=-1) | books("CHF", HELD=1),
        )
        assert seen(found) == [("HELD", "CHF", 0, 1), ("HELD", "USD", 0, -1)]

    def test_entries_of_budgets_and_offers_are_none_of_its_business(self):
        entries = books(REWARD_COST=2000, HELD=-2000, BUDGET=-2000, COMMITTED=2000, OFFER_COST=9)
        assert reward_differences(RewardRow(ID, "EUR", "HELD", 2000), entries) == []


class TestWhatCameBack:
    """A reward of 2,000 given and taken back: what of it may stand as come back."""

    def differences(self, recovered: int, **row: object) -> list[tuple[str, str, int, int]]:
        taken = RewardRow(ID, "EUR", "REVERSED", 2000, clawed_back_minor=2000, **row)
        entries = books(FULFILLED=-2000, CLAWED_BACK=2000 - recovered, RECOVERED=recovered)
        return seen(reward_differences(taken, entries))

    def test_nothing_unless_a_payout_kept_it_back(self):
        assert self.differences(0) == []
        assert self.differences(1) == [("CLAWED_BACK", "EUR", 2000, 1999), ("RECOVERED", "EUR", 0, 1)]

    def test_what_payouts_kept_back_exactly(self):
        assert self.differences(600, netted_minor=600) == []
        assert self.differences(599, netted_minor=600) == [
            ("CLAWED_BACK", "EUR", 1400, 1401),
            ("RECOVERED", "EUR", 600, 599),
        ]
        assert self.differences(601, netted_minor=600) == [
            ("CLAWED_BACK", "EUR", 1400, 1399),
            ("RECOVERED", "EUR", 600, 601),
        ]

    def test_with_its_code_disabled_anything_up_to_the_whole(self):
        for recovered in (0, 1, 1999, 2000):
            assert self.differences(recovered, is_spent=True) == []
        assert self.differences(2001, is_spent=True) == [
            ("CLAWED_BACK", "EUR", 0, -1),
            ("RECOVERED", "EUR", 2000, 2001),
        ]
        assert self.differences(599, is_spent=True, netted_minor=600) == [
            ("CLAWED_BACK", "EUR", 1400, 1401),
            ("RECOVERED", "EUR", 600, 599),
        ]

    def test_where_nothing_came_back_nothing_is_wanted(self):
        row = RewardRow(ID, "EUR", "REVERSED", 2000, clawed_back_minor=2000, is_spent=True)
        assert reward_differences(row, books(FULFILLED=-2000, CLAWED_BACK=2000)) == []

    def test_what_was_kept_back_stays_kept_when_the_reward_became_smaller(self):
        row = RewardRow(ID, "EUR", "REVERSED", 100, clawed_back_minor=100, netted_minor=600, is_spent=True)
        assert row.most_recovered == 600
        assert reward_differences(row, books(FULFILLED=-100, CLAWED_BACK=-500, RECOVERED=600)) == []


class TestBudget:
    ROW = BudgetRow(ID, "EUR", limit_minor=10_000, reserved_minor=3000, kept_minor=3000)
    RIGHT = books(ALLOTTED=-10_000, COMMITTED=3000, BUDGET=7000)

    def test_limit_promises_and_rest_agree(self):
        assert budget_differences(self.ROW, self.RIGHT) == []

    def test_every_account_is_named_in_its_order(self):
        assert budget_differences(self.ROW, {}) == [
            Difference("budget", "program", ID, "BUDGET", "EUR", 7000, 0),
            Difference("budget", "program", ID, "COMMITTED", "EUR", 3000, 0),
            Difference("budget", "program", ID, "ALLOTTED", "EUR", -10_000, 0),
        ]

    def test_so_is_the_counter_that_differs_from_what_is_kept(self):
        row = BudgetRow(ID, "EUR", limit_minor=10_000, reserved_minor=2999, kept_minor=3000)
        assert budget_differences(row, self.RIGHT) == [
            Difference("budget_counter", "program", ID, "", "EUR", expected=3000, found=2999)
        ]

    def test_other_accounts_do_not_count_and_other_units_do(self):
        assert budget_differences(self.ROW, self.RIGHT | books(HELD=-5)) == []
        found = budget_differences(self.ROW, self.RIGHT | books("USD", COMMITTED=5))
        assert seen(found) == [("COMMITTED", "USD", 0, 5)]


class TestOffer:
    def test_the_discount_of_each_unit_is_the_cost(self):
        entries = books(OFFER_COST=2000, DISCOUNT_GRANTED=-2000) | books("USD", OFFER_COST=7, DISCOUNT_GRANTED=-7)
        assert offer_differences(ID, {"EUR": 2000, "USD": 7}, entries) == []

    def test_what_differs_is_named(self):
        found = offer_differences(ID, {"EUR": 2000}, books(OFFER_COST=2100, DISCOUNT_GRANTED=-2000))
        assert found == [Difference("offer", "order", ID, "OFFER_COST", "EUR", 2000, 2100)]

    def test_a_cost_without_any_discount_is_named(self):
        assert seen(offer_differences(ID, {}, books(OFFER_COST=1, DISCOUNT_GRANTED=-1, HELD=5))) == [
            ("OFFER_COST", "EUR", 0, 1),
            ("DISCOUNT_GRANTED", "EUR", 0, -1),
        ]
