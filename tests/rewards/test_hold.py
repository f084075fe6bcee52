"""The hold clock: windows of products, trust, one holiday range, and zones where days are odd. No database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from programs.rules import HoldOverride, Holiday, Scope, Terms
from rewards.hold_words import hold_words
from rewards.rules import Due, Grant, HoldRule, due_at, settle
from tests.facts import DAY, NOON, delivery, parcel, refund, snapshot
from tracking.rules import Basis, Fact, read_order

ZONE = "Europe/Berlin"
FOOD, MATTRESS = HoldOverride(("food", "p1"), 0), HoldOverride(("p2",), 100)
TERMS = Terms(currency="EUR", hold_overrides=(FOOD, MATTRESS))


def due(*facts: Fact, terms: Terms = TERMS, zone: str = ZONE, trust: int = 0) -> Due:
    view = read_order(facts)
    assert view is not None
    return due_at(view, terms, zone=zone, trust=trust)


def days(found: Due) -> int:
    assert found.at
    assert found.anchored_at
    return (found.at - found.anchored_at).days


def told(*amounts: int, **more) -> list[Fact]:
    return [snapshot(NOON, lines=list(amounts), **more), delivery(NOON)]


class TestWindows:
    def test_food_is_due_at_once(self):
        found = due(*told(1000))
        assert (found.at, found.decided_by, found.window.ids) == (NOON, HoldRule.OVERRIDE, ("food", "p1"))

    def test_the_longest_window_of_the_order_counts(self):
        assert (days(due(*told(1000, 50000))), days(due(*told(1000, 50000, 2000)))) == (100, 100)
        assert days(due(*told(1000), terms=replace(TERMS, hold_overrides=()))) == 30

    def test_a_plain_line_beside_food_has_the_programs_window(self):
        terms = replace(TERMS, hold_overrides=(FOOD,))
        found = due(*told(1000, 2000), terms=terms)
        assert (days(found), found.decided_by) == (30, HoldRule.WINDOW)

    def test_what_went_back_no_longer_counts(self):
        mattress_back = refund(NOON + DAY, lines=[("2", 1, 50000)])
        assert days(due(*told(1000, 50000), mattress_back)) == 0
        part_back = refund(NOON + DAY, lines=[("2", 1, 100)])
        part = snapshot(NOON, lines=[1000, 50000])
        part.data["lines"][1]["quantity"] = 2
        assert days(due(part, delivery(NOON), part_back)) == 100

    def test_once_everything_went_back_the_date_stays(self):
        everything = refund(NOON + DAY, lines=[("1", 1, 1000), ("2", 1, 50000)])
        assert days(due(*told(1000, 50000), everything)) == 100

    def test_a_collection_names_its_products(self):
        order, arrived = told(3000)
        order.data["lines"][0] |= {"product_id": "p9", "collection_ids": ["fresh", "food"]}
        assert days(due(order, arrived)) == 0

    def test_of_two_windows_for_one_product_the_longer_counts(self):
        terms = replace(TERMS, hold_overrides=(HoldOverride(("p1",), 60), FOOD))
        assert days(due(*told(1000), terms=terms)) == 60
        assert days(due(*told(1000), terms=replace(terms, hold_overrides=terms.hold_overrides[::-1]))) == 60

    def test_lines_that_do_not_count_decide_nothing(self):
        terms = replace(TERMS, scope=Scope.PRODUCTS, scope_ids=("p1",))
        assert days(due(*told(1000, 50000), terms=terms)) == 0

    def test_where_no_line_counts_the_programs_window_does(self):
        found = due(*told(1000), terms=replace(TERMS, scope=Scope.PRODUCTS, scope_ids=("p9",)))
        assert (days(found), found.decided_by) == (30, HoldRule.WINDOW)

    def test_a_window_of_its_own_that_is_no_longer_is_not_named(self):
        terms = replace(TERMS, hold_overrides=(HoldOverride(("p1",), 30),))
        assert due(*told(1000), terms=terms).decided_by == HoldRule.OVERRIDE
        found = due(*told(1000, 2000), terms=terms)
        assert (days(found), found.decided_by, found.window.ids) == (30, HoldRule.WINDOW, ())

    def test_before_anything_arrived_the_window_is_known_already(self):
        found = due(snapshot(NOON, lines=[1000]))
        assert (found.at, found.anchored_at, found.basis) == (None, None, Basis.WAITING_FOR_SHIPMENT)
        assert (found.decided_by, found.window.days, found.window.ids) == (HoldRule.OVERRIDE, 0, ("food", "p1"))


class TestTrust:
    TERMS = replace(TERMS, trust_hold_days=(14, 3))

    @pytest.mark.parametrize(("trust", "held"), [(0, 30), (1, 14), (2, 3), (7, 3)])
    def test_a_level_shortens_to_at_most_its_days(self, trust, held):
        terms = replace(self.TERMS, hold_overrides=())
        found = due(*told(1000), terms=terms, trust=trust)
        assert (days(found), found.decided_by) == (held, HoldRule.TRUST if trust else HoldRule.WINDOW)

    def test_it_never_lengthens(self):
        assert days(due(*told(1000), terms=self.TERMS, trust=1)) == 0

    def test_what_it_does_not_shorten_it_does_not_decide(self):
        terms = Terms(currency="EUR", trust_hold_days=(30, 29))
        assert [due(*told(1000), terms=terms, trust=trust).decided_by for trust in (1, 2)] == ["WINDOW", "TRUST"]

    def test_the_level_is_named_where_it_decided(self):
        assert [due(*told(50000, 50000), terms=self.TERMS, trust=trust).window.trust for trust in (0, 1, 2)] == [
            0,
            1,
            2,
        ]

    def test_nobody_is_trusted_unasked(self):
        view = read_order(told(2000, 50000))
        assert view is not None
        assert due_at(view, self.TERMS, zone=ZONE).decided_by == HoldRule.OVERRIDE

    def test_only_the_advocates_own_reward_is_due_sooner(self):
        terms = replace(self.TERMS, hold_overrides=(), friend_reward=TERMS.advocate_reward)
        view = read_order(told(1000))
        found = settle(view, terms, touched_at=NOON, zone=ZONE, grant=Grant(trust=2))
        assert (found.advocate.release_at, found.friend.release_at) == (NOON + 3 * DAY, NOON + 30 * DAY)


class TestHoliday:
    TERMS = Terms(currency="EUR", return_window_days=14, holiday=Holiday("2026-11-15", "2026-12-24", "2027-01-31"))

    def at(self, month: int, day: int, hour: int = 12, **more) -> Due:
        arrived = datetime(2026, month, day, hour, tzinfo=UTC)
        return due(snapshot(arrived), delivery(arrived), terms=self.TERMS, **more)

    def test_what_arrives_in_the_range_is_held_to_the_end_of_the_last_day(self):
        end = datetime(2027, 1, 31, 23, 0, tzinfo=UTC)  # midnight in Berlin
        assert [self.at(11, 15).at, self.at(12, 24).at] == [end, end]
        assert self.at(12, 1).decided_by == HoldRule.HOLIDAY

    def test_outside_the_range_the_window_counts(self):
        assert [days(self.at(11, 14)), days(self.at(12, 25))] == [14, 14]

    def test_a_range_that_ends_with_the_window_did_not_decide(self):
        arrived = datetime(2026, 12, 23, 23, tzinfo=UTC)  # midnight in Berlin, 39 days before that of 1 February
        for window, rule in ((38, HoldRule.HOLIDAY), (39, HoldRule.WINDOW)):
            found = due(snapshot(arrived), delivery(arrived), terms=replace(self.TERMS, return_window_days=window))
            assert (found.at, found.decided_by) == (datetime(2027, 1, 31, 23, tzinfo=UTC), rule)

    def test_the_day_is_the_merchants(self):
        assert self.at(11, 14, 23).decided_by == HoldRule.HOLIDAY  # 00:30 of the 15th in Berlin
        assert self.at(11, 14, 23, zone="America/New_York").decided_by == HoldRule.WINDOW

    def test_trust_does_not_shorten_it_and_a_longer_window_stays(self):
        terms = replace(self.TERMS, trust_hold_days=(1,), return_window_days=100)
        arrived = datetime(2026, 12, 1, 12, tzinfo=UTC)
        facts = [snapshot(arrived), delivery(arrived)]
        assert due(*facts, terms=terms, trust=1).decided_by == HoldRule.HOLIDAY
        assert days(due(*facts, terms=terms)) == 100

    def test_it_looks_at_arrival_however_that_is_known(self):
        shipped = datetime(2026, 11, 12, 12, tzinfo=UTC)
        found = due(snapshot(shipped), parcel(shipped), terms=self.TERMS)
        assert (found.basis, found.decided_by) == (Basis.SHIPPED, HoldRule.HOLIDAY)


@pytest.mark.parametrize(
    ("zone", "arrived", "window", "end"),
    [
        # New York: 2026-03-08 02:30 does not exist; the first instant after the gap is 03:00 EDT.
        ("America/New_York", "2026-02-22T02:30:00-05:00", 14, "2026-03-08T03:00:00-04:00"),
        # Sao Paulo: 2018-11-04 began at 01:00.
        ("America/Sao_Paulo", "2018-10-21T00:00:00-03:00", 14, "2018-11-04T01:00:00-02:00"),
        # Apia left out 2011-12-30.
        ("Pacific/Apia", "2011-12-16T10:00:00-10:00", 14, "2011-12-31T00:00:00+14:00"),
    ],
)
def test_windows_of_products_end_at_a_defined_instant(zone, arrived, window, end):  # hostile 100
    at = datetime.fromisoformat(arrived)
    terms = replace(TERMS, hold_overrides=(HoldOverride(("p1",), window),), return_window_days=1)
    found = due(snapshot(at), delivery(at), terms=terms, zone=zone)
    assert found.at == datetime.fromisoformat(end)


@pytest.mark.parametrize(
    ("zone", "until", "end"),
    [
        ("America/New_York", "2026-03-08", "2026-03-09T00:00:00-04:00"),
        ("America/Sao_Paulo", "2018-11-03", "2018-11-04T01:00:00-02:00"),  # the next day began at one
        ("Pacific/Apia", "2011-12-29", "2011-12-31T00:00:00+14:00"),  # the next day never came
        ("Pacific/Apia", "2011-12-30", "2011-12-31T00:00:00+14:00"),
    ],
)
def test_a_holiday_ends_with_its_last_day(zone, until, end):  # hostile 100
    ends = datetime.fromisoformat(end)
    arrived = ends - timedelta(days=10)
    range_ = Holiday(str((arrived - 2 * DAY).date()), str((arrived + 2 * DAY).date()), until)
    terms = Terms(currency="EUR", return_window_days=3, holiday=range_)
    found = due(snapshot(arrived), delivery(arrived), terms=terms, zone=zone)
    assert (found.at, found.decided_by) == (ends, HoldRule.HOLIDAY)


class TestWords:
    def say(self, found: Due) -> str:
        return hold_words(found, zone=ZONE, language="en")

    def test_the_deciding_rule_is_named(self):
        assert self.say(due(*told(1000))) == (
            "0 days: the longest return window in the order, that of food, p1. Counted from the delivery on 4 May 2026."
        )
        assert self.say(due(snapshot(NOON), terms=TERMS)) == "The hold begins with the delivery of the order."
        assert "when the order is paid" in self.say(due(snapshot(NOON, paid=False)))
        plain = Terms(currency="EUR", trust_hold_days=(3,))
        assert self.say(due(*told(1000), terms=plain, trust=1)).startswith("3 days: shortened, for the advocate has")
        assert "5 days after shipping" in self.say(due(snapshot(NOON), parcel(NOON), terms=plain))
        assert "7 days after payment" in self.say(due(snapshot(NOON, reports_shipping=False), terms=plain))
        found = TestHoliday().at(12, 1)
        assert self.say(found).endswith("It arrived in the holiday range, so it is held to the end of 31 January 2027.")
