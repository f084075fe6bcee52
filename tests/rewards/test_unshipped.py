"""Orders that nobody ships are told of once, after 60 calendar days."""

from __future__ import annotations

from datetime import timedelta

import pytest

from merchants.models import Event
from rewards.actions.unshipped import TOO_LONG, tell_unshipped, unshipped_for_long
from rewards.models import Reward
from rewards.steps import release
from tests.cast import World, a_world, at_work
from tests.facts import DAY, parcel, snapshot
from tracking.models import Order


@pytest.fixture
def world(db: None) -> World:
    return a_world()


def paid(world: World, days: int, number: str = "1", **more) -> None:
    at = world.now - timedelta(days=days)
    world.take(snapshot(at, token=world.click(at=at), **more), number=number, email=f"f{number}@friend.example")


def told(world: World) -> list[str]:
    release.sweep(world.merchant.tenant_ref())
    with at_work(world.merchant):
        ids = Event.objects.filter(code="order.unshipped_long").values_list("subject_id", flat=True)
        return sorted(Order.objects.filter(pk__in=ids).values_list("external_id", flat=True))


def test_it_is_told_once_after_sixty_days(world: World) -> None:
    paid(world, TOO_LONG + 1)
    paid(world, TOO_LONG - 1, "2")
    assert told(world) == ["1"]
    assert told(world) == ["1"]
    with at_work(world.merchant):
        assert Event.objects.filter(code="order.unshipped_long").count() == 1
        assert list(Order.objects.exclude(unshipped_told_at=None).values_list("external_id", flat=True)) == ["1"]


def test_what_was_shipped_cancelled_or_never_needs_it_is_not_told(world: World) -> None:
    paid(world, 70, "1")
    world.take(parcel(world.now - DAY), number="1", email="")
    paid(world, 70, "2")
    world.take(snapshot(world.now - 70 * DAY, cancelled_at=world.now, as_of=world.now), number="2", email="")
    paid(world, 70, "3", reports_shipping=False)
    world.take(snapshot(world.now - 70 * DAY), number="4", email="nobody@friend.example")
    assert told(world) == []


def test_what_was_shipped_meanwhile_is_not_told(world: World) -> None:
    paid(world, 70)
    with at_work(world.merchant) as now:
        [order_id] = unshipped_for_long(now=now, limit=10)
    world.take(parcel(world.now - DAY), email="")
    with at_work(world.merchant) as now:
        assert tell_unshipped(order_id=order_id, now=now) is False
        assert not Event.objects.filter(code="order.unshipped_long").exists()


def test_the_reward_gets_its_date_when_the_order_is_shipped_after_all(world: World) -> None:
    paid(world, 70)
    assert told(world) == ["1"]
    world.take(parcel(world.now), email="")
    with at_work(world.merchant):
        assert Reward.objects.get().release_at == world.now + 35 * DAY
