"""Whatever happens in whatever order: nobody is paid twice, and what was paid and what is carried over is owed."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rewards.actions.audit import look_at_books
from rewards.actions.payouts.lines import PayoutError
from rewards.actions.payouts.run import cancel_payout
from rewards.models import PayoutItem, PayoutLine, Reward
from rewards.payable import debts
from tests.cast import at_work
from tests.rewards.cash import ALICE, Till, a_till

pytestmark = pytest.mark.django_db

WHO = st.sampled_from(["dana", "otto"])
STEPS = st.one_of(
    st.tuples(st.just("earn"), WHO, st.integers(1, 3000)),
    st.tuples(st.just("return"), st.integers(0, 9), st.integers(1, 3000)),
    st.tuples(st.just("run"), st.booleans(), st.booleans()),
    st.tuples(st.just("preview"), st.just(0), st.just(0)),
    st.tuples(st.just("confirm"), st.just(0), st.just(0)),
    st.tuples(st.just("answer"), st.booleans(), st.booleans()),
    st.tuples(st.just("cancel"), st.just(0), st.just(0)),
)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(minimum=st.sampled_from([0, 1000]), steps=st.lists(STEPS, min_size=4, max_size=10))
def test_nobody_is_paid_twice_and_nothing_is_lost(minimum: int, steps: list[Any]) -> None:
    play = Play(a_till(), minimum)
    for step in steps:
        play.do(*step)
        play.check()
    play.end()
    play.check()


class Play:
    """One workspace with two advocates, and the payout that is under way."""

    def __init__(self, till: Till, minimum: int) -> None:
        self.till = till
        till.advocate("otto")
        till.policy(minimum_minor=minimum)
        self.orders: list[str] = []
        self.returned: Counter[str] = Counter()
        self.payouts: list[Any] = []

    def do(self, what: str, first: Any, second: Any) -> None:
        with suppress(PayoutError):  # not possible now, and nothing has changed
            getattr(self, f"_{what}")(first, second)

    def _earn(self, who: str, amount: int) -> None:
        self.orders.append(self.till.earn(amount, who))

    def _return(self, which: int, amount: int) -> None:
        if self.orders:
            number = self.orders[which % len(self.orders)]
            self.returned[number] += 1
            self.till.give_back(number, amount, f"r{self.returned[number]}")

    def _run(self, first: bool, second: bool) -> None:
        self.do("preview", 0, 0)
        self.do("confirm", 0, 0)
        self.do("answer", first, second)

    def _preview(self, *_unused: Any) -> None:
        self.payouts.append(self.till.make())

    def _confirm(self, *_unused: Any) -> None:
        if self.payouts:
            self.till.confirm(self.payouts[-1])

    def _cancel(self, *_unused: Any) -> None:
        if self.payouts:
            with at_work(self.till.world.merchant) as now:
                cancel_payout(payout=self.payouts[-1], by=ALICE, now=now)

    def _answer(self, first: bool, second: bool) -> None:
        """The lines of every confirmed payout, paid or failed in turn."""
        for payout in self.payouts:
            for line, is_paid in zip(self._waiting(payout), (first, second), strict=False):
                (self.till.paid if is_paid else self.till.failed)(line)

    def _waiting(self, payout: Any) -> list[PayoutLine]:
        if self.till.state(payout) != "CONFIRMED":
            return []
        return [line for line in self.till.lines(payout) if line.state == "INCLUDED"]

    def end(self) -> None:
        """Every transfer arrives at last, and one more payout takes the rest."""
        self.do("answer", True, True)
        self.do("confirm", 0, 0)
        self.do("answer", True, True)
        self.do("preview", 0, 0)
        self.do("confirm", 0, 0)
        self.do("answer", True, True)

    def check(self) -> None:
        books = self.till.books()
        with at_work(self.till.world.merchant):
            paid = Counter(
                PayoutItem.objects.filter(line__state="PAID", is_correction=False).values_list("reward_id", flat=True)
            )
            assert not [key for key, times in paid.items() if times > 1], "paid twice"
            rewards = list(Reward.objects.filter(released_at__isnull=False).exclude(state="CANCELLED"))
            owed = sum(reward.amount_minor - reward.clawed_back_minor for reward in rewards)
            carried = sum(r.amount_minor for r in rewards if r.state in ("RELEASED", "FULFILLING"))
            arrived = sum(PayoutLine.objects.filter(state="PAID").values_list("amount_minor", flat=True))
            assert arrived + carried - books.get("CLAWED_BACK", 0) == owed
            assert {reward.pk for reward in rewards if reward.state in ("FULFILLED", "REVERSED")} == set(paid)
            under_way = PayoutItem.objects.filter(is_live=True, is_correction=True, line__state="INCLUDED")
            kept = sum(under_way.filter(line__payout__state="CONFIRMED").values_list("amount_minor", flat=True))
            assert look_at_books().differences == []
            assert sum(debt.amount_minor for debt in debts(unit="EUR")) == books.get("CLAWED_BACK", 0) + kept
        assert sum(books.values()) == 0
