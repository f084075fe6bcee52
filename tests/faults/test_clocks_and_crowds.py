"""A host with a wrong clock, a merchant who floods the bulk queue, a provider who forgets keys: nobody else notices."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from kit.clock import database_now
from merchants import wakeups
from merchants.models import WakeUp
from ops.programs import WORKERS
from rewards.actions.release import release_due
from rewards.fulfilment import Delivered, FulfilmentOrder, Unknown
from rewards.models import FulfilmentAttempt, Reward
from rewards.steps import fulfil, release
from tests.cast import World, a_world, at_work, workspace_of
from tests.facts import DAY, delivery, snapshot

pytestmark = pytest.mark.django_db

HOUR = 3600


def sold(world: World, *, delivered_days_ago: int) -> World:
    token = world.click(at=world.now - 41 * DAY)
    world.take(snapshot(world.now - 40 * DAY, token=token), delivery(world.now - delivered_days_ago * DAY))
    return world


def state_of(world: World) -> str:
    with at_work(world.merchant):
        return str(Reward.objects.get().state)


@pytest.fixture
def host_clock(monkeypatch: pytest.MonkeyPatch):
    """Moves the clock of this machine as every process on it sees it; the database's stays right."""
    real, real_ns = time.time, time.time_ns

    def move(seconds: int) -> None:
        monkeypatch.setattr(time, "time", lambda: real() + seconds)
        monkeypatch.setattr(time, "time_ns", lambda: real_ns() + seconds * 10**9)

    return move


def test_a_host_a_day_ahead_releases_nothing_early(host_clock) -> None:  # hostile 99
    world = sold(a_world(), delivered_days_ago=29)
    host_clock(24 * HOUR + 60)
    due_at = release.sweep(world.merchant.tenant_ref())
    assert state_of(world) == "HELD"
    assert due_at is not None
    assert due_at > database_now() + timedelta(hours=12)


def test_a_host_an_hour_behind_releases_in_time(host_clock) -> None:  # hostile 99
    world = sold(a_world(), delivered_days_ago=30)
    with at_work(world.merchant):
        due_at = Reward.objects.get().release_at
    host_clock(-HOUR)
    with at_work(world.merchant):
        assert release_due(now=due_at) == 1


def test_one_merchants_hundred_thousand_exports_hold_up_no_others_release() -> None:  # hostile 98
    """Not by the watch: what the money worker reads and does for others is the same with and without the flood."""
    crowd = workspace_of("charlie@halcyon.example", "Halcyon")
    calm = statements_of_a_release("a@calm.example")
    flood = "INSERT INTO merchants_wakeup SELECT gen_random_uuid(), 'bulk', %s, %s FROM generate_series(1, 100000)"
    with connection.cursor() as cursor:
        cursor.execute(flood, [database_now() - DAY, crowd.pk])
    assert WakeUp.objects.filter(kind="bulk").count() >= 100_000
    flooded = statements_of_a_release("b@flooded.example")
    assert str(crowd.pk) not in "".join(flooded)
    assert len(flooded) == len(calm)


def statements_of_a_release(owner: str) -> list[str]:
    world = sold(a_world(owner=owner, name=owner), delivered_days_ago=31)
    with CaptureQueriesContext(connection) as asked:
        assert wakeups.sweep_due("release") == 1
    assert state_of(world) == "RELEASED"
    return [query["sql"] for query in asked]


def test_the_money_worker_takes_no_other_work() -> None:  # hostile 98
    queues = {name: set(queues.split(",")) for name, (queues, _) in WORKERS.items()}
    assert queues["worker-money"] == {"money"}
    assert {wakeups.queue_of(kind) for kind in ("release", "fulfil")} == {"money"}
    assert wakeups.queue_of("bulk") == "bulk"


class Forgetful:
    """A provider who forgets idempotency keys after a day, but knows every order by our id."""

    timeout = 1.0
    given: list[str] = []
    looked_up: list[str] = []

    def deliver(self, order: FulfilmentOrder) -> Delivered:
        self.given.append(order.key)
        raise Unknown("timeout")

    def look_up(self, order: FulfilmentOrder) -> Delivered | None:
        self.looked_up.append(order.key)
        return Delivered("gift-1") if order.key in self.given else None


@override_settings(REWARD_FULFILLERS={"COUPON_POOL": "tests.faults.test_clocks_and_crowds.Forgetful"})
def test_after_the_key_was_forgotten_the_provider_is_asked_first() -> None:  # hostile 89
    world = sold(a_world(), delivered_days_ago=31)
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())
    with at_work(world.merchant):
        long_ago = database_now() - 2 * DAY
        FulfilmentAttempt.objects.update(started_at=long_ago, lease_until=long_ago)
        Reward.objects.update(next_try_at=long_ago)
    fulfil.sweep(world.merchant.tenant_ref())
    with at_work(world.merchant):
        reward = Reward.objects.get()
    assert (reward.state, reward.voucher) == ("FULFILLED", "gift-1")
    assert (len(Forgetful.given), Forgetful.looked_up) == (1, Forgetful.given)
