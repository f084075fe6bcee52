"""Orders in another currency, referrals given without rewards, and whom we know to be reliable. No database."""

from __future__ import annotations

from dataclasses import replace

import pytest

from programs.rules import Terms
from rewards.rules import Standing, Wanted, Why, counted, worth_left
from rewards.rules.settling import settle
from rewards.rules.trust import trust_for
from tests.facts import DAY, NOON, delivery, refund, snapshot
from tests.rewards.test_settling_edges import ARRIVED, TERMS, reward, wanted
from tracking.rules import Fact, OrderView, read_order


def in_dollars(*facts: Fact, worth_minor: int | None, terms: Terms = TERMS) -> Wanted:
    return settle(seen(*facts), terms, touched_at=NOON, zone="Europe/Berlin", worth_minor=worth_minor)


def seen(*facts: Fact) -> OrderView:
    view = read_order(facts)
    assert view is not None
    return view


class TestWorth:
    """An order of 200.00 dollars that somebody of the team said is worth 150.00 euros."""

    DOLLARS = snapshot(NOON, currency="USD")

    def test_said_by_a_person_it_is_what_counts(self):
        found = in_dollars(self.DOLLARS, delivery(ARRIVED), worth_minor=15_000)
        assert found == Wanted(Standing.QUALIFIED, Why.QUALIFIES, reward(1_500, 1_500), reward(500, 500))

    def test_it_shrinks_by_the_share_of_what_comes_back(self):
        found = in_dollars(self.DOLLARS, delivery(ARRIVED), refund(ARRIVED, amount=5_000), worth_minor=15_000)
        assert found.advocate == reward(1_125, 1_500)

    def test_until_somebody_said_it_counts_nothing(self):
        assert counted(seen(self.DOLLARS), TERMS) == (0, 0)

    def test_in_the_currency_of_the_terms_nothing_is_to_be_said(self):
        assert counted(seen(snapshot(NOON)), TERMS, 15_000) == (20_000, 20_000)

    @pytest.mark.parametrize(("cents", "counts"), [(1, (15_000, 15_000)), (0, (0, 0))])
    def test_of_an_order_of_nothing_there_is_no_share(self, cents, counts):
        assert counted(seen(snapshot(NOON, currency="USD", lines=[cents])), TERMS, 15_000) == counts

    def test_once_worth_a_reward_it_stays_as_a_row_worth_nothing(self):
        """The buyer's country is told right later: it was never included."""
        here = replace(TERMS, countries=("DE",))
        later = snapshot(NOON, currency="USD", country="FR", as_of=NOON + DAY)
        found = in_dollars(self.DOLLARS, later, delivery(ARRIVED), worth_minor=15_000, terms=here)
        assert found == Wanted(Standing.NOT_QUALIFIED, Why.OTHER_COUNTRY, reward(0, 1_500), reward(0, 500))

    @pytest.mark.parametrize(
        ("base", "net", "left"),
        [(20_000, 15_000, 7_500), (20_000, 0, 0), (3, 1, 3_333), (1, 1, 10_000), (0, 0, 0), (-5, -5, 0)],
    )
    def test_the_share_that_is_left(self, base, net, left):
        assert worth_left(10_000, base, net) == left


class TestWithoutRewards:
    def test_it_counts_and_nobody_gets_anything(self):
        found = wanted(snapshot(NOON), delivery(ARRIVED)).unrewarded()
        assert found == Wanted(Standing.QUALIFIED, Why.WITHOUT_REWARDS, None, None)

    def test_what_is_in_the_way_is_still_said(self):
        found = wanted(snapshot(NOON, cancelled_at=ARRIVED)).unrewarded()
        assert found == Wanted(Standing.NOT_QUALIFIED, Why.CANCELLED, None, None)

    def test_and_what_is_missing(self):
        assert wanted(snapshot(NOON, paid=False)).unrewarded() == Wanted(Standing.PENDING, Why.NOT_PAID, None, None)


@pytest.mark.parametrize(("clean", "level"), [(0, 0), (2, 0), (3, 1), (9, 1), (10, 2), (11, 2)])
def test_three_clean_referrals_make_somebody_known_and_ten_trusted(clean, level):
    assert trust_for(clean) == level
