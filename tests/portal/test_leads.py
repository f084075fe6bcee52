"""What an advocate sees of a friend who is talked to: how far it is, and nothing of what was said."""

from __future__ import annotations

import pytest

from leads.actions.moves import lose_lead, move_lead, take_back_sale
from merchants.events import SYSTEM
from tests.cast import at_work
from tests.dashboard.desk import text_of
from tests.dashboard.test_people_pages import cost
from tests.leads.world import a_b2b_world, a_lead, won
from tests.once import for_a_file
from tests.portal.world import portal, signed_in

pytestmark = pytest.mark.django_db

built, world = for_a_file(a_b2b_world)


def test_how_far_the_talks_are_and_nothing_else(world):
    dana = signed_in(world)
    told = {"company": "Kaufmann GmbH", "message": "Fifty seats", "value_minor": 1_234_500}
    lead = a_lead(world, name_shown=True, **told).lead
    assert "Has been in touch" in text_of(dana.get(portal(world, "friends")))
    with at_work(world.merchant) as now:
        move_lead(lead=lead, expected="NEW", to="MEETING", by=SYSTEM, now=now)
    shown = text_of(dana.get(portal(world, "friends")))
    assert "In talks" in shown
    assert "Gwen" in shown
    for secret in ("Kaufmann", "buyer.example", "Fifty seats", "12,345"):
        assert secret not in shown
    with at_work(world.merchant) as now:
        lose_lead(lead=lead, expected="MEETING", reason="PRICE", words="Too dear", by=SYSTEM, now=now)
    shown = text_of(dana.get(portal(world, "friends")))
    assert "Did not work out this time" in shown
    assert "Too" not in shown


def test_without_consent_it_is_a_friend_and_once_won_their_order_tells_the_rest(world):
    dana = signed_in(world)
    lead = a_lead(world).lead
    shown = text_of(dana.get(portal(world, "friends")))
    assert ("A friend" in shown, "Gwen" in shown) == (True, False)
    won(world, lead, amount=1_000_000)
    shown = text_of(dana.get(portal(world, "friends")))
    assert "In talks" not in shown
    assert "€500.00" in shown
    assert "10,000" not in shown
    with at_work(world.merchant) as now:
        take_back_sale(lead=lead, by=SYSTEM, now=now)
    shown = text_of(dana.get(portal(world, "friends")))
    assert (shown.count("A friend"), "In talks" in shown, "Ordered" in shown) == (1, True, False)


def test_many_cost_as_much_as_one(world):
    dana = signed_in(world)
    a_lead(world)
    few = cost(dana, portal(world, "friends"))
    for n in range(5):
        a_lead(world, f"b{n}@buyer.example")
    assert cost(dana, portal(world, "friends")) == few
