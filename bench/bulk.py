"""The bulk path against the same orders one by one: told to the API over real sockets until all of them are settled."""

from __future__ import annotations

import http.client
import json
import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from bench import web
from bench.crew import SIZE, Crew
from bench.runner import Comparison, Run, alternate
from bench.world import Order, Shop, Shoppers
from integrations.models import BulkLine
from kit.clock import database_now
from kit.ids import uuid7
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.actions.keys import create_key
from merchants.events import SYSTEM
from merchants.models import ApiKey
from merchants.wakeups import sweep_due
from tracking import models as tracking

ORDERS = 400
#: Seconds between two looks whether there is anything to do.
BREATH = 0.02


@dataclass(frozen=True, slots=True)
class Share:
    """What one sender hands over."""

    port: int
    key: str
    shop: Shop
    orders: Sequence[dict[str, Any]]


def run(crew: Crew, shoppers: Shoppers) -> None:
    """A day's orders, handed over at once: of as many shops as there are processes, and of one shop alone."""
    with web.web_server(os.environ["DATABASE_URL"]) as port:
        _compare(Bulk(crew, shoppers.shops[:SIZE], port), "bulk", f"{SIZE} shops")
        _compare(Bulk(crew, shoppers.shops[SIZE : SIZE + 1], port), "bulk of one shop", "one shop")


def _compare(bench: Bulk, name: str, whose: str) -> None:
    bench.bulk(40)
    bench.single(40)
    print(f"{ORDERS} orders of {whose} a run, in {SIZE} uploads and one by one from {SIZE} senders", flush=True)
    print(f"  {alternate(Comparison(name), bench.bulk, bench.single).closing_line()}")


class Bulk:
    """Each process hands over the orders of one shop; where there are fewer shops, they share one."""

    def __init__(self, crew: Crew, shops: Sequence[Shop], port: int) -> None:
        self.crew = crew
        self.shops = shops
        self.shoppers = [Shoppers([shop], first=10**6) for shop in shops]
        self.port = port

    def bulk(self, count: int = ORDERS) -> Run:
        """From the upload to the last settled line."""
        return self._run(upload_and_sweep, count)

    def single(self, count: int = ORDERS) -> Run:
        return self._run(send, count)

    def _run(self, work: Callable[[Any], None], count: int) -> Run:
        before = sum(map(settled, self.shops))
        done = self.crew.work(work, [self._share(place, count // SIZE) for place in range(SIZE)])
        return Run(sum(map(settled, self.shops)) - before, done.seconds, Counter())

    def _share(self, place: int, count: int) -> Share:
        """With a key of its own for every sender: how much one may send a minute is not measured here."""
        shop = self.shops[place % len(self.shops)]
        orders = self.shoppers[place % len(self.shops)].orders(count)
        with tenant_scope(shop.ref()), tenant_transaction():
            key = create_key(kind=ApiKey.Kind.SECRET, name="Bench", by=SYSTEM, now=database_now()).value
        return Share(self.port, key, shop, [as_told_to_the_api(order) for order in orders])


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


def upload_and_sweep(share: Share) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", share.port, timeout=30)) as connection:
        _post(connection, "/api/v1/orders/bulk", share.key, {"orders": list(share.orders)}, expected=202)
    while are_waiting(share.shop):
        if not sweep_due("bulk"):
            time.sleep(BREATH)  # somebody else is at it: a worker would wait for the next ring


def are_waiting(shop: Shop) -> bool:
    with tenant_scope(shop.ref()), tenant_transaction(read_only=True):
        return BulkLine.objects.filter(state=BulkLine.State.WAITING).exists()


def send(share: Share) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", share.port, timeout=30)) as connection:
        for order in share.orders:
            _post(connection, "/api/v1/orders", share.key, order, expected=201)


def _post(connection: http.client.HTTPConnection, path: str, key: str, body: object, *, expected: int) -> None:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": str(uuid7())}
    status = web.post(connection, path, json.dumps(body).encode(), headers)
    if status != expected:
        raise RuntimeError(f"{path} was answered with {status}")
