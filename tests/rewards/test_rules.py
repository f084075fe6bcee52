"""Refund arithmetic, the minimum, windows and due dates, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.rules import RewardRule, Scope, Terms, Value
from rewards.rules import Standing, Wanted, Why, cap_notice, kindly, settle
from tests.facts import DAY, NOON, delivery, parcel, refund, snapshot
from tracking.rules import Basis, read_order

TERMS = Terms(currency="EUR")
ZONE = "Europe/Berlin"


def wanted(*facts, terms: Terms = TERMS, touched_at: datetime = NOON, zone: str = ZONE) -> Wanted:
    view = read_order(facts)
    assert view is not None
    return settle(view, terms, touched_at=touched_at, zone=zone)


def amount(*facts, terms: Terms = TERMS) -> int:
    found = wanted(*facts, terms=terms).advocate
    assert found is not None
    return found.amount_minor


def test_ten_percent_follows_a_partial_refund():  # hostile 69
    assert amount(snapshot(NOON)) == 2000
    assert amount(snapshot(NOON), refund(NOON, amount=6000)) == 1400


def test_three_refunds_that_sum_to_the_order_leave_nothing():  # hostile 70
    facts = [snapshot(NOON), *(refund(NOON, f"r{n}", amount=part) for n, part in enumerate((5000, 7000, 8000)))]
    found = wanted(*facts)
    assert found.advocate.amount_minor == 0
    assert (found.standing, found.reason) == (Standing.NOT_QUALIFIED, Why.REFUNDED)


def test_a_refund_larger_than_the_order_is_nothing_and_never_negative():  # hostile 71
    assert amount(snapshot(NOON), refund(NOON, amount=99_000)) == 0


def test_a_refund_of_shipping_alone_changes_nothing():  # hostile 72
    assert amount(snapshot(NOON), refund(NOON, amount=0)) == 2000


def test_a_refund_below_the_minimum_cancels_a_fixed_reward():  # hostile 73
    terms = replace(TERMS, advocate_reward=RewardRule(kind=Value.FIXED, value=1000), min_order_minor=5000)
    assert amount(snapshot(NOON, lines=[6000]), refund(NOON, amount=1000), terms=terms) == 1000
    found = wanted(snapshot(NOON, lines=[6000]), refund(NOON, amount=1001), terms=terms)
    assert (found.advocate.amount_minor, found.reason) == (0, Why.BELOW_MINIMUM_AFTER_REFUND)


def test_parts_of_a_split_order_sum_to_its_base():  # hostile 79
    assert amount(snapshot(NOON, lines=[3334, 3333, 3333])) == 1000


def test_half_a_cent_goes_to_the_even_neighbour():  # hostile 80
    terms = replace(TERMS, advocate_reward=RewardRule(value=250))
    assert amount(snapshot(NOON, lines=[100]), terms=terms) == 2  # 2.5 -> 2
    assert amount(snapshot(NOON, lines=[140]), terms=terms) == 4  # 3.5 -> 4


def test_the_smaller_base_counts_when_an_order_contradicts_itself():
    facts = snapshot(NOON, lines=[19900, 19900, 19900], stated_net_minor=39800)
    view = read_order([facts])
    assert view.contradicts_itself
    assert amount(facts) == 3980


def test_lines_outside_the_scope_and_gift_cards_do_not_count():
    terms = replace(TERMS, scope=Scope.PRODUCTS, scope_ids=("p1",))
    assert amount(snapshot(NOON, lines=[10000, 5000]), terms=terms) == 1000
    card = snapshot(NOON)
    card.data["lines"].append({"id": "9", "product_id": "g", "quantity": 1, "net_minor": 5000, "gift_card": True})
    assert amount(card) == 2000


def test_an_unnamed_refund_falls_on_lines_in_scope_by_their_share():
    terms = replace(TERMS, scope=Scope.PRODUCTS, scope_ids=("p1",))
    assert amount(snapshot(NOON, lines=[10000, 10000]), refund(NOON, amount=5000), terms=terms) == 750


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"test": True}, Why.TEST_ORDER),
        ({"currency": "USD"}, Why.OTHER_CURRENCY),
        ({"lines": [0]}, Why.NOTHING_COUNTS),
    ],
)
def test_an_order_that_never_was_worth_a_reward_makes_none(change, reason):
    found = wanted(snapshot(NOON, **change))
    assert (found.advocate, found.friend, found.reason) == (None, None, reason)


def test_an_unpaid_order_waits():
    found = wanted(snapshot(NOON, paid=False))
    assert (found.standing, found.reason, found.advocate) == (Standing.PENDING, Why.NOT_PAID, None)


def test_a_cancelled_order_leaves_a_cancelled_reward_whichever_came_first():  # hostile 22
    paid, cancelled = snapshot(NOON), snapshot(NOON, cancelled_at=NOON + DAY, as_of=NOON + DAY)
    assert wanted(paid, cancelled) == wanted(cancelled, paid)
    assert amount(paid, cancelled) == 0


def test_an_order_outside_the_qualification_window_comes_too_late():
    assert wanted(snapshot(NOON + 91 * DAY)).reason == Why.TOO_LATE
    assert wanted(snapshot(NOON + 89 * DAY)).reason == Why.QUALIFIES


def test_a_late_event_with_an_older_version_is_ignored_for_the_amount():  # hostile 24
    new, old = snapshot(NOON, lines=[10000], as_of=NOON + DAY), snapshot(NOON, lines=[30000], as_of=NOON)
    assert amount(new, old) == amount(old, new) == 1000


def test_the_cap_per_referral_limits_a_percentage():
    terms = replace(TERMS, advocate_reward=RewardRule(value=1000, cap_minor=1500))
    assert amount(snapshot(NOON), terms=terms) == 1500


class TestDueDate:
    def test_from_the_last_parcels_delivery(self):
        first = parcel(NOON, "f1", delivered_at=NOON + 2 * DAY)
        second = parcel(NOON, "f2", delivered_at=NOON + 4 * DAY)
        found = wanted(snapshot(NOON), first, second).advocate
        assert (found.release_at, found.basis) == (NOON + 34 * DAY, Basis.DELIVERED)

    def test_a_parcel_nobody_reports_as_arrived_counts_five_days_after_shipping(self):
        found = wanted(snapshot(NOON), parcel(NOON + DAY)).advocate
        assert (found.release_at, found.basis) == (NOON + 36 * DAY, Basis.SHIPPED)

    def test_an_unshipped_order_has_no_date(self):
        found = wanted(snapshot(NOON)).advocate
        assert (found.release_at, found.basis) == (None, Basis.WAITING_FOR_SHIPMENT)

    def test_payment_plus_seven_where_shipping_is_never_reported(self):
        found = wanted(snapshot(NOON, reports_shipping=False)).advocate
        assert (found.release_at, found.basis) == (NOON + 37 * DAY, Basis.PAID)

    def test_a_reported_delivery_wins_and_can_be_undone(self):
        told = delivery(NOON + DAY)
        assert wanted(snapshot(NOON), told).advocate.release_at == NOON + 31 * DAY
        undone = delivery(None, as_of=NOON + 2 * DAY)
        assert wanted(snapshot(NOON), told, undone).advocate.release_at is None

    def test_days_are_calendar_days_across_a_change_of_clocks(self):  # hostile 100
        terms = replace(TERMS, return_window_days=14)
        placed = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)  # 10:00 in Berlin
        found = wanted(snapshot(placed), delivery(placed), terms=terms, touched_at=placed).advocate
        assert found.release_at == datetime(2026, 4, 3, 8, 0, tzinfo=UTC)  # still 10:00 in Berlin


# --- an oracle written apart from the rules ---------------------------------------------------------------------------


def oracle(lines: list[int], refunds: list[tuple[str, int]], basis_points: int) -> int:
    """Exact fractions, one expression: share of what was kept, each line kept at least nothing."""
    kept = 0
    for position, net in enumerate(lines, start=1):
        given = sum(part for line, part in refunds if line == str(position))
        kept += max(net - given, 0)
    exact = Fraction(kept * basis_points, 10_000)
    low = exact.numerator // exact.denominator
    rest = exact - low
    return low + (1 if rest > Fraction(1, 2) or (rest == Fraction(1, 2) and low % 2) else 0)


@given(
    lines=st.lists(st.integers(1, 10**9), min_size=1, max_size=4),
    parts=st.lists(st.tuples(st.integers(1, 4), st.integers(0, 10**9)), max_size=4),
    basis_points=st.integers(1, 10_000),
)
def test_line_refunds_agree_with_the_oracle(lines, parts, basis_points):
    terms = replace(TERMS, advocate_reward=RewardRule(value=basis_points))
    named = [(str(line), part) for line, part in parts if line <= len(lines)]
    facts = [snapshot(NOON, lines=lines)]
    facts += [refund(NOON, f"r{n}", lines=[(line, 1, part)]) for n, (line, part) in enumerate(named)]
    assert amount(*facts, terms=terms) == oracle(lines, named, basis_points)


@given(st.data())
def test_every_order_of_arrival_wants_the_same(data):
    facts = [
        snapshot(NOON, paid=False, as_of=NOON - timedelta(hours=1)),
        snapshot(NOON),
        snapshot(NOON, lines=[15000], as_of=NOON + DAY),
        refund(NOON + DAY, "r1", amount=data.draw(st.integers(0, 20000))),
        parcel(NOON + DAY),
        parcel(NOON + DAY, delivered_at=NOON + 3 * DAY),
    ]
    drawn = data.draw(st.permutations(facts))
    doubled = data.draw(st.lists(st.sampled_from(facts), max_size=3))
    assert wanted(*drawn, *doubled) == wanted(*facts)


def test_all_120_orders_of_five_events_want_the_same():  # hostile 23
    facts = [
        snapshot(NOON),
        refund(NOON + DAY, "r1", amount=3000),
        refund(NOON + 2 * DAY, "r2", amount=2000),
        snapshot(NOON, cancelled_at=NOON + 4 * DAY, as_of=NOON + 4 * DAY),
        snapshot(NOON, lines=[12000], as_of=NOON + 3 * DAY),
    ]
    assert len({repr(wanted(*order)) for order in permutations(facts)}) == 1


def test_the_cap_is_told_once_at_eighty_percent_and_when_reached():
    told = [(given, cap_notice(given=given, cap=5)) for given in range(1, 6)]
    assert [given for given, notice in told if notice.near] == [4]
    assert [given for given, notice in told if notice.reached] == [5]


def test_every_reason_has_a_kind_word_for_the_advocate():
    assert {kindly(reason) for reason in Why} <= set(kindly.__globals__["Kindly"])
