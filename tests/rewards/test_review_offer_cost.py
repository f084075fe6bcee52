"""What an order's discount cost follows the order's newest version, whatever it said before."""

from __future__ import annotations

from itertools import permutations
from uuid import UUID

import pytest
from django.db.models import Sum

from advocates.actions.customers import know_customer
from advocates.models import Customer, Link
from rewards.models import Account, LedgerEntry
from tests.cast import World, a_world, at_work, enrolled, live_program
from tests.facts import DAY, snapshot
from tracking.actions.claims import begin_claim, finish_claim
from tracking.models import Claim

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return a_world()


def claimed(world: World, code: str, *, link: Link | None = None, email: str = "eve@friend.example") -> Claim:
    with at_work(world.merchant):
        friend = know_customer(email=email, source=Customer.Source.CLAIM, now=world.now)
        begun = begin_claim(link=link or world.link, friend=friend, click_id=None, name_shown=False, now=world.now)
        return finish_claim(claim=begun.claim, code=code, is_own=True, now=world.now)


def costs(world: World) -> dict[tuple[UUID, str], int]:
    with at_work(world.merchant):
        sums = LedgerEntry.objects.filter(account=Account.OFFER_COST).values_list("program_id", "unit")
        return {(program, unit): total for program, unit, total in sums.annotate(total=Sum("amount_minor")) if total}


@pytest.mark.parametrize("arrival", list(permutations(range(3))))
def test_a_discount_taken_off_the_order_is_no_cost(world, arrival):
    claimed(world, "EVE-1")
    facts = [
        snapshot(world.now, codes=[("EVE-1", 2000)]),
        snapshot(world.now, codes=[("EVE-1", 500)], as_of=world.now + DAY),
        snapshot(world.now, as_of=world.now + 2 * DAY),
    ]
    for position in arrival:
        world.take(facts[position])
    assert costs(world) == {}


def test_a_code_of_another_program_moves_the_cost_there(world):
    other = live_program(world.merchant, name="Zweites")
    second = enrolled(world.merchant, other, "dora@advocate.example", "Dora Zwei")
    with at_work(world.merchant):
        link = Link.objects.get(advocate=second, channel="LINK")
    claimed(world, "EVE-1")
    claimed(world, "EVE-2", link=link)
    world.take(snapshot(world.now, codes=[("EVE-1", 2000)]))
    assert costs(world) == {(world.program.pk, "EUR"): 2000}
    world.take(snapshot(world.now, codes=[("EVE-2", 1500)], as_of=world.now + DAY))
    assert costs(world) == {(other.pk, "EUR"): 1500}


def test_a_corrected_currency_leaves_no_cost_in_the_other(world):
    claimed(world, "EVE-1")
    world.take(snapshot(world.now, codes=[("EVE-1", 2000)]))
    world.take(snapshot(world.now, codes=[("EVE-1", 2100)], currency="USD", as_of=world.now + DAY))
    assert costs(world) == {(world.program.pk, "USD"): 2100}


def test_two_orders_with_one_code_cost_both_discounts(world):
    """Codes are single-use in the shop; where it takes one twice, both discounts were granted."""
    claimed(world, "EVE-1")
    world.take(snapshot(world.now, codes=[("EVE-1", 2000)]))
    world.take(snapshot(world.now, codes=[("EVE-1", 1000)]), number="2", email="x@friend.example")
    assert costs(world) == {(world.program.pk, "EUR"): 3000}
