"""Many at once by one address, and two of the team who make the same link."""

from __future__ import annotations

import pytest

from engagement.actions.promotion import BadStaffLink, add_staff_link, note_opened, say_of_place
from engagement.models import PlaceDay, PlaceWord, StaffLink
from engagement.rules.coverage import Place
from engagement.selectors import By
from merchants.events import SYSTEM
from merchants.models import Event
from tests.cast import World, a_world, at_work
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return a_world()


def test_no_opening_of_a_days_first_moment_is_lost(world: World) -> None:
    def opened() -> None:
        with at_work(world.merchant) as now:
            note_opened(program=world.program, by=By(Place.POSTER), now=now)

    at_once(*[opened] * 8)
    with at_work(world.merchant):
        assert [row.opened for row in PlaceDay.objects.all()] == [8]


def test_two_who_make_a_link_of_one_name_get_one(world: World) -> None:
    def made() -> str:
        with at_work(world.merchant) as now:
            try:
                return add_staff_link(program=world.program, name="Till 2", by=SYSTEM, now=now).mark
            except BadStaffLink:
                return ""

    marks = at_once(made, made)
    with at_work(world.merchant):
        [link] = StaffLink.objects.all()
    assert sorted(marks) == ["", link.mark]


def test_two_who_say_something_of_a_place_write_two_lines_of_the_log(world: World) -> None:
    def said() -> None:
        with at_work(world.merchant) as now:
            say_of_place(place=Place.PHONE, says=PlaceWord.Says.DONE, by=SYSTEM, now=now)

    at_once(said, said)
    with at_work(world.merchant):
        assert PlaceWord.objects.count() == 1
        assert list(Event.objects.filter(code="place.said").order_by("seq").values_list("seq", flat=True)) == [1, 2]
