"""Two presses at once, of the same button or of two: one look, and one mail to whoever is looked at."""

from __future__ import annotations

from functools import partial
from uuid import UUID

import pytest

from advocates.models import Advocate, Viewing
from merchants.models import Event, Membership
from tests.cast import World, a_world, at_work, enrolled
from tests.races import at_once
from tracking.actions.viewings import begin_viewing

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return a_world()


def test_a_double_click_is_one_look(world: World) -> None:
    seat = Membership.objects.get(merchant=world.merchant)

    def looked() -> UUID:
        told = {"session": "one", "ip": "203.0.113.9"}
        with at_work(world.merchant) as now:
            key: UUID = begin_viewing(advocate=world.advocate, member=seat, **told, tell=True, now=now).pk
            return key

    keys = at_once(*[looked] * 4)
    with at_work(world.merchant):
        assert set(keys) == {Viewing.objects.get().pk}
        assert Event.objects.filter(code="advocate.viewed").count() == 1


def test_two_advocates_at_once_are_one_look_after_the_other(world: World) -> None:
    seat = Membership.objects.get(merchant=world.merchant)
    otto = enrolled(world.merchant, world.program, "otto@advocate.example", "Otto Brand")

    def look_at(advocate: Advocate) -> None:
        with at_work(world.merchant) as now:
            begin_viewing(advocate=advocate, member=seat, session="one", ip="203.0.113.9", tell=False, now=now)

    at_once(*(partial(look_at, advocate) for advocate in (world.advocate, otto)))
    with at_work(world.merchant):
        assert Viewing.objects.filter(left_at=None).count() == 1
        assert Event.objects.filter(code="advocate.view_left").count() == 1
