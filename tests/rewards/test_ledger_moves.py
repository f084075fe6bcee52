"""Every move by its accounts and signs, and what is written of a posting, column by column."""

from __future__ import annotations

from uuid import uuid4

import pytest

from kit.tenancy import TransactionRequired
from rewards import ledger
from rewards.ledger import Booking, Move
from rewards.models import Account, LedgerEntry, Posting, Reward
from tests.cast import World, a_world, at_work
from tests.facts import delivery, snapshot
from tracking.models import Order

#: The books as an accountant would write them down: (debit, credit) of each move.
MOVES = [
    (ledger.allot, "BUDGET", "ALLOTTED"),
    (ledger.take_away, "ALLOTTED", "BUDGET"),
    (ledger.commit, "COMMITTED", "BUDGET"),
    (ledger.uncommit, "BUDGET", "COMMITTED"),
    (ledger.hold, "REWARD_COST", "HELD"),
    (ledger.unhold, "HELD", "REWARD_COST"),
    (ledger.release, "HELD", "PAYABLE"),
    (ledger.owe_less, "PAYABLE", "REWARD_COST"),
    (ledger.owe_more, "REWARD_COST", "PAYABLE"),
    (ledger.fulfil, "PAYABLE", "FULFILLED"),
    (ledger.revive, "EXPIRED", "FULFILLED"),
    (ledger.claw_back, "CLAWED_BACK", "REWARD_COST"),
    (ledger.give_back, "REWARD_COST", "CLAWED_BACK"),
    (ledger.recover, "RECOVERED", "CLAWED_BACK"),
    (ledger.owe_again, "CLAWED_BACK", "RECOVERED"),
    (ledger.grant_discount, "OFFER_COST", "DISCOUNT_GRANTED"),
]


@pytest.mark.parametrize(("move", "debit", "credit"), MOVES, ids=lambda given: getattr(given, "__name__", given))
def test_where_each_move_goes(move, debit, credit):
    assert move(7) == Move(Account(debit), Account(credit), 7)


@pytest.mark.parametrize("there", ["HELD", "PAYABLE", "FULFILLED"])
def test_what_waits_is_owed_or_was_given_can_expire(there):
    assert ledger.expire(7, source=Account(there)) == Move(Account(there), Account.EXPIRED, 7)


@pytest.mark.parametrize("there", sorted(set(Account.values) - {"HELD", "PAYABLE", "FULFILLED"}))
def test_nothing_else_can_expire(there):
    with pytest.raises(ValueError, match=there):
        ledger.expire(7, source=Account(there))


def test_a_discount_is_corrected_the_other_way_round():
    assert ledger.grant_discount(-7) == Move(Account.DISCOUNT_GRANTED, Account.OFFER_COST, 7)
    assert ledger.grant_discount(0).amount_minor == 0
    assert ledger.grant_discount(0).debit == Account.OFFER_COST


# --- what is written ----------------------------------------------------------------------------------------------


@pytest.fixture
def world(db: None) -> World:
    return a_world()


def kinds_posted() -> list[str]:
    return list(Posting.objects.filter(kind__startswith="test").order_by("pk").values_list("kind", flat=True))


def legs(posting: Posting) -> list[tuple[str, str, int, object]]:
    entries = LedgerEntry.objects.filter(posting=posting).order_by("pk")
    return list(entries.values_list("account", "unit", "amount_minor", "program_id"))


def bought(world: World) -> tuple[Reward, Order]:
    world.take(snapshot(world.now, token=world.click()), delivery(world.now))
    with at_work(world.merchant):
        return Reward.objects.get(side="ADVOCATE"), Order.objects.get()


def test_a_posting_says_what_it_belongs_to_and_its_legs_where_it_went(world):
    reward, order = bought(world)
    with at_work(world.merchant) as now:
        ledger.post(
            "test.whole",
            moves=[ledger.hold(7), ledger.release(5)],
            unit="EUR",
            program_id=world.program.pk,
            now=now,
            reward=reward,
            order=order,
        )
        posting = Posting.objects.get(kind="test.whole")
        assert (posting.at, posting.program_id) == (now, world.program.pk)
        assert (posting.reward_id, posting.claim_id, posting.order_id) == (reward.pk, None, order.pk)
        assert legs(posting) == [
            ("REWARD_COST", "EUR", 7, world.program.pk),
            ("HELD", "EUR", -7, world.program.pk),
            ("HELD", "EUR", 5, world.program.pk),
            ("PAYABLE", "EUR", -5, world.program.pk),
        ]


def test_a_posting_may_belong_to_nothing_but_the_program(world):
    with at_work(world.merchant) as now:
        ledger.post("test.bare", moves=[ledger.allot(9)], unit="JPY", program_id=world.program.pk, now=now)
        posting = Posting.objects.get(kind="test.bare")
        assert (posting.reward_id, posting.claim_id, posting.order_id) == (None, None, None)
        assert legs(posting) == [("BUDGET", "JPY", 9, world.program.pk), ("ALLOTTED", "JPY", -9, world.program.pk)]


def test_a_claim_that_is_none_is_refused(world):
    """The claim is written where claims stand: a key of nothing does not pass."""
    from django.db import IntegrityError

    with pytest.raises(IntegrityError, match="claim"), at_work(world.merchant) as now:
        ledger.post("test", moves=[ledger.allot(9)], unit="EUR", program_id=world.program.pk, now=now, claim_id=uuid4())
    with at_work(world.merchant):
        assert kinds_posted() == []


def test_many_postings_keep_apart_what_is_theirs(world):
    reward, order = bought(world)
    with at_work(world.merchant) as now:
        bookings = [
            Booking([ledger.hold(1)], "EUR", world.program.pk, reward=reward),
            Booking([ledger.hold(0)], "EUR", world.program.pk),
            Booking(iter([ledger.hold(2), ledger.hold(0)]), "USD", world.program.pk, order=order),
        ]
        ledger.post_many("test.many", bookings=iter(bookings), now=now)
        first, second = Posting.objects.filter(kind="test.many").order_by("pk")
        assert (first.reward_id, first.order_id, first.at) == (reward.pk, None, now)
        assert (second.reward_id, second.order_id, second.at) == (None, order.pk, now)
        assert [leg[:3] for leg in legs(first)] == [("REWARD_COST", "EUR", 1), ("HELD", "EUR", -1)]
        assert [leg[:3] for leg in legs(second)] == [("REWARD_COST", "USD", 2), ("HELD", "USD", -2)]


def test_moves_of_nothing_write_nothing(world, django_assert_num_queries):
    with at_work(world.merchant) as now, django_assert_num_queries(0):
        ledger.post("test", moves=[ledger.hold(0)], unit="EUR", program_id=world.program.pk, now=now)
        ledger.post_many("test", bookings=[], now=now)


def test_one_move_backwards_and_nothing_of_all_is_written(world):
    bookings = [Booking([ledger.hold(amount)], "EUR", world.program.pk) for amount in (5, -1)]
    with at_work(world.merchant) as now:
        with pytest.raises(ValueError, match="positive"):
            ledger.post_many("test", bookings=bookings, now=now)
        assert kinds_posted() == []


def test_nothing_is_posted_outside_of_a_merchants_transaction(world):
    given = {"moves": [ledger.hold(1)], "unit": "EUR", "program_id": world.program.pk, "now": world.now}
    with pytest.raises(TransactionRequired):
        ledger.post("test", **given)
    with pytest.raises(TransactionRequired):
        ledger.post_many("test", bookings=[], now=world.now)


def test_a_balance_is_of_one_account_unit_reward_order_and_kind(world):
    reward, order = bought(world)
    with at_work(world.merchant) as now:
        for kind, amount, unit, whose in (
            ("test.a", 1, "EUR", {"reward": reward}),
            ("test.b", 10, "EUR", {"reward": reward, "order": order}),
            ("test.b", 100, "EUR", {"order": order}),
            ("test.c", 1000, "USD", {}),
        ):
            moves = [ledger.recover(amount)]
            ledger.post(kind, moves=moves, unit=unit, program_id=world.program.pk, now=now, **whose)
        back = Account.RECOVERED
        assert ledger.balance(back, unit="EUR") == 111
        assert ledger.balance(Account.CLAWED_BACK, unit="EUR") == -111
        assert ledger.balance(back, unit="USD") == 1000
        assert ledger.balance(back, unit="CHF") == 0
        assert ledger.balance(back, unit="EUR", reward=reward) == 11
        assert ledger.balance(back, unit="EUR", order=order) == 110
        assert ledger.balance(back, unit="EUR", reward=reward, order=order) == 10
        assert ledger.balance(back, unit="EUR", kinds=["test.a"]) == 1
        assert ledger.balance(back, unit="EUR", kinds={"test.a", "test.b"}, order=order) == 110
        assert ledger.balance(back, unit="EUR", kinds=[]) == 0
