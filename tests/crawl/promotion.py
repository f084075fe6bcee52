"""A program that is told of: places in every state, and links for staff with what came by them."""

from __future__ import annotations

from datetime import timedelta

from engagement.actions.promotion import add_staff_link, note_arrival, note_opened, say_of_place
from engagement.models import PlaceWord
from engagement.rules.coverage import Place
from engagement.selectors import By
from kit.ids import public_id
from merchants.events import SYSTEM
from tests.cast import World, at_work


def promotion_of(world: World) -> dict[str, str]:
    """The id of a staff link."""
    with at_work(world.merchant) as now:
        link = add_staff_link(program=world.program, name="Till 2", by=SYSTEM, now=now)
        note_opened(program=world.program, by=By(Place.STAFF, link), now=now)
        note_arrival(advocate=world.advocate, by=By(Place.STAFF, link), now=now)
        note_opened(program=world.program, by=By(Place.CHAT), now=now - timedelta(days=45))
        say_of_place(place=Place.PHONE, says=PlaceWord.Says.DONE, by=SYSTEM, now=now)
        say_of_place(place=Place.APP_MENU, says=PlaceWord.Says.NOT_OURS, by=SYSTEM, now=now)
        return {"staff_link": public_id("stf", link.pk)}
