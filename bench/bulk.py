"""The bulk path against the same orders one by one: told to the API over real sockets until all of them are settled."""

from __future__ import annotations

import http.client
import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from typing import Any

from bench import web, written
from bench.crew import SIZE, Crew, shared_out
from bench.runner import Comparison, Run, alternate
from bench.world import Order, Shop, Shoppers
from kit.clock import database_now
from kit.ids import uuid7
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.actions.keys import create_key
from merchants.events import SYSTEM
from merchants.models import ApiKey
from merchants.wakeups import sweep_due
from tracking import models as tracking

ORDERS = 400


def run(owner: written.Connection, crew: Crew, shoppers: Shoppers) -> None:
    """All of one shop, as when a day's orders are handed over."""
    with web.web_server(os.environ["DATABASE_URL"]) as port:
        bench = Bulk(crew, shoppers, port)
        bench.bulk(40)
        bench.single(40)
        print(f"{ORDERS} orders of one shop a run, as one upload and one by one from {SIZE} senders", flush=True)
        comparison = alternate(Comparison("bulk"), bench.bulk, bench.single)
    print(f"  {comparison.closing_line()}")


class Bulk:
    def __init__(self, crew: Crew, shoppers: Shoppers, port: int) -> None:
        self.crew = crew
        self.shop = shoppers.shops[0]
        self.shoppers = Shoppers([self.shop], first=10**6)
        self.port = port

    def bulk(self, count: int = ORDERS) -> Run:
        """From the upload to the last settled line."""
        return self._run(upload_and_sweep, count)

    def single(self, count: int = ORDERS) -> Run:
        return self._run(send, count)

    def _run(self, work: Callable[[Any], None], count: int) -> Run:
        orders = [as_told_to_the_api(order) for order in self.shoppers.orders(count)]
        before = settled(self.shop)
        done = self.crew.work(work, [(self.port, self._key(), share) for share in shared_out(orders)])
        return Run(settled(self.shop) - before, done.seconds, Counter())

    def _key(self) -> str:
        """Of its own for every sender: how much one may send a minute is not measured here."""
        with tenant_scope(self.shop.ref()), tenant_transaction():
            return create_key(kind=ApiKey.Kind.SECRET, name="Bench", by=SYSTEM, now=database_now()).value


def settled(shop: Shop) -> int:
    with tenant_scope(shop.ref()), tenant_transaction(read_only=True):
        return tracking.Order.objects.filter(platform="api", settled_at__isnull=False).count()


def as_told_to_the_api(order: Order) -> dict[str, Any]:
    told = json.loads(order.body)
    lines = [
        {"id": str(line["id"]), "product_id": str(line["product_id"]), "quantity": 1, "total": line["price"]}
        for line in told["line_items"]
    ]
    person = {"email": told["email"], "name": f"Eve {told['customer']['last_name']}", "country": "DE"}
    token = "".join(note["value"] for note in told["note_attributes"])
    return {
        "order_id": str(told["id"]),
        "currency": "EUR",
        "status": "paid",
        "lines": lines,
        "customer": person,
        "referral_token": token,
    }


def upload_and_sweep(work: tuple[int, str, Sequence[dict[str, Any]]]) -> None:
    port, key, orders = work
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        _post(connection, "/api/v1/orders/bulk", key, {"orders": list(orders)}, expected=202)
    while sweep_due("bulk"):
        pass


def send(work: tuple[int, str, Sequence[dict[str, Any]]]) -> None:
    port, key, orders = work
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        for order in orders:
            _post(connection, "/api/v1/orders", key, order, expected=201)


def _post(connection: http.client.HTTPConnection, path: str, key: str, body: object, *, expected: int) -> None:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": str(uuid7())}
    status = web.post(connection, path, json.dumps(body).encode(), headers)
    if status != expected:
        raise RuntimeError(f"{path} was answered with {status}")
