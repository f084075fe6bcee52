"""Whose referral an order is, held against laws: whatever touches there are, in whatever order, at whatever time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kit.days import add_days
from programs.rules import CodeRule, Terms, TouchRule
from tracking.rules import CLOCK_SKEW, Buyer, Decision, MatchedBy, Reason, Touch, Verdict, attribute, attribute_further

ZONE = "Europe/Berlin"
#: A week in which clocks go back, so that calendar days are not 24 hours.
NOON = datetime(2026, 10, 28, 12, 0, tzinfo=UTC)
ADVOCATES = [UUID(int=n) for n in range(1, 5)]
PROGRAMS = [UUID(int=n) for n in range(11, 13)]
BUYER = UUID(int=99)
NEW = Buyer(customer_id=BUYER, paid_before=False)

terms = st.builds(
    Terms,
    currency=st.just("EUR"),
    touch_rule=st.sampled_from(TouchRule),
    code_rule=st.sampled_from(CodeRule),
    attribution_window_days=st.integers(1, 60),
    new_customers_only=st.booleans(),
)
#: Minutes from the order.
moments = st.one_of(st.integers(-90 * 24 * 60, 3 * 24 * 60), st.integers(-30, 10))
#: When some of the advocates became so.
JOINED = {1: NOON + timedelta(minutes=6), 2: NOON - timedelta(days=5)}
CLICKED = [MatchedBy.TOKEN, MatchedBy.CODE, MatchedBy.EMAIL]
kinds = st.sampled_from([*CLICKED, MatchedBy.INTRODUCED, MatchedBy.MANUAL])


@st.composite
def touches_by(draw: st.DrawFn, by: st.SearchStrategy[MatchedBy] = kinds, rules: Terms | None = None) -> Touch:
    """One that could be: the same advocate, program and moment always have the same standing."""
    number, minutes = draw(st.integers(0, len(ADVOCATES) - 1)), draw(moments)
    promised = rules or draw(terms)
    return Touch(
        by=draw(by),
        at=NOON + timedelta(minutes=minutes),
        advocate_id=ADVOCATES[number],
        # the last advocate is the buyer: own purchases are drawn too
        advocate_customer_id=BUYER if number == len(ADVOCATES) - 1 else UUID(int=200 + number),
        advocate_active=minutes % 7 != 1,
        program_id=draw(st.sampled_from(PROGRAMS)),
        terms_id=uuid5(PROGRAMS[0], repr(promised)),
        terms=promised,
        link_id=draw(st.sampled_from([None, UUID(int=401), UUID(int=402)])),
        claim_id=draw(st.sampled_from([None, UUID(int=501)])),
        click_id=draw(st.sampled_from([None, UUID(int=601), UUID(int=602)])),
        program_open=minutes % 5 != 1,
        joined_at=NOON + timedelta(minutes=4) if number == 0 and minutes % 3 == 1 else JOINED.get(number),
    )


buyers = st.builds(
    Buyer,
    customer_id=st.one_of(st.none(), st.just(BUYER)),
    paid_before=st.booleans(),
    referred_by=st.dictionaries(st.sampled_from(PROGRAMS), st.sampled_from(ADVOCATES)),
)
several = st.lists(touches_by(), max_size=6)


def decide(touches: Sequence[Touch], buyer: Buyer = NEW, placed_at: datetime = NOON) -> Decision:
    return attribute(placed_at=placed_at, buyer=buyer, touches=touches, zone=ZONE)


def is_valid(touch: Touch, placed_at: datetime = NOON) -> bool:
    """Said once more in plain words: active, open, not after the order, not before its advocate, inside the window."""
    late = placed_at > add_days(touch.at, touch.terms.attribution_window_days, ZONE)
    early = placed_at + CLOCK_SKEW < touch.at
    too_young = touch.joined_at is not None and placed_at + CLOCK_SKEW < touch.joined_at
    return touch.advocate_active and touch.program_open and not (late or early or too_young)


@given(several.flatmap(lambda drawn: st.tuples(st.just(drawn), st.permutations(drawn))), buyers)
def test_the_order_in_which_touches_come_decides_nothing(drawn: tuple[list[Touch], list[Touch]], buyer: Buyer) -> None:
    assert decide(drawn[0], buyer) == decide(drawn[1], buyer)


@given(several, buyers)
def test_at_most_one_advocate_and_never_oneself(touches: list[Touch], buyer: Buyer) -> None:
    found = decide(touches, buyer)
    if found.verdict == Verdict.ATTRIBUTED:
        assert found.touch in touches
        assert found.touch.advocate_customer_id != buyer.customer_id
    assert (found.touch is None) == (found.verdict == Verdict.NOT_REFERRED)
    taken = [line for line in found.considered if line.reason == found.how]
    assert not found.touch or str(found.touch.advocate_id) in {line.advocate_id for line in taken}


@given(several, buyers)
def test_every_touch_is_named_in_the_trace_with_a_reason(touches: list[Touch], buyer: Buyer) -> None:
    found = decide(touches, buyer)
    named = [(line.by, line.at, line.advocate_id) for line in found.considered]
    assert sorted(named) == sorted((touch.by, touch.at.isoformat(), str(touch.advocate_id)) for touch in touches)
    assert all(line.reason for line in found.considered)
    if found.touch:
        others = [line.reason for line in found.considered]
        others.remove(str(found.how))
        kinds_of_fault = {Reason.ADVOCATE_INACTIVE, Reason.PROGRAM_CLOSED, Reason.BEFORE_TOUCH, Reason.WINDOW_OVER}
        assert set(others) <= kinds_of_fault | {Reason.JOINED_LATER, Reason.OTHER_TOUCH_WON}


@given(several, touches_by(), buyers)
def test_what_is_no_valid_touch_changes_nothing(touches: list[Touch], more: Touch, buyer: Buyer) -> None:
    spoilt = replace(more, program_open=False)
    before, after = decide(touches, buyer), decide([*touches, spoilt], buyer)
    assert (after.verdict, after.touch, after.how) == (before.verdict, before.touch, before.how)
    if before.touch:
        assert after.reason == before.reason


@given(several, touches_by(by=st.just(MatchedBy.MANUAL)))
def test_a_decision_by_hand_wins(touches: list[Touch], by_hand: Touch) -> None:
    by_hand = replace(by_hand, at=NOON, advocate_active=True, program_open=True, joined_at=None)
    others = [touch for touch in touches if touch.by != MatchedBy.MANUAL]
    found = decide([*others, by_hand])
    assert (found.touch, found.how) == (by_hand, Reason.BY_HAND)


@given(several, touches_by(by=st.just(MatchedBy.INTRODUCED)), buyers)
def test_what_was_said_afterwards_counts_where_nothing_else_does(
    touches: list[Touch], said: Touch, buyer: Buyer
) -> None:
    others = [touch for touch in touches if touch.by != MatchedBy.INTRODUCED]
    with_it, without = decide([*others, said], buyer), decide(others, buyer)
    if without.touch:
        assert with_it.touch == without.touch
    elif is_valid(said):
        assert (with_it.touch, with_it.how) == (said, Reason.INTRODUCED)


# --- the rule said once more ------------------------------------------------------------------------------------


def winner_in_plain_words(touches: Sequence[Touch], rules: Terms) -> Touch | None:
    """For one program: by hand, then (if they override) codes, then all but what was said afterwards, then that."""
    valid = [touch for touch in touches if is_valid(touch)]
    groups = [
        [touch for touch in valid if touch.by == MatchedBy.MANUAL],
        [touch for touch in valid if touch.by == MatchedBy.CODE and rules.code_rule == CodeRule.OVERRIDES],
        [touch for touch in valid if touch.by in CLICKED],
        valid,
    ]
    group = next((one for one in groups if one), [])
    if not group:
        return None
    is_last = rules.touch_rule == TouchRule.LAST or group is groups[0]
    return max(group, key=lambda touch: touch.at) if is_last else min(group, key=lambda touch: touch.at)


@settings(max_examples=300)
@given(terms.flatmap(lambda rules: st.tuples(st.just(rules), st.lists(touches_by(rules=rules), max_size=6))))
def test_first_or_last_and_what_a_code_overrides(drawn: tuple[Terms, list[Touch]]) -> None:
    rules, touches = drawn
    touches = [replace(touch, at=touch.at + timedelta(seconds=n)) for n, touch in enumerate(touches)]  # no ties
    assert decide(touches).touch == winner_in_plain_words(touches, rules)


@pytest.mark.parametrize(
    ("touch_rule", "code_rule", "winner"),
    [
        (TouchRule.FIRST, CodeRule.OVERRIDES, "code"),
        (TouchRule.LAST, CodeRule.OVERRIDES, "code"),
        (TouchRule.FIRST, CodeRule.TOUCH, "early"),
        (TouchRule.LAST, CodeRule.TOUCH, "code"),
    ],
)
def test_a_code_between_two_links(touch_rule: TouchRule, code_rule: CodeRule, winner: str) -> None:
    rules = Terms(currency="EUR", touch_rule=touch_rule, code_rule=code_rule)
    named = {
        "early": plain(MatchedBy.TOKEN, NOON - timedelta(days=3), 0, rules),
        "late": plain(MatchedBy.TOKEN, NOON - timedelta(days=1), 1, rules),
        "code": plain(MatchedBy.CODE, NOON, 2, rules),
    }
    assert decide(list(named.values())).touch == named[winner]


def plain(by: MatchedBy, at: datetime, number: int, rules: Terms) -> Touch:
    return Touch(by, at, ADVOCATES[number], UUID(int=200 + number), True, PROGRAMS[0], UUID(int=300), rules)


# --- clocks -----------------------------------------------------------------------------------------------------


@given(st.integers(1, 60), st.integers(-2, 2))
def test_the_window_is_of_calendar_days_and_its_last_moment_counts(days: int, seconds: int) -> None:
    rules = Terms(currency="EUR", attribution_window_days=days)
    at = NOON - timedelta(days=days // 2)
    placed_at = add_days(at, days, ZONE) + timedelta(seconds=seconds)
    found = decide([plain(MatchedBy.TOKEN, at, 0, rules)], placed_at=placed_at)
    assert found.reason == (Reason.FIRST_TOUCH if seconds <= 0 else Reason.WINDOW_OVER)


@given(st.integers(-400, 400))
def test_clocks_may_differ_a_little(seconds: int) -> None:
    touch = plain(MatchedBy.TOKEN, NOON + timedelta(seconds=seconds), 0, Terms(currency="EUR"))
    expected = Reason.BEFORE_TOUCH if timedelta(seconds=seconds) > CLOCK_SKEW else Reason.FIRST_TOUCH
    assert decide([touch]).reason == expected


@given(several, st.integers(0, 24), st.integers(-60, 800))
@example([], 12, 365)  # summer time is not over yet a year later: an hour too late
def test_a_bound_customer_stays_bound_for_so_long_and_the_rest_is_named(
    touches: list[Touch], months: int, days: int
) -> None:
    bound = plain(MatchedBy.BOUND, NOON, 0, Terms(currency="EUR"))
    placed_at = NOON + timedelta(days=days)
    found = attribute_further(
        placed_at=placed_at, first_placed_at=NOON, touch=bound, months=months, zone=ZONE, others=touches
    )
    assert (found is not None) == (NOON <= placed_at <= _months_after_noon(months))
    if found:
        assert (found.touch, found.how, len(found.considered)) == (bound, Reason.FURTHER_ORDER, len(touches) + 1)


def _months_after_noon(months: int) -> datetime:
    """At the same time on the clock; the day of NOON is in every month."""
    wall = NOON.astimezone(ZoneInfo(ZONE))
    years, month = divmod(wall.month - 1 + months, 12)
    return wall.replace(year=wall.year + years, month=month + 1)


# --- what blocks for certain ------------------------------------------------------------------------------------


@given(several, buyers)
def test_what_blocks_is_certain(touches: list[Touch], buyer: Buyer) -> None:
    found, touch = decide(touches, buyer), decide(touches, buyer).touch
    if touch is None:
        return
    earlier = buyer.referred_by.get(touch.program_id)
    reasons = {
        Reason.OWN_PURCHASE: buyer.customer_id == touch.advocate_customer_id,
        Reason.SECOND_ADVOCATE: earlier not in (None, touch.advocate_id),
        Reason.EXISTING_CUSTOMER: earlier is not None or (touch.terms.new_customers_only and buyer.paid_before),
    }
    assert (found.verdict == Verdict.BLOCKED) == any(reasons.values())
    if found.verdict == Verdict.BLOCKED:
        assert reasons[found.reason]
