"""Which places are live, and what to do next: a pure rule."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.rules.coverage import BY_WORD, LIVE_DAYS, WORD_DAYS, How, Place, Sign, State, coverage

TODAY = date(2025, 12, 1)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def state_of(place: Place, *signs: Sign, not_ours: tuple[Place, ...] = ()) -> State:
    return coverage(signs, today=TODAY, not_ours=not_ours).line(place).state


def test_without_a_sign_nothing_is_live_and_the_best_place_comes_first() -> None:
    found = coverage([], today=TODAY)
    assert (found.live, found.of, len(found.lines)) == (0, 11, 11)
    assert [line.place for line in found.to_do] == list(Place)
    assert found.to_do[0].place == Place.POST_PURCHASE
    assert {line.state for line in found.lines} == {State.NEVER}


@pytest.mark.parametrize("how", [How.JOINED, How.OPENED, How.SNIPPET])
@pytest.mark.parametrize(("days", "state"), [(0, State.LIVE), (LIVE_DAYS, State.LIVE), (LIVE_DAYS + 1, State.QUIET)])
def test_a_sign_of_life_holds_thirty_days(how: How, days: int, state: State) -> None:
    assert state_of(Place.BLOG, Sign(Place.BLOG, how, ago(days))) == state


def test_a_sign_from_tomorrow_lives_for_zones_and_clocks_differ_by_a_day() -> None:
    assert state_of(Place.BLOG, Sign(Place.BLOG, How.SNIPPET, ago(-1))) == State.LIVE


@pytest.mark.parametrize(("days", "state"), [(0, State.LIVE), (WORD_DAYS, State.LIVE), (WORD_DAYS + 1, State.QUIET)])
def test_a_word_holds_half_a_year_where_nothing_can_be_seen(days: int, state: State) -> None:
    assert state_of(Place.PHONE, Sign(Place.PHONE, How.WORD, ago(days))) == state


@pytest.mark.parametrize("place", sorted(set(Place) - BY_WORD))
def test_a_word_is_no_evidence_where_a_place_can_be_seen(place: Place) -> None:
    assert state_of(place, Sign(place, How.WORD, TODAY)) == State.NEVER


def test_the_latest_sign_is_told_and_of_one_day_the_strongest() -> None:
    signs = [
        Sign(Place.HOMEPAGE, How.JOINED, ago(9)),
        Sign(Place.HOMEPAGE, How.SNIPPET, ago(2)),
        Sign(Place.HOMEPAGE, How.OPENED, ago(2)),
    ]
    for ordered in (signs, signs[::-1]):
        assert coverage(ordered, today=TODAY).line(Place.HOMEPAGE).last == signs[2]


def test_a_place_the_shop_does_not_have_is_neither_counted_nor_asked_for() -> None:
    found = coverage([Sign(Place.ACCOUNT, How.OPENED, TODAY)], today=TODAY, not_ours=[Place.APP_MENU, Place.PHONE])
    assert (found.live, found.of) == (1, 9)
    assert {Place.APP_MENU, Place.PHONE, Place.ACCOUNT}.isdisjoint(line.place for line in found.to_do)


def test_what_is_seen_is_believed_before_what_was_said() -> None:
    sign = Sign(Place.APP_MENU, How.OPENED, ago(3))
    assert state_of(Place.APP_MENU, sign, not_ours=(Place.APP_MENU,)) == State.LIVE
    old = Sign(Place.APP_MENU, How.OPENED, ago(300))
    assert state_of(Place.APP_MENU, old, not_ours=(Place.APP_MENU,)) == State.NOT_OURS


SIGNS = st.lists(
    st.builds(Sign, st.sampled_from(Place), st.sampled_from(How), st.integers(min_value=-1, max_value=400).map(ago)),
    max_size=30,
)


@given(SIGNS, st.sets(st.sampled_from(Place)))
def test_every_place_is_told_of_once_and_the_numbers_agree(signs: list[Sign], not_ours: set[Place]) -> None:
    found = coverage(signs, today=TODAY, not_ours=not_ours)
    assert [line.place for line in found.lines] == list(Place)
    assert found.live + len(found.to_do) == found.of <= 11
    assert found == coverage(signs[::-1], today=TODAY, not_ours=not_ours)
