"""What the database itself refuses of the ledger."""

from __future__ import annotations

import pytest
from django.db import DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit import tenancy
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
        for account, unit, amount in legs:
            LedgerEntry.objects.create(
                posting=made, account=account, unit=unit, amount_minor=amount, program=world.program
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


@pytest.mark.django_db(transaction=True)
def test_entries_committed_out_of_sight_of_their_tenant_are_refused():
    """Under row security a sum over nothing is NULL, and NULL <> 0 would pass: the trigger fails closed."""
    world = a_world()
    with pytest.raises(DatabaseError, match="not visible"):
        write_and_forget_the_tenant(world)
    assert entries(world) == 0


def write_and_forget_the_tenant(world: World) -> None:
    with at_work(world.merchant) as now:
        posting = Posting.objects.create(kind="test", at=now, program=world.program)
        LedgerEntry.objects.create(posting=posting, account="HELD", unit="EUR", amount_minor=-5, program=world.program)
        tenancy._tell_postgres(None)


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
