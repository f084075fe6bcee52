"""Two presses of the same button at once: one look, and one mail to whoever is looked at."""

from __future__ import annotations

from uuid import UUID

import pytest

from advocates.models import Viewing
from merchants.models import Event, Membership
from tests.cast import World, a_world, at_work
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
