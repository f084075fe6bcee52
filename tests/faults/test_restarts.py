"""Restarts while work is under way: of Postgres under load, of a worker at a deploy."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection

from bench import web
from kit.tenancy import TenantRef
from merchants import wakeups
from merchants.models import WakeUp
from ops import process
from ops.stack import ROOT, throwaway
from rewards.steps import fulfil
from tests import prepared
from tests.cast import World, at_work, workspace_of
from tests.faults.provider import Provider
from tests.faults.test_fulfilment_faults import GIVEN_ONCE, provider, state, worker, world
from tests.integrations.shop import SECRET

__all__ = ["provider", "world"]

pytestmark = pytest.mark.django_db(transaction=True)

DELIVERIES = 60
SENDERS = 2
#: So many answers before Postgres goes down: the load is under way.
BEFORE = 15

#: Run in processes of their own, because the load has a Postgres of its own to restart.
OPEN_SHOP = """
import django; django.setup()
from tests.cast import workspace_of
from tests.integrations.shop import connected
shop = connected(workspace_of("alice@nordlicht.example", "Nordlicht Kaffee"))
print(shop.path)
"""
SETTLE = """
import json
import django; django.setup()
from integrations.models import InboundEvent
from merchants.models import Merchant
from integrations.steps.inbox import sweep
from kit.tenancy import in_tenant_transaction
from tests.cast import at_work
from tracking.models import Order
ref = Merchant.objects.get().tenant_ref()
while in_tenant_transaction(ref, sweep(ref)):
    pass  # a sweep ends after a while, so that other merchants get their turn
with at_work(Merchant.objects.get()):
    states = set(InboundEvent.objects.values_list("state", flat=True))
    kept = list(InboundEvent.objects.values_list("delivery_id", flat=True))
    print(json.dumps({"kept": kept, "states": sorted(states), "orders": Order.objects.count()}))
"""


class Senders:
    """A shop that sends each order until it is answered 200. ``answered`` holds the deliveries that were."""

    def __init__(self, port: int, path: str) -> None:
        self.port, self.path = port, path
        self.answered: list[str] = []
        self.refused: list[int] = []
        self.under_way = Event()
        self.threads = [Thread(target=self._send_all, args=[share]) for share in range(SENDERS)]

    def __enter__(self) -> Senders:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self.threads:
            thread.join(120)

    def _send_all(self, share: int) -> None:
        for number in range(share, DELIVERIES, SENDERS):
            while not self._is_taken(number):
                pass
            self.answered.append(f"wh-{number}")
            if len(self.answered) >= BEFORE:
                self.under_way.set()

    def _is_taken(self, number: int) -> bool:
        body = json.dumps(an_order(number)).encode()
        signature = base64.b64encode(hmac.new(SECRET.encode(), body, hashlib.sha256).digest()).decode()
        headers = {
            "X-Shopify-Topic": "orders/paid",
            "X-Shopify-Hmac-Sha256": signature,
            "X-Shopify-Shop-Domain": "nordlicht.myshopify.com",
            "X-Shopify-Webhook-Id": f"wh-{number}",
        }
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as shop:
            status = web.post(shop, self.path, body, headers)
        if status != 200:
            self.refused.append(status)
        return status == 200


def an_order(number: int) -> dict[str, object]:
    lines = [{"id": 1, "product_id": 1, "quantity": 1, "price": "20.00"}]
    told = {"currency": "EUR", "financial_status": "paid", "created_at": "2026-03-02T09:15:04Z"}
    return {"id": 7000 + number, "name": f"#{number}", "email": f"f{number}@friend.example", "line_items": lines} | told


def run(code: str, database_url: str) -> str:
    environment = {**os.environ, "DATABASE_URL": database_url}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def own_postgres(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """A stack of its own, with fsync as in production: what was acknowledged must survive a crash."""
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    with throwaway(mode="demo", durable=True) as stack, monkeypatch.context() as surroundings:
        prepared.tables_of(stack)
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "SECRET_KEY", "CREDENTIALS_KEYS", "MODE"):
            surroundings.setenv(name, stack.environment[name])
        yield stack


def test_no_acknowledged_hook_is_lost_when_postgres_crashes_under_load(own_postgres) -> None:  # hostile 19, 95
    url = os.environ["DATABASE_URL"]
    path = run(OPEN_SHOP, url)
    with web.web_server(url) as port, Senders(port, path) as senders:
        assert senders.under_way.wait(60)
        crash_and_start_again(own_postgres)
    assert len(senders.answered) == DELIVERIES
    assert set(senders.refused) <= {503}
    seen = json.loads(run(SETTLE, url))
    assert sorted(seen["kept"]) == sorted(senders.answered)
    assert (seen["states"], seen["orders"]) == (["HANDLED"], DELIVERIES)


def crash_and_start_again(stack) -> None:
    """Immediate shutdown, as a crash would be: no checkpoint, every connection cut."""
    postgres = stack.services.running["postgres"]
    process.end(postgres, signum=signal.SIGQUIT, within=30)
    stack.services.start_postgres()
    stack.services.wait_until_answering()


def test_a_worker_cut_off_from_postgres_during_the_call(world: World, provider: Provider) -> None:
    """As a restart of Postgres does to every connection. None is held during the call, so the gift is written down by
    whoever gave it, not when the lease is over."""
    provider.silent.set()
    working = worker(world)
    assert provider.accepted.wait(60)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND usename = current_user AND datname = current_database()"
        )
    provider.silent.clear()
    provider.finish.set()
    assert working.wait(60) == 0
    assert (state(world), len(provider.calls)) == (GIVEN_ONCE, 1)


worked: list[TenantRef] = []


def break_first(ref: TenantRef) -> None:
    """A sweep whose first merchant loses the connection, as by a restart of Postgres."""
    worked.append(ref)
    if len(worked) == 1:
        with connection.cursor() as cursor:  # in a transaction Django would see to it itself
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def test_a_connection_cut_at_one_merchant_does_not_fail_the_next(settings) -> None:
    settings.SWEEPS = {**settings.SWEEPS, "break": {"path": f"{__name__}.break_first", "queue": "money"}}
    worked.clear()
    for number in (1, 2):
        merchant = workspace_of(f"owner{number}@shop.example", f"Shop {number}")
        with at_work(merchant) as now:
            WakeUp.objects.create(merchant=merchant, kind="break", due_at=now)
    assert wakeups.sweep_due("break") == 1
    assert len(worked) == 2
    assert WakeUp.objects.filter(kind="break").count() == 1, "whoever failed is tried again"


def test_a_worker_told_to_end_finishes_what_it_began(
    world: World, provider: Provider, live_redis, tmp_path: Path
) -> None:  # hostile 97
    provider.silent.set()
    with celery_worker(tmp_path) as deployed:
        with at_work(world.merchant) as now:
            wakeups.wake("fulfil", due_at=now)
        assert provider.accepted.wait(60)
        deployed.send_signal(signal.SIGTERM)
        provider.silent.clear()
        provider.finish.set()
        assert deployed.wait(60) == 0
    assert (state(world), provider.given) == (GIVEN_ONCE, [provider.calls[0]])
    fulfil.sweep(world.merchant.tenant_ref())
    assert len(provider.calls) == 1


class celery_worker:
    """The money worker as it runs in production, at the tests' database and broker."""

    def __init__(self, folder: Path) -> None:
        parts = urlsplit(os.environ["DATABASE_URL"])
        url = parts._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
        command = [sys.executable, "-m", "celery", "-A", "referral_saas", "worker", "-Q", "money", "-c", "1"]
        command += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=WARNING"]
        environment = {**os.environ, "DATABASE_URL": url, "REDIS_URL": settings.REDIS_URL}
        environment["DATA_DIR"] = str(folder)
        self.child = subprocess.Popen(command, env=environment, cwd=ROOT, preexec_fn=process.setup())

    def __enter__(self) -> subprocess.Popen[bytes]:
        return self.child

    def __exit__(self, *_: object) -> None:
        process.end(self.child, signum=signal.SIGKILL, within=10)
