"""Who sent you, the advocate's answer, and decisions by hand, in a real browser: readable and narrow enough."""

from __future__ import annotations

from typing import Any

import pytest

from engagement.addresses import who_sent_you
from kit.ids import public_id
from merchants.events import SYSTEM
from rewards.actions.by_hand import attribute_by_hand
from tests.cast import World, a_world, at_work, enrolled
from tests.dashboard.desk import owner
from tests.facts import DAY, snapshot
from tests.looks import LONG, onlooker
from tests.portal.world import portal, signed_in
from tracking.actions.introductions import say_who
from tracking.models import Order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WHY = "She wrote to us: she had opened the link on her phone and bought on the computer at work."


@pytest.fixture
def world() -> World:
    """Orders of nobody, one in dollars, one with two touches and one decided by hand after its buyer named somebody."""
    world = a_world()
    other = enrolled(world.merchant, world.program, "lang@advocate.example", LONG.replace("-", " "))
    for number in ("1", "2", "3", "4"):
        world.take(snapshot(world.now, number=f"#100{number}"), number=number, email=f"eve{number}@friend.example")
    token, code = world.click(at=world.now - DAY), world.link.code
    world.take(snapshot(world.now, token=token, codes=[(code, 0)]), number="5", email="two@friend.example")
    dollars = snapshot(world.now, token=world.click(), currency="USD", number="#1006")
    world.take(dollars, number="6", email="usa@friend.example")
    with at_work(world.merchant) as now:
        say_who(order=found("2"), said="Dana Muster", friend_name="Maximiliane-Charlotte", now=now)
        say_who(order=found("3"), said=LONG, friend_name="", now=now)
        attribute_by_hand(order=found("3"), advocate=other, reason=WHY, with_rewards=False, by=SYSTEM, now=now)
    return world


def found(number: str) -> Order:
    order: Order = Order.objects.get(external_id=number)
    return order


def test_the_pages_look_well(world: World, live_server: Any, chromium: Any) -> None:
    with at_work(world.merchant):
        ids = {n: public_id("ord", found(n).pk) for n in "123456"}
        ways = {n: "/who/" + who_sent_you(found(n).merchant_id, found(n).pk).rpartition("/who/")[2] for n in "125"}
    with onlooker(chromium, live_server.url, owner(world), within=f"/w/{world.merchant.slug}/") as eyes:
        eyes.look("order-decided-by-hand", f"orders/{ids['3']}")
        eyes.look("order-of-two-touches", f"orders/{ids['5']}")
        eyes.look("order-in-dollars", f"orders/{ids['6']}")
        eyes.look("give-order-empty", f"orders/{ids['1']}/attribute")
        eyes.go(f"orders/{ids['1']}/attribute?q=d")
        eyes.press("Give it to this advocate")
        eyes.inspect("give-order-without-reason")
    with onlooker(chromium, live_server.url) as eyes:
        eyes.go(ways["1"])
        eyes.press("Ask them")
        eyes.inspect("who-sent-you-nothing-written")
        eyes.look("who-sent-you-said", ways["2"])
        eyes.look("who-sent-you-over", ways["5"])
    with onlooker(chromium, live_server.url, signed_in(world)) as eyes:
        eyes.look("portal-question", portal(world))
