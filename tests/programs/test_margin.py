"""The margin guard: what an average order leaves, from which order on a referral pays, what it says of both sides."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from programs.rules import CodeSource, Form, Fulfilment, Gives, Offer, RewardRule, Terms, Value
from programs.rules.margin import (
    FEWEST_ORDERS,
    LARGEST_ORDER,
    MOST_OF_ACQUISITION,
    WIDE_SPREAD,
    Advice,
    Business,
    Verdict,
    advice,
    break_even,
    guard,
    most_for_both,
)

SHOP = Business(order_minor=6000, margin_bp=4000, return_bp=1000, acquisition_minor=2000)


def percent_offer(value: int) -> Offer:
    return Offer(Value.PERCENT, value, CodeSource.POOL)


def fixed_offer(value: int) -> Offer:
    return Offer(Value.FIXED, value, CodeSource.POOL)


def terms(offer: Offer | None, advocate: RewardRule, friend: RewardRule | None = None, hold: int = 30) -> Terms:
    return Terms("EUR", advocate_reward=advocate, offer=offer, friend_reward=friend, return_window_days=hold)


def of_kind(unit: str, fair_minor: int | None, value: int = 500) -> RewardRule:
    gives = Gives("k", "Kind", Form.CUSTOM_UNIT, unit, Fulfilment.BALANCE, fair_minor)
    return RewardRule(Value.FIXED, value, fulfilment=Fulfilment.BALANCE, gives=gives)


#: Terms, and what they cost on an order of 60.00 with 40 % margin: friend, advocate, left.
SUMS = {
    "ten and ten percent": (terms(percent_offer(1000), RewardRule(Value.PERCENT, 1000)), 600, 540, 1260),
    "ten and ten euros": (terms(fixed_offer(1000), RewardRule(Value.FIXED, 1000)), 1000, 1000, 400),
    "a limit": (terms(percent_offer(1000), RewardRule(Value.PERCENT, 2000, cap_minor=500)), 600, 500, 1300),
    "nothing before": (
        terms(None, RewardRule(Value.FIXED, 1000), RewardRule(Value.PERCENT, 500)), 300, 1000, 1100),
    "every third": (terms(fixed_offer(600), RewardRule(Value.FIXED, 900, every=3)), 600, 300, 1500),
    "more than the order": (terms(fixed_offer(9900), RewardRule(Value.PERCENT, 1000)), 6000, 0, -3600),
    "no hold": (terms(percent_offer(1000), RewardRule(Value.FIXED, 900), hold=0), 600, 1000, 800),
    "points without worth": (terms(fixed_offer(500), of_kind("POINTS", None)), 500, 0, 1900),
    "points of a cent": (terms(fixed_offer(500), of_kind("POINTS", 1)), 500, 500, 1400),
}  # fmt: skip


@pytest.mark.parametrize("name", SUMS)
def test_sum_of_an_average_order(name: str) -> None:
    rules, friend, advocate, left = SUMS[name]
    found = guard(rules, SHOP)
    assert (found.margin_minor, found.friend_minor, found.advocate_minor, found.left_minor) == (
        2400, friend, advocate, left)  # fmt: skip
    assert found.is_partial == (name == "points without worth")


@pytest.mark.parametrize(
    ("advocate", "acquisition", "verdict", "share"),
    [
        (500, 2000, Verdict.GOOD, 5000),
        (700, 2000, Verdict.GOOD, 6000),  # exactly what it may be
        (701, 2000, Verdict.DEAR, 6005),
        (1900, 2000, Verdict.DEAR, 12000),
        (1901, 2000, Verdict.LOSS, 12005),
        (1899, None, Verdict.GOOD, None),  # nobody said what a customer costs elsewhere
        (1900, None, Verdict.GOOD, None),  # nothing is left, nothing is lost
        (1901, None, Verdict.LOSS, None),
    ],
)
def test_verdict(advocate: int, acquisition: int | None, verdict: Verdict, share: int | None) -> None:
    rules = terms(fixed_offer(500), RewardRule(Value.FIXED, advocate))
    found = guard(rules, replace(SHOP, acquisition_minor=acquisition))
    assert (found.verdict, found.share_bp) == (verdict, share)
    assert found.is_over_acquisition == (share is not None and share > MOST_OF_ACQUISITION)


@pytest.mark.parametrize("known", [{"order_minor": None}, {"order_minor": 0}, {"margin_bp": None}])
def test_nothing_is_said_of_what_nobody_knows(known: dict[str, int | None]) -> None:
    found = guard(terms(percent_offer(1000), RewardRule()), replace(SHOP, **known))
    assert (found.verdict, found.left_minor, found.break_even_minor) == (Verdict.UNKNOWN, 0, None)


@pytest.mark.parametrize(
    ("rules", "margin_bp", "expected"),
    [
        (terms(fixed_offer(1000), RewardRule(Value.FIXED, 1000)), 4000, 5000),
        (terms(percent_offer(1000), RewardRule(Value.FIXED, 900)), 4000, 3000),
        (terms(percent_offer(1000), RewardRule(Value.PERCENT, 1000)), 1900, 1),  # shares just within the margin
        (terms(percent_offer(1000), RewardRule(Value.PERCENT, 1000)), 1899, None),
        (terms(percent_offer(0), RewardRule(Value.PERCENT, 5000, cap_minor=1000)), 2000, 5000),  # the limit saves it
        (terms(None, RewardRule(Value.FIXED, 100), None), 0, None),
        (terms(fixed_offer(1000), RewardRule(Value.FIXED, 0)), 10_000, 1001),  # what is given away whole earns nothing
        (replace(terms(fixed_offer(100), RewardRule(Value.FIXED, 100)), min_order_minor=5000), 4000, 5000),
    ],
)
def test_break_even(rules: Terms, margin_bp: int, expected: int | None) -> None:
    assert break_even(rules, replace(SHOP, margin_bp=margin_bp)) == expected


def test_break_even_of_the_offer_that_is_exactly_lost() -> None:
    assert most_for_both(Business(acquisition_minor=5000)) == 3000
    assert most_for_both(Business()) is None


@pytest.mark.parametrize(
    ("spread", "orders", "expected"),
    [
        (WIDE_SPREAD, FEWEST_ORDERS, Advice.PERCENT),
        (WIDE_SPREAD - 1, FEWEST_ORDERS, Advice.FIXED),
        (WIDE_SPREAD, FEWEST_ORDERS - 1, Advice.NOTHING),
        (None, 500, Advice.NOTHING),
    ],
)
def test_advice_by_the_spread_of_orders(spread: int | None, orders: int, expected: Advice) -> None:
    assert advice(Business(spread_bp=spread), orders) == expected


def test_what_was_said_goes_over_what_is_known() -> None:
    said, known = Business(order_minor=0, margin_bp=4000), Business(order_minor=7000, return_bp=900, spread_bp=3000)
    assert said.or_else(known) == Business(0, 4000, 900, None, 3000)
    assert Business.from_json(said.to_json()) == said
    assert Business.from_json({}) == Business()


amounts = st.integers(0, 50_000)
rules_of = st.one_of(
    st.builds(RewardRule, st.just(Value.FIXED), amounts, every=st.integers(1, 5)),
    st.builds(RewardRule, st.just(Value.PERCENT), st.integers(0, 10_000), st.none() | amounts, every=st.integers(1, 5)),
)
offers = st.none() | st.builds(fixed_offer, amounts) | st.builds(percent_offer, st.integers(0, 10_000))
any_terms = st.builds(terms, offers, rules_of, st.none() | rules_of, st.sampled_from([0, 30]))
businesses = st.builds(Business, st.integers(1, 10**6), st.integers(0, 10_000), st.integers(0, 10_000), amounts)


@settings(max_examples=300, deadline=None)
@example(terms(percent_offer(1), RewardRule(Value.FIXED, 1, every=2), None, 0), Business(1, 1, 0, 0), 0)
@given(any_terms, businesses, st.integers(0, 10**7))
def test_break_even_is_the_border(rules: Terms, business: Business, more: int) -> None:
    """At it and above nothing is lost; one minor unit below something is, unless all of it was given away."""
    border = break_even(rules, business)

    def left_of(order: int) -> int:
        return guard(rules, replace(business, order_minor=order)).left_minor

    if border is None:  # half a minor unit that is lost is shown as nothing
        assert guard(rules, replace(business, order_minor=LARGEST_ORDER)).verdict == Verdict.LOSS
        return
    assert left_of(border) >= 0
    assert left_of(min(border + more, LARGEST_ORDER)) >= 0
    gone = rules.offer.value if rules.offer and rules.offer.kind == Value.FIXED else 0
    if border - 1 > gone:
        assert guard(rules, replace(business, order_minor=border - 1)).verdict == Verdict.LOSS


@settings(max_examples=200, deadline=None)
@given(any_terms, businesses)
def test_sums_add_up_and_nothing_is_negative(rules: Terms, business: Business) -> None:
    found = guard(rules, business)
    assert min(found.margin_minor, found.friend_minor, found.advocate_minor) >= 0
    assert abs(found.margin_minor - found.both_minor - found.left_minor) <= 2, "each is rounded by itself"


@settings(max_examples=200, deadline=None)
@given(any_terms, businesses)
def test_giving_less_never_leaves_less(rules: Terms, business: Business) -> None:
    less = replace(rules, advocate_reward=replace(rules.advocate_reward, value=rules.advocate_reward.value // 2))
    assert guard(less, business).left_minor >= guard(rules, business).left_minor
