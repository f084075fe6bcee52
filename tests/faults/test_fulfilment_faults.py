"""Workers that die, providers that misbehave, a broker that forgets: each reward is given once and none is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, transaction

from integrations.actions.connections import add_webhook_connection
from integrations.models import Connection
from kit.clock import database_now
from kit.locks import Rank, lock_named
from kit.tenancy import tenant_scope, tenant_transaction
from merchants import wakeups
from merchants.models import WakeUp
from programs.rules import Fulfilment, RewardRule
from rewards.actions.fulfil import MOST_TRIES, WAITS, claim_next
from rewards.models import Account, FulfilmentAttempt, LedgerEntry, Reward
from rewards.steps import fulfil, release
from tests.cast import World, a_world, at_work
from tests.facts import DAY, delivery, snapshot
from tests.faults.provider import Provider, a_provider

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
WORK = """
import django; django.setup()
from uuid import UUID
from merchants.models import merchant_of
from rewards.steps.fulfil import sweep
sweep(merchant_of(UUID("{merchant}")).tenant_ref())
"""


@pytest.fixture
def provider() -> Iterator[Provider]:
    with a_provider() as running:
        yield running


@pytest.fixture
def world(provider: Provider) -> World:
    """One reward, released, to be given by the provider."""
    world = a_world(advocate_reward=RewardRule(fulfilment=Fulfilment.COUPON_POOL))
    with at_work(world.merchant) as now:
        add_webhook_connection(url=provider.url, purposes=[Connection.Purpose.REWARD], by="test", now=now)
    world = due(world)
    with at_work(world.merchant):
        Reward.objects.update(fulfilment=Fulfilment.WEBHOOK)
    release.sweep(world.merchant.tenant_ref())
    return world


def due(world: World, number: str = "1") -> World:
    token = world.click(at=world.now - 41 * DAY)
    facts = snapshot(world.now - 40 * DAY, token=token), delivery(world.now - 31 * DAY)
    world.take(*facts, number=number, email=f"f{number}@friend.example")
    return world


def worker(world: World) -> subprocess.Popen[bytes]:
    """A process of its own at the fulfil sweep of this merchant, in the tests' database."""
    login = connection.settings_dict
    host = quote(login["HOST"], safe="")
    url = f"postgresql://{login['USER']}@/{login['NAME']}?host={host}"
    code = WORK.format(merchant=world.merchant.pk)
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "referral_saas.settings"}
    return subprocess.Popen([sys.executable, "-c", code], env=environment, cwd=ROOT)


def kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(10)


def lease_over(world: World) -> None:
    """As if the lease's time had passed: no test waits for it."""
    with at_work(world.merchant):
        past = database_now() - timedelta(seconds=1)
        FulfilmentAttempt.objects.filter(state="CLAIMED").update(lease_until=past)
        Reward.objects.filter(next_try_at__isnull=False).update(next_try_at=past)


def state(world: World) -> tuple[Any, ...]:
    with at_work(world.merchant):
        reward = Reward.objects.get()
        paid = LedgerEntry.objects.filter(account=Account.FULFILLED).values_list("amount_minor", flat=True)
        return reward.state, reward.voucher, list(paid)


GIVEN_ONCE = ("FULFILLED", "gift-1", [-2000])


def test_a_worker_killed_during_the_call(world, provider):  # hostile 87, 88
    provider.silent.set()
    process = worker(world)
    assert provider.accepted.wait(30)
    kill(process)
    provider.silent.clear()
    provider.finish.set()
    assert state(world)[0] == "FULFILLING"
    fulfil.sweep(world.merchant.tenant_ref())
    assert len(provider.calls) == 1, "the lease still runs: nobody else may try"
    lease_over(world)
    fulfil.sweep(world.merchant.tenant_ref())
    assert (state(world), provider.given) == (GIVEN_ONCE, [provider.calls[0]])
    assert len(set(provider.calls)) == 1


def test_a_worker_killed_before_the_call(world, provider):  # hostile 87
    """Claimed and then gone: as if it had died between its first transaction and the provider."""
    with tenant_scope(world.merchant.tenant_ref()), tenant_transaction():
        assert claim_next(real_now=database_now()) is not None
    assert provider.calls == []
    lease_over(world)
    fulfil.sweep(world.merchant.tenant_ref())
    assert (state(world), len(provider.given)) == (GIVEN_ONCE, 1)


def test_a_worker_killed_after_the_call_and_before_its_commit(world, provider):  # hostile 87
    with transaction.atomic(), tenant_scope(world.merchant.tenant_ref()):
        hold_settling(world)
        process = worker(world)
        assert provider.accepted.wait(30)
        wait_for_a_waiting_backend()
        kill(process)
    assert state(world)[0] == "FULFILLING"
    lease_over(world)
    fulfil.sweep(world.merchant.tenant_ref())
    assert (state(world), len(provider.given)) == (GIVEN_ONCE, 1)


def hold_settling(world: World) -> None:
    """Hold the order's lock, so that the worker stands before recording what the provider answered."""
    lock_named(Rank.ORDER, "api", "1")


def wait_for_a_waiting_backend() -> None:
    sql = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'advisory'"
    with connection.cursor() as cursor:
        for _ in range(100_000):
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # one transaction sees one picture otherwise
            cursor.execute(sql)
            if cursor.fetchone()[0]:
                return
    raise AssertionError("the worker never came to record")


def test_a_busy_provider_is_asked_again_no_sooner_than_it_said(world, provider):  # hostile 90
    provider.plan = [(429, {"Retry-After": "120"})]
    before = database_now()
    fulfil.sweep(world.merchant.tenant_ref())
    with at_work(world.merchant):
        reward = Reward.objects.get()
        assert reward.state == "RELEASED"
        assert reward.next_try_at >= before + timedelta(seconds=120)
    fulfil.sweep(world.merchant.tenant_ref())
    assert len(provider.calls) == 1
    lease_over(world)
    fulfil.sweep(world.merchant.tenant_ref())
    assert state(world) == GIVEN_ONCE


def test_a_refusal_ends_it_at_the_first_try_with_its_reason(world, provider):  # hostile 91
    provider.plan = [(400, {})]
    assert fulfil.sweep(world.merchant.tenant_ref()) is None
    with at_work(world.merchant):
        reward = Reward.objects.get()
        assert (reward.state, reward.attempts, bool(reward.reason)) == ("FAILED", 1, True)
    assert provider.given == []


def test_an_unknown_outcome_keeps_the_key_and_the_amount(world, provider):  # hostile 88
    provider.plan = [(500, {}), (500, {})]
    for _ in range(3):
        fulfil.sweep(world.merchant.tenant_ref())
        lease_over(world)
    assert (state(world), len(set(provider.calls)), len(provider.calls)) == (GIVEN_ONCE, 1, 3)


def test_a_poison_reward_fails_alone(world, provider):  # hostile 92
    due(world, "2")
    release.sweep(world.merchant.tenant_ref())
    provider.plan = [(500, {})] * MOST_TRIES
    for _ in range(MOST_TRIES):
        fulfil.sweep(world.merchant.tenant_ref())
        lease_over(world)
    with at_work(world.merchant):
        assert sorted(Reward.objects.values_list("fulfilment", "state")) == [
            ("COUPON_POOL", "FULFILLED"),
            ("WEBHOOK", "FAILED"),
        ]


def test_the_first_eleven_tries_never_wait_longer_than_a_minute():
    """With ten seconds to the next ring, a reward hit by a row of faults is late by less than 90 s after the last."""
    assert max(WAITS[:10]) <= timedelta(seconds=60)
    assert list(WAITS) == sorted(WAITS)
    assert sum(WAITS, timedelta()) > timedelta(hours=40), "an outage of a night loses nothing"


def test_a_silent_provider_holds_up_its_own_merchants_turn_only(world, provider):
    for number in range(2, 7):
        due(world, str(number))
    with at_work(world.merchant):
        Reward.objects.update(fulfilment=Fulfilment.WEBHOOK)
    release.sweep(world.merchant.tenant_ref())
    provider.plan = [(500, {})] * 6
    next_at = fulfil.sweep(world.merchant.tenant_ref())
    assert len(provider.calls) == fulfil.MOST_SILENT
    assert next_at is not None
    assert next_at <= database_now(), "the rest is due and comes with the next ring"


def test_a_provider_that_answers_slowly_holds_up_its_own_merchants_turn_only(world, provider):
    due(world, "2")
    with at_work(world.merchant):
        Reward.objects.update(fulfilment=Fulfilment.WEBHOOK)
    release.sweep(world.merchant.tenant_ref())
    next_at = fulfil.sweep(world.merchant.tenant_ref(), seconds=0)
    assert len(provider.calls) == 1
    assert next_at is not None
    assert next_at <= database_now(), "the rest is due and comes with the next ring"


def test_a_crowd_of_due_work_calls_idle_hands_together(world, live_redis, settings):
    settings.SWEEP_HANDS = {"fulfil": 4}
    WakeUp.objects.all().delete()
    live_redis.flushdb()
    assert wakeups.call_helpers("fulfil") == 0
    with at_work(world.merchant) as now:
        WakeUp.objects.bulk_create(WakeUp(merchant=world.merchant, kind="fulfil", due_at=now) for _ in range(9))
        WakeUp.objects.bulk_create(WakeUp(merchant=world.merchant, kind="release", due_at=now) for _ in range(9))
    assert (wakeups.call_helpers("fulfil"), wakeups.call_helpers("release")) == (3, 0)
    assert live_redis.llen("celery:money") == 3


def test_a_broker_that_forgot_everything_loses_no_reward(world, provider, live_redis):  # hostile 93
    live_redis.flushdb()
    assert wakeups.sweep_due("fulfil") == 1
    assert state(world) == GIVEN_ONCE
    assert wakeups.sweep_due("fulfil") >= 0


def test_lost_wake_ups_only_cost_the_time_to_the_full_sweep(world, provider):
    WakeUp.objects.all().delete()
    assert wakeups.sweep_due("fulfil") == 0
    assert wakeups.sweep_all("fulfil") == 1
    assert state(world) == GIVEN_ONCE


def test_two_beats_ring_twice_and_nothing_happens_twice(world, provider):  # hostile 94
    for _ in range(2):
        wakeups.sweep_due("release")
        wakeups.sweep_due("fulfil")
        wakeups.sweep_all("fulfil")
    assert (state(world), len(provider.calls)) == (GIVEN_ONCE, 1)


def test_a_rolled_back_transaction_rings_nobody_and_leaves_no_work(live_redis):  # hostile 96
    world = a_world()
    live_redis.flushdb()
    with pytest.raises(ZeroDivisionError):
        ring_and_fail(world)
    assert live_redis.keys("*") == []
    with at_work(world.merchant) as now:
        wakeups.wake("fulfil", due_at=now)
    assert live_redis.keys("*"), "control: what is committed does ring"
    assert not WakeUp.objects.filter(kind="release").exists()


def ring_and_fail(world: World) -> None:
    with at_work(world.merchant) as now:
        wakeups.wake("release", due_at=now)
        raise ZeroDivisionError
