"""What the database itself refuses of the ledger."""

from __future__ import annotations

import pytest
from django.db import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rewards import ledger
from rewards.models import Account, LedgerEntry, Posting
from tests.cast import World, a_world, at_work

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return a_world()


def write(world: World, *legs: tuple[str, str, int], posting: Posting | None = None) -> Posting:
    with at_work(world.merchant) as now:
        made = posting or Posting.objects.create(kind="test", at=now, program=world.program)
        LedgerEntry.objects.bulk_create(
            LedgerEntry(posting=made, account=account, unit=unit, amount_minor=amount, program=world.program)
            for account, unit, amount in legs
        )
    return made


def entries(world: World) -> int:
    with at_work(world.merchant):
        return LedgerEntry.objects.count()


def test_a_balanced_posting_is_taken(world):
    write(world, ("HELD", "EUR", -5), ("REWARD_COST", "EUR", 5))
    assert entries(world) == 2


@pytest.mark.parametrize(
    "legs",
    [
        [("HELD", "EUR", -5)],
        [("HELD", "EUR", -5), ("REWARD_COST", "EUR", 4)],
        [("HELD", "EUR", -5), ("REWARD_COST", "USD", 5)],
    ],
)
def test_a_posting_that_does_not_sum_to_zero_per_unit_is_refused(world, legs):
    with pytest.raises(DatabaseError, match="does not balance"):
        write(world, *legs)
    assert entries(world) == 0


def test_a_leg_of_nothing_is_refused(world):
    with pytest.raises(DatabaseError, match="ledger_entry_not_zero"):
        write(world, ("HELD", "EUR", 0))


@pytest.mark.django_db(transaction=True)
def test_a_posting_is_closed_with_the_transaction_that_made_it():
    world = a_world()
    posting = write(world, ("HELD", "EUR", -5), ("REWARD_COST", "EUR", 5))
    with pytest.raises(DatabaseError, match="closed"):
        write(world, ("HELD", "EUR", -1), ("REWARD_COST", "EUR", 1), posting=posting)
    assert entries(world) == 2


def test_the_legs_of_a_posting_come_in_one_statement(world):
    """Each statement is judged by itself, so a second one cannot put right, or wrong, what the first one wrote."""
    with pytest.raises(DatabaseError, match="does not balance"), at_work(world.merchant):
        write_leg_by_leg(world, ("HELD", -5), ("REWARD_COST", 5))
    assert entries(world) == 0


def write_leg_by_leg(world: World, *legs: tuple[str, int]) -> None:
    posting = Posting.objects.create(kind="test", at=world.now, program=world.program)
    for account, amount in legs:
        LedgerEntry.objects.create(
            posting=posting, account=account, unit="EUR", amount_minor=amount, program=world.program
        )


def test_a_posting_of_another_tenant_takes_no_entries(world):
    other = a_world(owner="bob@lumen.example", name="Lumen")
    foreign = write(other, ("HELD", "EUR", -5), ("REWARD_COST", "EUR", 5))
    with pytest.raises(DatabaseError, match="posting_id_tenant"):
        write(world, ("HELD", "EUR", -1), ("REWARD_COST", "EUR", 1), posting=foreign)
    assert (entries(world), entries(other)) == (0, 2)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(amounts=st.lists(st.integers(1, 10**12), min_size=1, max_size=6))
def test_whatever_is_posted_all_accounts_sum_to_zero(world, amounts):  # hostile 86
    with at_work(world.merchant) as now:
        before = LedgerEntry.objects.count()
        moves = [ledger.hold(amounts[0]), *(ledger.release(part) for part in amounts[1:])]
        ledger.post("test", moves=moves, unit="EUR", program_id=world.program.pk, now=now)
        assert sum(ledger.balance(a, unit="EUR") for a in Account) == 0
        assert LedgerEntry.objects.count() == before + 2 * len(amounts)


def test_a_move_backwards_is_refused(world):
    with at_work(world.merchant) as now, pytest.raises(ValueError, match="positive"):
        ledger.post("test", moves=[ledger.hold(-1)], unit="EUR", program_id=world.program.pk, now=now)
