"""Orders that people decide about: said and confirmed, given by hand, in another currency."""

from __future__ import annotations

from kit.ids import public_id
from merchants.events import SYSTEM
from rewards.actions.by_hand import attribute_by_hand
from tests.cast import World, at_work
from tests.facts import snapshot
from tracking.actions.introductions import say_who
from tracking.models import Introduction, Order


def whose_of(world: World) -> dict[str, str]:
    """The id of a question that the advocate has not answered."""
    for number in ("71", "72"):
        world.take(snapshot(world.now, number=f"#{number}"), number=number, email=f"f{number}@friend.example")
    dollars = snapshot(world.now, token=world.click(), currency="USD", number="#73")
    world.take(dollars, number="73", email="f73@friend.example")
    with at_work(world.merchant) as now:
        asked, given = (Order.objects.get(external_id=number) for number in ("71", "72"))
        say_who(order=asked, said=world.link.code, friend_name="Fay", now=now)
        attribute_by_hand(order=given, advocate=world.advocate, reason="She wrote to us.", by=SYSTEM, now=now)
        return {"introduction": public_id("int", Introduction.objects.get(order=asked).pk)}
