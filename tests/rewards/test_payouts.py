"""Payouts: who is in, what is kept back, two people, one confirmation, and what the bank says."""

from __future__ import annotations

import pytest

from kit.ids import public_id
from merchants.models import Event
from rewards import ledger
from rewards.actions.audit import look_at_books
from rewards.actions.blocks import block_reward, lift_block
from rewards.actions.payouts.lines import PayoutError, leave_out, refresh_payout
from rewards.actions.payouts.run import ask_for_payout, cancel_payout, make_payout, reopen_preview
from rewards.models import Payout, PayoutItem, PayoutLine, Reward
from rewards.payable import coming_to
from tests.cast import World, a_world, at_work
from tests.facts import DAY
from tests.rewards.cash import ALICE, BOB, Till, a_till

pytestmark = pytest.mark.django_db


@pytest.fixture
def till() -> Till:
    return a_till()


def refused(code: str, act, *args, **kwargs) -> None:
    with pytest.raises(PayoutError) as error:
        act(*args, **kwargs)
    assert error.value.code == code


# --- the whole way --------------------------------------------------------------------------------------------------


def test_a_payout_from_release_to_paid(till):
    till.earn(2000)
    till.earn(1500)
    payout = till.make()
    assert till.told(payout) == [("dana", 3500, "INCLUDED", "")]
    assert till.books() == {"REWARD_COST": 3500, "PAYABLE": -3500}
    assert till.confirm(payout)
    assert till.rewards() == [("FULFILLING", 2000, 0), ("FULFILLING", 1500, 0)]
    [line] = till.lines(payout)
    assert (line.method, line.hint, bool(line.sealed)) == ("IBAN", "DE•• •••• 3000", True)
    till.paid(line, "SEPA-77")
    assert till.rewards() == [("FULFILLED", 2000, 0), ("FULFILLED", 1500, 0)]
    assert till.books() == {"REWARD_COST": 3500, "FULFILLED": -3500}
    [line] = till.lines(payout)
    assert (line.state, line.reference, line.sealed, line.ended_by) == ("PAID", "SEPA-77", "", ALICE)
    assert till.state(payout) == "CLOSED"
    with at_work(till.world.merchant):
        assert set(Reward.objects.values_list("voucher", flat=True)) == {"SEPA-77"}
        codes = list(Event.objects.filter(subject_id=payout.pk).order_by("seq").values_list("code", flat=True))
    assert codes == ["payout.made", "payout.confirmed", "payout.paid", "payout.closed"]


def test_nothing_to_pay_makes_no_payout(till):
    refused("nothing_to_pay", till.make)
    with at_work(till.world.merchant):
        assert Payout.objects.count() == 0


def test_one_payout_of_a_currency_is_open_at_a_time(till):
    till.earn(2000)
    till.make()
    refused("payout_open_already", till.make)
    with at_work(till.world.merchant):
        assert Payout.objects.count() == 1


def test_only_what_was_released_until_the_cut_off_is_in(till):
    till.earn(2000)
    with at_work(till.world.merchant) as now:
        refused("nothing_to_pay", make_payout, unit="EUR", cut_off_at=now - DAY, by=ALICE, now=now)


def test_below_the_minimum_is_carried_over_until_it_is_enough(till):
    till.policy(minimum_minor=2500)
    till.earn(2000)
    first = till.make()
    assert till.told(first) == [("dana", 2000, "EXCLUDED", "below_minimum")]
    refused("nobody_included", till.confirm, first)
    with at_work(till.world.merchant) as now:
        cancel_payout(payout=first, by=ALICE, now=now)
    till.earn(600)
    second = till.run()
    assert till.told(second) == [("dana", 2600, "PAID", "")]
    assert second.number == 2


def test_without_an_account_nobody_is_paid_until_one_is_given():
    till = a_till(account="")
    till.earn(2000)
    payout = till.make()
    assert till.told(payout) == [("dana", 2000, "EXCLUDED", "no_account")]
    refused("line_cannot_be_taken_in", till.take_in, till.lines(payout)[0])
    till.account("dana", "dana@advocate.example", "PAYPAL")
    with at_work(till.world.merchant) as now:
        assert refresh_payout(payout=payout, now=now)
        assert not refresh_payout(payout=payout, now=now), "the same again changes nothing"
    assert till.told(payout) == [("dana", 2000, "INCLUDED", "")]


def test_decisions_by_hand_outlive_a_new_calculation(till):
    till.policy(minimum_minor=1000)
    till.advocate("otto")
    till.earn(2000)
    till.earn(500, "otto")
    payout = till.make()
    assert till.told(payout) == [("dana", 2000, "INCLUDED", ""), ("otto", 500, "EXCLUDED", "below_minimum")]
    dana, otto = till.lines(payout)
    till.take_in(otto)
    with at_work(till.world.merchant) as now:
        leave_out(line=dana, by=ALICE, now=now)
        refused("line_changed", leave_out, line=dana, by=BOB, now=now)
        refresh_payout(payout=payout, now=now)
    assert till.told(payout) == [("dana", 2000, "EXCLUDED", "by_hand"), ("otto", 500, "INCLUDED", "by_hand")]
    assert till.confirm(payout)
    assert till.rewards() == [("RELEASED", 2000, 0), ("FULFILLING", 500, 0)]
    till.paid(till.lines(payout)[1])
    assert till.told(till.run()) == [("dana", 2000, "PAID", "")]


def test_a_stopped_reward_is_in_no_payout(till):
    till.earn(2000)
    till.earn(1000)
    with at_work(till.world.merchant) as now:
        stopped = Reward.objects.get(amount_minor=2000)
        block_reward(reward=stopped, kind="DISPUTE", reason="", by=ALICE, now=now)
    payout = till.run()
    assert till.told(payout) == [("dana", 1000, "PAID", "")]
    with at_work(till.world.merchant) as now:
        lift_block(reward=stopped, kind="DISPUTE", by=ALICE, now=now)
    assert till.told(till.run()) == [("dana", 2000, "PAID", "")]


# --- netting --------------------------------------------------------------------------------------------------------


def test_what_was_taken_back_after_payment_is_kept_back_from_the_next_payout(till):  # hostile 74
    number = till.earn(2000)
    till.run()
    till.give_back(number, 500)
    assert till.rewards() == [("FULFILLED", 2000, 500)]
    till.earn(3000)
    payout = till.make()
    assert till.told(payout) == [("dana", 2500, "INCLUDED", "")]
    assert till.confirm(payout)
    till.paid(till.lines(payout)[0])
    assert till.books() == {"REWARD_COST": 4500, "FULFILLED": -5000, "RECOVERED": 500}
    with at_work(till.world.merchant):
        assert coming_to(till.world.advocate.customer_id) == []


def test_a_negative_balance_is_carried_over(till):  # hostile 74
    number = till.earn(2000)
    till.run()
    till.give_back(number, 2000)
    assert till.rewards() == [("REVERSED", 2000, 2000)]
    till.earn(800)
    first = till.make()
    assert till.told(first) == [("dana", -1200, "EXCLUDED", "owes_more")]
    with at_work(till.world.merchant) as now:
        [balance] = coming_to(till.world.advocate.customer_id)
        assert (balance.owed_minor, balance.back_minor, balance.total_minor) == (800, 2000, -1200)
        cancel_payout(payout=first, by=ALICE, now=now)
    till.earn(1500)
    assert till.told(till.run()) == [("dana", 300, "PAID", "")]
    assert till.books() == {"REWARD_COST": 2300, "FULFILLED": -4300, "RECOVERED": 2000}


def test_kept_back_twice_is_impossible_while_a_payout_waits_for_the_bank(till):
    number = till.earn(2000)
    till.run()
    till.give_back(number, 500)
    till.earn(1000)
    first = till.make()
    till.confirm(first)
    till.earn(700)
    second = till.make()
    assert till.told(first) == [("dana", 500, "INCLUDED", "")]
    assert till.told(second) == [("dana", 700, "INCLUDED", "")]


def test_what_was_kept_back_without_need_is_paid_with_the_next_payout(till):
    """A dispute that was won, an undone refund: after it was netted, the debt turns round."""
    number = till.earn(2000)
    till.run()
    till.give_back(number, 500)
    till.earn(1000)
    till.run()
    with at_work(till.world.merchant) as now:
        reward = Reward.objects.get(clawed_back_minor=500)
        Reward.objects.filter(pk=reward.pk).update(clawed_back_minor=0)
        told = {"unit": "EUR", "program_id": reward.program_id, "now": now, "reward": reward}
        ledger.post("reward.clawed_back", moves=[ledger.give_back(500)], **told)
    payout = till.run()
    assert till.told(payout) == [("dana", 500, "PAID", "")]
    assert till.books() == {"REWARD_COST": 3000, "FULFILLED": -3000}
    with at_work(till.world.merchant):
        assert look_at_books().differences == []


# --- the confirmation -----------------------------------------------------------------------------------------------


def test_a_reward_that_shrank_meanwhile_asks_for_another_look(till):
    number = till.earn(2000)
    till.earn(1000)
    payout = till.make()
    till.give_back(number, 500)
    assert not till.confirm(payout)
    assert (till.state(payout), till.told(payout)) == ("PREVIEW", [("dana", 2500, "INCLUDED", "")])
    assert {state for state, *_ in till.rewards()} == {"RELEASED"}
    assert till.confirm(payout)


def test_a_reward_cancelled_or_disputed_meanwhile_drops_out(till):
    number = till.earn(2000)
    till.earn(1000)
    till.earn(700)
    payout = till.make()
    till.give_back(number, 2000)
    with at_work(till.world.merchant) as now:
        block_reward(reward=Reward.objects.get(amount_minor=700), kind="DISPUTE", reason="", by=ALICE, now=now)
    assert not till.confirm(payout)
    assert till.told(payout) == [("dana", 1000, "INCLUDED", "")]
    assert till.confirm(payout)
    assert [state for state, *_ in till.rewards()] == ["CANCELLED", "FULFILLING", "RELEASED"]


def test_under_way_no_refund_moves_the_amount_and_the_debt_follows_the_payment(till):
    number = till.earn(2000)
    payout = till.make()
    till.confirm(payout)
    till.give_back(number, 500)
    assert till.rewards() == [("FULFILLING", 2000, 0)]
    till.paid(till.lines(payout)[0])
    assert till.rewards() == [("FULFILLED", 2000, 500)]
    assert till.books() == {"REWARD_COST": 1500, "FULFILLED": -2000, "CLAWED_BACK": 500}


def test_a_confirmed_payout_keeps_the_account_it_was_confirmed_with(till):
    till.earn(2000)
    payout = till.make()
    till.confirm(payout)
    till.account("dana", "thief@elsewhere.example", "PAYPAL")
    [line] = till.lines(payout)
    assert (line.method, line.hint) == ("IBAN", "DE•• •••• 3000")


def test_confirming_twice_is_refused(till):
    till.earn(2000)
    payout = till.make()
    assert till.confirm(payout)
    refused("payout_not_open", till.confirm, payout)
    with at_work(till.world.merchant) as now:
        refused("payout_not_open", cancel_payout, payout=payout, by=ALICE, now=now)
        refused("payout_not_open", refresh_payout, payout=payout, now=now)


# --- two people -----------------------------------------------------------------------------------------------------


def test_above_the_limit_a_second_person_must_agree(till):
    till.policy(approval_over_minor=1999)
    till.earn(2000)
    payout = till.make()
    [line] = till.lines(payout)
    refused("second_person_needed", till.confirm, payout)
    with at_work(till.world.merchant) as now:
        assert ask_for_payout(payout=payout, by=ALICE, now=now)
        refused("payout_waits_for_approval", ask_for_payout, payout=payout, by=BOB, now=now)
        refused("payout_waits_for_approval", leave_out, line=line, by=ALICE, now=now)
    refused("second_person_is_first", till.confirm, payout, ALICE)
    assert {state for state, *_ in till.rewards()} == {"RELEASED"}
    assert till.confirm(payout, BOB)
    with at_work(till.world.merchant):
        found = Payout.objects.get()
        assert (found.asked_by, found.confirmed_by, found.state) == (ALICE, BOB, "CONFIRMED")


def test_at_the_limit_one_person_is_enough(till):
    till.policy(approval_over_minor=2000)
    till.earn(2000)
    assert till.confirm(till.make())


def test_what_changes_after_the_question_needs_a_new_question(till):
    till.policy(approval_over_minor=100)
    number = till.earn(2000)
    payout = till.make()
    with at_work(till.world.merchant) as now:
        ask_for_payout(payout=payout, by=ALICE, now=now)
    till.give_back(number, 500)
    assert not till.confirm(payout, BOB)
    with at_work(till.world.merchant):
        found = Payout.objects.get()
        assert (found.state, found.asked_by, found.asked_at) == ("PREVIEW", "", None)
    refused("second_person_needed", till.confirm, payout, BOB)


def test_a_question_can_be_taken_back(till):
    till.policy(approval_over_minor=100)
    till.earn(2000)
    payout = till.make()
    with at_work(till.world.merchant) as now:
        refused("payout_not_waiting", reopen_preview, payout=payout, by=ALICE, now=now)
        ask_for_payout(payout=payout, by=ALICE, now=now)
        reopen_preview(payout=payout, by=BOB, now=now)
    assert till.state(payout) == "PREVIEW"


# --- what the bank says ---------------------------------------------------------------------------------------------


def test_a_failed_transfer_is_paid_next_time(till):
    number = till.earn(2000)
    first = till.make()
    till.confirm(first)
    till.give_back(number, 500)
    till.failed(till.lines(first)[0])
    assert till.told(first) == [("dana", 2000, "FAILED", "account_wrong")]
    assert (till.state(first), till.rewards()) == ("CLOSED", [("RELEASED", 1500, 0)])
    assert till.books() == {"REWARD_COST": 1500, "PAYABLE": -1500}
    assert till.told(till.run()) == [("dana", 1500, "PAID", "")]
    with at_work(till.world.merchant):
        assert PayoutItem.objects.filter(is_live=True).count() == 1


def test_a_failed_transfer_owes_what_it_had_kept_back(till):
    number = till.earn(2000)
    till.run()
    till.give_back(number, 500)
    till.earn(1000)
    payout = till.make()
    till.confirm(payout)
    till.failed(till.lines(payout)[0])
    assert till.books()["CLAWED_BACK"] == 500
    assert till.told(till.run()) == [("dana", 500, "PAID", "")]


def test_a_mark_is_final(till):
    till.advocate("otto")
    till.earn(2000)
    till.earn(1000, "otto")
    payout = till.make()
    refused("payout_not_confirmed", till.paid, till.lines(payout)[0])
    till.confirm(payout)
    line = till.lines(payout)[0]
    till.paid(line)
    before = till.books()
    refused("line_marked_already", till.paid, line)
    refused("line_marked_already", till.failed, line)
    assert (till.books(), till.state(payout)) == (before, "CONFIRMED")


def test_a_cancelled_payout_leaves_everything_for_the_next(till):
    till.earn(2000)
    payout = till.make()
    with at_work(till.world.merchant) as now:
        cancel_payout(payout=payout, by=ALICE, now=now)
        assert not PayoutItem.objects.filter(is_live=True).exists()
    assert till.told(till.run()) == [("dana", 2000, "PAID", "")]


def test_another_merchant_sees_and_pays_nothing_of_it(till):
    till.earn(2000)
    payout = till.make()
    other: World = a_world(owner="charlie@halcyon.example", name="Halcyon")
    with at_work(other.merchant) as now:
        assert (Payout.objects.count(), PayoutLine.objects.count()) == (0, 0)
        with pytest.raises(Payout.DoesNotExist):
            cancel_payout(payout=payout, by=ALICE, now=now)
    assert till.state(payout) == "PREVIEW"
    assert public_id("pay", payout.pk).startswith("pay_")
