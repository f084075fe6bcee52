"""What a shop's own orders say before the first program is live."""

from __future__ import annotations

from datetime import timedelta

import pytest

from insights.order_values import OrderValues, order_values
from insights.setting_up import took_offer
from merchants.events import SYSTEM
from rewards.actions.settle import take_in
from tests.cast import World, a_world, at_work
from tests.facts import snapshot
from tracking.facts import OrderKey
from tracking.models import Order
from tracking.rules import Fact

pytestmark = pytest.mark.django_db


def order(world: World, number: str, *facts: Fact) -> None:
    with at_work(world.merchant) as now:
        take_in(key=OrderKey("api", number), facts=facts, person=None, now=now, by=SYSTEM)


def test_average_returns_and_spread_of_the_last_year() -> None:
    world = a_world()
    order(world, "1", snapshot(world.now, number="1"))
    order(world, "2", snapshot(world.now, number="2"))
    order(world, "old", snapshot(world.now - timedelta(days=400), number="old"))
    with at_work(world.merchant) as now:
        Order.objects.filter(external_id="1").update(base_minor=4000, net_base_minor=4000)
        Order.objects.filter(external_id="2").update(base_minor=8000, net_base_minor=0)
        found = order_values("EUR", now=now)
        assert found == OrderValues(2, average_minor=6000, return_bp=5000, spread_bp=3333)
        assert order_values("PLN", now=now) == OrderValues()
        Order.objects.update(is_test=True)
        assert order_values("EUR", now=now) == OrderValues()


def test_code_of_the_shop_is_seen_in_its_orders() -> None:
    world = a_world()
    order(world, "1", snapshot(world.now, codes=[("FREUND10", 500)]))
    with at_work(world.merchant):
        assert took_offer(world.program.pk, "FREUND10")
        assert not took_offer(world.program.pk, "FREUND20")
        assert not took_offer(world.program.pk, "")
