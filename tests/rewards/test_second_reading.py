"""The product against a second reading of its texts (``second_reading``): amounts, states, dates and books.

First the arithmetic alone, on many stories; then fewer of them through the real actions and the real database. For
longer: ``SECOND_READING=1000 ./run test tests/rewards/test_second_reading.py``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.money import LARGEST_MINOR
from programs.rules import Terms
from rewards.rules import Wanted, settle
from rewards.rules.grants import Grant
from tests.facts import DAY
from tests.rewards import second_reading as second
from tests.rewards.second_reading import (
    Account,
    Calendar,
    Dispute,
    Gift,
    Line,
    Promise,
    Refund,
    Told,
    Version,
)
from tests.rewards.stage import Stage, a_shop, a_stage, undone
from tests.rewards.stories import HOUR, REFUNDS, SHOPS, Story, as_snapshot, as_terms, stories, through_api
from tracking.rules import read_order

LONG = int(os.environ.get("SECOND_READING", "0"))


def many(usual: int) -> Callable[[Any], Any]:
    return settings(
        max_examples=LONG or usual,
        derandomize=not LONG,  # a new story is found in a long run, not in somebody else's change
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


# --- the arithmetic alone ------------------------------------------------------------------------------------------


def wanted(story: Story, told: list[Told]) -> Wanted:
    view = read_order([through_api(item, story.currency) for item in told])
    assert view is not None
    terms = as_terms(story.promise, Terms(currency=story.currency), story.currency)
    touched_at = story.order.placed_at - DAY
    return settle(view, terms, touched_at=touched_at, zone=SHOPS[story.currency], grant=Grant(trust=story.trust))


@many(80)
@given(stories())
def test_every_story_is_worth_what_the_second_reading_says(story: Story) -> None:  # hostile 69, 70, 71, 72, 73, 80
    found, account = wanted(story, story.told), Account(story.promise, story.told)
    for gift, reward, trust in [
        (story.promise.advocate, found.advocate, story.trust),
        (story.promise.friend, found.friend, 0),
    ]:
        amount = account.earned(gift) if gift else 0
        assert (reward.amount_minor if reward else 0) == amount
        if gift and reward:
            assert reward.full_minor == second.value_of(gift, account.bought())
        if amount and reward:
            assert reward.release_at == Calendar(account, story.zone).release_at(trust)


@many(25)
@given(story=stories(), data=st.data())
def test_the_order_and_number_of_tellings_mean_nothing(story: Story, data: st.DataObject) -> None:
    drawn = data.draw(st.permutations(story.told))
    doubled = data.draw(st.lists(st.sampled_from(story.told), max_size=4))
    assert wanted(story, [*drawn, *doubled]) == wanted(story, story.told)


@many(40)
@given(story=stories(), data=st.data())
def test_more_given_back_is_never_worth_more_and_nothing_is_worth_more_than_was_kept(
    story: Story, data: st.DataObject
) -> None:
    before = wanted(story, story.told).advocate
    draw_refund = data.draw(st.sampled_from(list(REFUNDS.values())))
    refund = draw_refund(data.draw, story.order, story.order.placed_at + 30 * DAY, "more")
    after = wanted(story, [*story.told, refund]).advocate
    assert 0 <= (after.amount_minor if after else 0) <= (before.amount_minor if before else 0)
    everything = replace(story.promise, least=0, advocate=Gift(percent=10_000))
    story = replace(story, promise=everything)
    found = wanted(story, [*story.told, refund]).advocate
    assert (found.amount_minor if found else 0) <= Account(everything, [*story.told, refund]).money_left()


@pytest.mark.parametrize("currency", SHOPS)
def test_the_largest_amounts_are_exact(currency: str) -> None:
    promise = Promise(Gift(percent=3333), with_tax=True, with_shipping=True)
    lines = (Line("1", LARGEST_MINOR, LARGEST_MINOR - 1), Line("2", 1))
    order = Version(AT, lines, AT, paid_at=AT)
    story = Story(currency, promise, order, [order, Refund(AT, "r", (("1", 0, LARGEST_MINOR // 7),))])
    found = wanted(story, story.told).advocate
    assert found is not None
    assert found.amount_minor == Account(promise, story.told).earned(promise.advocate)


AT = datetime.fromisoformat("2026-06-10T15:00:00+00:00")
TWO = Version(AT, (Line("1", 10_000, ids=frozenset({"p1"})), Line("2", 10_000, ids=frozenset({"p2"}))), AT, paid_at=AT)
SECOND_BACK = Refund(AT, "r", (("2", 1, 10_000),))


def earned(promise: Promise, *told: Told) -> int:
    found = wanted(Story("EUR", promise, TWO, []), list(told)).advocate
    assert found is not None
    return found.amount_minor


@pytest.mark.parametrize(
    ("change", "left"),
    [(Refund(AT, "o", other=5000), 5000), (Dispute(AT, "d", "lost", 5000), 5000), (Dispute(AT, "d", "lost", 9999), 1)],
)
def test_what_names_no_goods_falls_on_those_that_were_left(change: Told, left: int) -> None:
    only_the_first = Promise(Gift(percent=10_000), only=frozenset({"p1"}))
    assert earned(only_the_first, TWO, SECOND_BACK, change) == left


def test_shipping_was_paid_for_what_ships() -> None:
    ebook = replace(TWO, lines=(replace(TWO.lines[0], ships=False), TWO.lines[1]), shipping=500)
    for product, amount in [("p1", 10_000), ("p2", 10_500)]:
        promise = Promise(Gift(percent=10_000), with_shipping=True, only=frozenset({product}))
        assert earned(promise, ebook) == amount


def test_a_cap_limits_a_percentage_alone() -> None:
    assert earned(Promise(Gift(fixed=700, most=300)), TWO) == 700
    assert earned(Promise(Gift(percent=1000, most=300)), TWO) == 300


# --- the life of both rewards of a story --------------------------------------------------------------------------


@dataclass
class Play:
    """Told step by step to the product and to the second reading, and compared after each."""

    story: Story
    stage: Stage
    now: datetime

    def __post_init__(self) -> None:
        self.told: list[Told] = []
        self.wanted: dict[str, second.Reward] = {}

    def run(self) -> None:
        if self.story.bought_before:
            self._an_earlier_purchase()
        for number, item in enumerate(self.story.told, start=1):
            self.now += HOUR
            self.stage.tell(item, now=self.now)
            self.told.append(item)
            self._settle()
            for after, late, is_sent in self.story.clock:
                if after == number:
                    self._clock(late, is_sent)

    def _an_earlier_purchase(self) -> None:
        at = self.story.order.placed_at - 60 * DAY
        before = replace(self.story.order, as_of=at, placed_at=at, paid_at=at, test=False)
        self.stage.world.take(as_snapshot(before, self.story.currency), number="before", now=self.now)

    def _settle(self) -> None:
        known = self.story.bought_before and self.story.promise.new_friends
        if known or not any(isinstance(item, Version) for item in self.told):
            return self._agree()
        account = Account(self.story.promise, self.told)
        calendar = Calendar(account, self.story.zone)
        for side, gift, trust in [
            ("ADVOCATE", self.story.promise.advocate, self.story.trust),
            ("FRIEND", self.story.promise.friend, 0),
        ]:
            if gift:
                standing = self.wanted.get(side)
                self.wanted[side] = second.after_telling(standing, account, gift, calendar.release_at(trust))
        return self._agree()

    def _clock(self, late: timedelta, is_sent: bool) -> None:
        """It comes round near the due time of what is held; then a hand may give."""
        due = [item.release_at for item in self.wanted.values() if item.state == "HELD" and item.release_at]
        if not due:
            return
        at = max(due) + late
        self.now, account = max(self.now, at), Account(self.story.promise, self.told)
        self.stage.release(at)
        self.wanted = {side: second.after_release(item, account, at) for side, item in self.wanted.items()}
        self._agree()
        if is_sent:
            self.stage.send(self.now)
            self.wanted = {side: second.after_sending(item, account) for side, item in self.wanted.items()}
            self._agree()

    def _agree(self) -> None:
        standing = {side: item for side, item in self.wanted.items() if item.state != "CANCELLED"}
        assert dates_of_held(self.stage.standing()) == dates_of_held(standing)
        assert self.stage.books() == {side: item.books() for side, item in standing.items()}


def dates_of_held(rewards: dict[str, second.Reward]) -> dict[str, second.Reward]:
    """A date is told of what is held alone."""
    return {side: item if item.state == "HELD" else replace(item, release_at=None) for side, item in rewards.items()}


@pytest.mark.django_db
def test_every_story_ends_as_the_second_reading_says() -> None:  # hostile 69 to 77, 81, 86, 100
    shops = {currency: a_shop(currency) for currency in SHOPS}

    @many(10)
    @given(stories())
    def tell(story: Story) -> None:
        with undone():
            at = story.order.placed_at
            stage = a_stage(
                shops[story.currency], story.currency, story.promise, touched_at=at - DAY, trust=story.trust
            )
            Play(story, stage, at).run()

    tell()
