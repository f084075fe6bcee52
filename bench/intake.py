"""Orders settled per second by the inbox sweep, against plain SQL that writes the same rows on as many connections."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import bulk, hooks, written
from bench.ceilings import intake as ceiling
from bench.crew import SIZE, Crew, crew, shared_out
from bench.runner import Comparison, Run, alternate
from bench.world import MERCHANTS, Order, Shoppers, fill_inbox, open_shops
from integrations.models import InboundEvent
from kit.ids import uuid7
from merchants.wakeups import sweep_due

ORDERS = 300
WARM_UP = 40


def run() -> None:
    comparison = Comparison("intake")
    with written.as_owner() as owner, crew() as two:
        shops = [shop for share in two.work(open_shops, shared_out(range(MERCHANTS))).results for shop in share]
        print(f"{len(shops)} merchants, drawn by Zipf", flush=True)
        shoppers = Shoppers(shops)
        hooks.run(owner, two, shoppers)
        bench = Intake(owner, two, shoppers)
        bench.warm_up()
        print(f"{ORDERS} orders a run, settled by the inbox sweep in {SIZE} processes", flush=True)
        alternate(comparison, bench.ours, bench.ceiling)
        bench.print_statements()
        bulk.run(two, shoppers)
    hooks.run_bursts()
    print(comparison.closing_line())


def sweep_until_done(_: None) -> None:
    """As a worker does when the bell rings: every due merchant, until nothing is due."""
    while sweep_due("inbox"):
        pass


class Intake:
    """``orders`` is what the last run of ours wrote, for the ceiling to write once more."""

    def __init__(self, owner: written.Connection, crew: Crew, shoppers: Shoppers) -> None:
        self.owner = owner
        self.crew = crew
        self.shoppers = shoppers
        self.batch: list[Order] = []
        self.orders: list[written.OrderRows] = []

    def warm_up(self) -> None:
        """Plans, caches and imports, on both sides."""
        self._ours(WARM_UP)
        self._ceiling()
        self.owner.execute("VACUUM ANALYZE")

    def ours(self) -> Run:
        return self._ours(ORDERS)

    def ceiling(self) -> Run:
        return self._ceiling()

    def _ours(self, count: int) -> Run:
        self.batch = self.shoppers.orders(count)
        fill_inbox(self.batch)
        before, since = written.count(self.owner), uuid7()
        done = self.crew.work(sweep_until_done, [None] * SIZE)
        before["merchants_wakeup"] -= count  # the sweep takes away what rang it; the ceiling leaves it alone
        rows = written.made_since(self.owner, before)
        self.orders = written.read_orders(self.owner, since)
        return Run(len(self.orders), done.seconds, rows)

    def _ceiling(self) -> Run:
        events = fill_inbox(self.batch)
        deliveries = [
            _delivery(event, rows) for event, rows in zip(events, _as_filled(self.orders, events), strict=True)
        ]
        before = written.count(self.owner)
        done = self.crew.work(ceiling.settle, shared_out(deliveries))
        rows = written.made_since(self.owner, before)
        self.owner.execute("DELETE FROM merchants_wakeup WHERE kind = 'inbox'")
        return Run(len(deliveries), done.seconds, rows)

    def print_statements(self) -> None:
        """One order at a time, alone: what settling it asks of the database, and how often."""
        for words, is_referred in (("referred", True), ("not referred", False)):
            new = [order for order in self.shoppers.orders(100) if not order.is_returning]
            order = next(order for order in new if order.is_referred is is_referred)
            fill_inbox([order])
            with CaptureQueriesContext(connection) as asked:
                sweep_due("inbox")
            print(f"  statements per order, {words}: {_of_one_order([q['sql'] for q in asked])}")


def _of_one_order(statements: list[str]) -> int:
    """From claiming the delivery to its commit; the sweep's own frame is shared by all orders of a sweep."""
    claim = next(n for n, sql in enumerate(statements) if "integrations_inboundevent" in sql and "FOR UPDATE" in sql)
    begin = max(n for n, sql in enumerate(statements[:claim]) if sql.startswith("BEGIN"))
    end = next(n for n, sql in enumerate(statements) if n > claim and sql.startswith("COMMIT"))
    return end - begin + 1


def _as_filled(orders: list[written.OrderRows], events: list[InboundEvent]) -> list[written.OrderRows]:
    """Each merchant's deliveries meet orders of that merchant."""
    by_merchant: dict[UUID, list[written.OrderRows]] = {}
    for rows in orders:
        by_merchant.setdefault(rows[0].values["merchant_id"], []).append(rows)
    return [by_merchant[event.merchant_id].pop() for event in events]


def _delivery(event: InboundEvent, rows: written.OrderRows) -> ceiling.Delivery:
    order = next(row.values for row in rows if row.table == "tracking_order")
    at: datetime = order["settled_at"]
    fresh = written.once_more(rows, event.pk)
    return ceiling.Delivery(event.pk, event.merchant_id, order["outcome"].lower(), at, fresh)
