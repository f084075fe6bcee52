"""Signed hooks answered over real sockets, against plain SQL that keeps the same rows on as many connections."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import os
import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from bench import web, written
from bench.ceilings import intake as ceiling
from bench.crew import SIZE, Crew, shared_out
from bench.runner import Comparison, Run, alternate
from bench.world import SECRET, Order, Shoppers
from kit.ids import uuid7

HOOKS = 240
TABLES: dict[str, tuple[str, ...]] = {"integrations_inboundevent": (), "merchants_wakeup": ()}
#: Requests at the same moment; five times as many as the server's threads.
BURST = 40
BURSTS = 3
#: After this many seconds without work the server ends a thread; the gap is longer, so every burst meets new threads.
IDLE_THREADS = 5
GAP = 7


def run(owner: written.Connection, crew: Crew, shoppers: Shoppers) -> None:
    with web.web_server(os.environ["DATABASE_URL"]) as port:
        bench = Hooks(owner, crew, shoppers, port)
        bench.warm_up()
        print(f"{HOOKS} signed hooks a run, sent by {SIZE} senders that wait for the answer", flush=True)
        comparison = alternate(Comparison("hooks"), bench.ours, bench.ceiling)
    print(f"  {comparison.closing_line()}")
    print(f"  answered in {bench.median_ms:.1f} ms (median), {bench.slowest_ms:.0f} ms at most", flush=True)


def run_bursts() -> None:
    """Bursts with idle gaps: the number of connections to Postgres stays under what the pools allow."""
    url = os.environ["DATABASE_URL"]
    with web.web_server(url, "--blocking-threads-idle-timeout", str(IDLE_THREADS)) as port:
        counts = []
        for number in range(BURSTS):
            time.sleep(GAP if number else 0)
            web.burst(port, BURST)
            counts.append(web.connections_of_server(url))
    bound = web.most_connections()
    print(f"{BURSTS} bursts of {BURST} requests, {GAP} s idle between: {counts} connections, at most {bound} allowed")
    if max(counts) > bound:
        raise SystemExit("The web server opened more connections than its pools allow.")


@dataclass(frozen=True, slots=True)
class Hook:
    path: str
    body: bytes
    headers: dict[str, str]


class Hooks:
    """``kept`` are the rows that the last run of ours left, for the ceiling to write once more."""

    def __init__(self, owner: written.Connection, crew: Crew, shoppers: Shoppers, port: int) -> None:
        self.owner = owner
        self.crew = crew
        self.shoppers = shoppers
        self.port = port
        self.kept: list[written.OrderRows] = []
        self.took: list[float] = []

    def warm_up(self) -> None:
        self._ours(20)
        self.ceiling()
        self.took.clear()

    @property
    def median_ms(self) -> float:
        return 1000 * statistics.median(self.took)

    @property
    def slowest_ms(self) -> float:
        return 1000 * max(self.took)

    def ours(self) -> Run:
        return self._ours(HOOKS)

    def _ours(self, count: int) -> Run:
        hooks = [_signed(order) for order in self.shoppers.orders(count)]
        before, since = written.count(self.owner), uuid7()
        done = self.crew.work(send, [(self.port, share) for share in shared_out(hooks)])
        rows = written.made_since(self.owner, before)
        self.took += [seconds for result in done.results for seconds in result]
        self.kept = written.read_pairs(self.owner, since, list(TABLES))
        return Run(count, done.seconds, rows)

    def ceiling(self) -> Run:
        once_more = [_renewed(rows) for rows in self.kept]
        before = written.count(self.owner)
        done = self.crew.work(ceiling.keep, shared_out(once_more))
        rows = written.made_since(self.owner, before)
        for table in TABLES:  # what both sides left waits for no sweep
            self.owner.execute(f"TRUNCATE {table}")
        return Run(len(once_more), done.seconds, rows)


def send(work: tuple[int, Sequence[Hook]]) -> list[float]:
    """One after the other on one connection; the seconds each answer took."""
    port, hooks = work
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        return [_send(connection, hook) for hook in hooks]


def _send(connection: http.client.HTTPConnection, hook: Hook) -> float:
    began = time.monotonic()
    status = web.post(connection, hook.path, hook.body, hook.headers)
    if status != 200:
        raise RuntimeError(f"a hook was answered with {status}")
    return time.monotonic() - began


def _signed(order: Order) -> Hook:
    signature = base64.b64encode(hmac.new(SECRET.encode(), order.body, hashlib.sha256).digest()).decode()
    headers = {
        "X-Shopify-Topic": "orders/paid",
        "X-Shopify-Hmac-Sha256": signature,
        "X-Shopify-Shop-Domain": order.shop.domain,
        "X-Shopify-Webhook-Id": str(uuid7()),
    }
    return Hook(f"/hooks/shopify/{order.shop.hook_token}", order.body, headers)


def _renewed(rows: written.OrderRows) -> written.OrderRows:
    return [written.Row(row.table, _renewed_values(row.values)) for row in rows]


def _renewed_values(values: dict[str, Any]) -> dict[str, Any]:
    fresh = {"id": uuid7()} | ({"delivery_id": str(uuid7())} if "delivery_id" in values else {})
    return values | fresh
