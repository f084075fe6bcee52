"""Two at one payout: one wins, the other is told; and a payout beside orders that change."""

from __future__ import annotations

import pytest

from rewards.actions.payouts.lines import PayoutError
from rewards.models import Payout, PayoutItem, Reward
from rewards.steps.payouts import Mark, mark_lines
from tests.cast import at_work
from tests.rewards.cash import ALICE, BOB, a_till

pytestmark = pytest.mark.django_db(transaction=True)


def codes(outcomes: list) -> list[str]:
    return sorted(one.code if isinstance(one, PayoutError) else repr(one) for one in outcomes)


def test_two_confirm_at_once_and_one_wins(together):  # hostile 84
    till = a_till()
    till.earn(2000)
    payout = till.make()
    outcomes = together(lambda: till.confirm(payout, ALICE), lambda: till.confirm(payout, BOB))
    assert codes(outcomes) == ["True", "payout_not_open"]
    assert till.rewards() == [("FULFILLING", 2000, 0)]


def test_two_make_a_payout_at_once_and_one_is_there(together):
    till = a_till()
    till.earn(2000)
    outcomes = together(till.make, till.make)
    assert [type(one).__name__ for one in sorted(outcomes, key=lambda one: type(one).__name__)] == [
        "Payout",
        "PayoutError",
    ]
    with at_work(till.world.merchant):
        assert Payout.objects.count() == 1


def test_paid_and_failed_at_once_is_one_of_them(together):
    till = a_till()
    till.earn(2000)
    payout = till.make()
    till.confirm(payout)
    [line] = till.lines(payout)
    outcomes = together(lambda: till.paid(line), lambda: till.failed(line))
    assert codes(outcomes) == ["None", "line_marked_already"]
    [(state, *_amounts)] = till.rewards()
    assert (state, till.told(payout)[0][2]) in {("FULFILLED", "PAID"), ("RELEASED", "FAILED")}


def test_a_refund_and_the_confirmation_at_the_same_moment(together):
    """Whichever is first: the smaller amount is paid, or the whole one and the rest is owed. Nothing is lost."""
    till = a_till()
    for round_ in range(4):
        number = till.earn(2000)
        payout = till.make()
        together(lambda p=payout: till.confirm(p), lambda n=number: till.give_back(n, 500))
        if till.state(payout) == "PREVIEW":
            assert till.confirm(payout)
        for line in till.lines(payout):
            till.paid(line)
        books = till.books()
        assert books["REWARD_COST"] == 1500 * (round_ + 1)
        assert "PAYABLE" not in books


def test_every_line_marked_by_two_at_once_is_marked_once(together):
    till = a_till()
    till.earn(1000)
    for name in ("otto", "pia", "rita"):
        till.advocate(name)
        till.earn(1000, name)
    payout = till.make()
    till.confirm(payout)
    marks = [Mark(line, "B-1") for line in till.lines(payout)]
    ref = till.world.merchant.tenant_ref()
    one, two = together(
        lambda: mark_lines(ref, marks=marks, by=ALICE), lambda: mark_lines(ref, marks=marks[::-1], by=BOB)
    )
    assert (one.done + two.done, one.others + two.others) == (4, 4)
    assert till.books() == {"REWARD_COST": 4000, "FULFILLED": -4000}
    assert till.state(payout) == "CLOSED"


def test_whoever_dies_half_way_leaves_whole_lines_and_the_rest_is_done_again():
    """The second line's transaction is broken off: the first stays paid, and marking all again pays the rest."""
    till = a_till()
    till.advocate("otto")
    till.earn(1000)
    till.earn(2000, "otto")
    payout = till.make()
    till.confirm(payout)
    marks = [Mark(line, "B-1") for line in till.lines(payout)]
    ref = till.world.merchant.tenant_ref()
    with pytest.raises(ValueError, match="died"):
        mark_lines(ref, marks=_dies_after(marks, 1), by=ALICE)
    assert sorted(state for state, *_ in till.rewards()) == ["FULFILLED", "FULFILLING"]
    told = mark_lines(ref, marks=marks, by=ALICE)
    assert (told.done, told.others) == (1, 1)
    assert till.books() == {"REWARD_COST": 3000, "FULFILLED": -3000}
    with at_work(till.world.merchant):
        assert PayoutItem.objects.filter(is_live=True).count() == Reward.objects.count() == 2


class _dies_after(list):
    def __init__(self, marks: list, whole: int) -> None:
        super().__init__(marks)
        self.whole = whole

    def __iter__(self):
        yield from list(super().__iter__())[: self.whole]
        raise ValueError("died")
