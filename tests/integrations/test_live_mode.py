"""What a shop marks as a test, told to a workspace that is in earnest."""

from __future__ import annotations

import pytest

from advocates.models import Link
from rewards.models import Reward
from tests.cast import World, at_work, enrolled, live_program, workspace_of
from tests.integrations.shop import connected
from tests.integrations.test_inbox import referred_order
from tracking.models import Order

pytestmark = pytest.mark.django_db


def a_real_world() -> World:
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee", sandbox=False)
    program = live_program(merchant)
    advocate = enrolled(merchant, program)
    with at_work(merchant) as now:
        link = Link.objects.get(advocate=advocate, channel="LINK")
    return World(merchant, program, advocate, link, now)


def test_a_test_order_at_a_live_workspace_is_answered_kept_and_earns_nothing() -> None:  # hostile 26
    world = a_real_world()
    shop = connected(world.merchant)
    assert shop.send(referred_order(world, world.click(), test=True)).status_code == 200
    shop.sweep()
    assert shop.only_event().state == "HANDLED"
    with at_work(world.merchant):
        assert Order.objects.get().is_test
        assert not Reward.objects.exists()
