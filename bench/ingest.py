"""Clicks per second from the stream into the tables with their figures, against bare INSERTs of the same rows; and what
a dashboard waits for its figures after one and after ten million clicks."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable
from math import inf

from redis import Redis

from advocates.models import Advocate
from bench import written
from bench.ceilings import ingest as ceiling
from bench.clicks import Place, Visitors, fill, more_links
from bench.crew import crew, shared_out
from bench.runner import Comparison, Run, alternate
from bench.world import MERCHANTS, Shop, open_shops
from insights.days import last_days
from insights.home import figures
from kit.clock import database_now
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.models import Merchant
from tracking.figures import clicks_per_link
from tracking.steps.ingest import BATCH, ingest, stream_client
from tracking.stream import FIELD, STREAM, ClickEntry, pack

CLICKS = 40_000
ROUNDS = 5
MILLION = 1_000_000
LOADS = (MILLION, 10 * MILLION)
#: Their clicks are spread over so many days; the dashboard asks for the last thirty and for all of them.
DAYS = 365
ASKED = (30, DAYS)
ASKINGS, WARM_UP_ASKINGS = 60, 20


def run() -> None:
    comparison = Comparison("ingest")
    with written.as_owner() as owner, crew() as two:
        shops = [shop for share in two.work(open_shops, shared_out(range(MERCHANTS))).results for shop in share]
        places = more_links(owner, shops)
        print(f"{len(shops)} merchants with {len(places[0].links)} links each, drawn by Zipf", flush=True)
        bench = Ingest(owner, Visitors(places), stream_client())
        bench.warm_up()
        print(f"{CLICKS} clicks a run, one consumer, {BATCH} in a transaction", flush=True)
        alternate(comparison, bench.ours, bench.ceiling, rounds=ROUNDS)
        bench.print_weight()
        ask_after_loads(owner, shops[0], places[0])
    print(comparison.closing_line())


class Ingest:
    """``batch`` is what the last run of ours took in, for the ceiling to write once more."""

    def __init__(self, owner: written.Connection, visitors: Visitors, client: Redis) -> None:
        self.owner = owner
        self.visitors = visitors
        self.client = client
        self.batch: list[ClickEntry] = []

    def warm_up(self) -> None:
        self._ours(2 * BATCH)
        self.ceiling()
        self.owner.execute("VACUUM ANALYZE")

    def ours(self) -> Run:
        return self._ours(CLICKS)

    def _ours(self, count: int) -> Run:
        self.batch = self.visitors.clicks(count)
        fill_stream(self.client, self.batch)
        before, counted = written.count(self.owner), self._counted()
        began = time.monotonic()
        taken = ingest(self.client, seconds=inf)
        seconds = time.monotonic() - began
        made = written.made_since(self.owner, before)
        self._see_that_all_is_there(count, taken, counted)
        return Run(count, seconds, of_clicks(made))

    def _see_that_all_is_there(self, count: int, taken: int, counted: tuple[int, int]) -> None:
        """Each click in the figures of its day and of its link, and none left in the stream."""
        added = tuple(now - before for now, before in zip(self._counted(), counted, strict=True))
        if (taken, added, self.client.xlen(STREAM)) != (count, (count, count), 0):
            raise SystemExit(f"{count} clicks, {taken} taken, {added} counted, {self.client.xlen(STREAM)} left.")

    def _counted(self) -> tuple[int, int]:
        asked = "SELECT coalesce(sum(clicks), 0) FROM tracking_{}"
        days, links = (self.owner.execute(asked.format(name)).fetchall()[0][0] for name in ("daystat", "linkday"))
        return int(days), int(links)

    def ceiling(self) -> Run:
        batches = ceiling.make_ready(self.batch, BATCH)
        before = written.count(self.owner)
        began = time.monotonic()
        ceiling.insert(batches)
        seconds = time.monotonic() - began
        return Run(len(self.batch), seconds, of_clicks(written.made_since(self.owner, before)))

    def print_weight(self) -> None:
        """What only our side does besides: the stream's entries, the figures."""
        entries = self.visitors.clicks(BATCH)
        fill_stream(self.client, entries)
        memory = self.client.memory_usage(STREAM, samples=0) or 0
        ingest(self.client)
        merchants = len({entry.merchant_id for entry in entries})
        print(
            f"  {memory / BATCH:.0f} bytes of Redis per click that waits; {merchants} merchants in a batch", flush=True
        )


def fill_stream(client: Redis, entries: list[ClickEntry]) -> None:
    pipeline = client.pipeline(transaction=False)
    for entry in entries:
        pipeline.xadd(STREAM, {FIELD: pack(entry)})
    pipeline.execute()


def of_clicks(rows: Counter[str]) -> Counter[str]:
    """The ceiling adds nothing up: figures are compared with the clicks they were made of, not with its rows."""
    return Counter({table: count for table, count in rows.items() if table.startswith("tracking_click_")})


# --- what a page waits for --------------------------------------------------------------------------------------


def ask_after_loads(owner: written.Connection, shop: Shop, place: Place) -> None:
    merchant = Merchant.objects.get(pk=shop.merchant_id)
    owner.execute("TRUNCATE tracking_click, tracking_daystat, tracking_linkday")
    loaded, took = 0, []
    for load in LOADS:
        began = time.monotonic()
        fill(owner, place, since=loaded, until=load, days=DAYS)
        loaded = load
        took.append(_asked(merchant))
        told = ", ".join(f"{name} {1000 * seconds:.2f} ms" for name, seconds in took[-1].items())
        print(f"  after {load:,} clicks ({time.monotonic() - began:.0f} s to load): {told}", flush=True)
    ratios = {name: took[-1][name] / took[0][name] for name in took[0]}
    told = ", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items())
    print(f"  ten million against one: {told}")
    if max(ratios.values()) > 1.3:
        raise SystemExit("Pages get slower with the number of clicks.")


def _asked(merchant: Merchant) -> dict[str, float]:
    """Medians, of several askings each."""
    with tenant_scope(merchant.tenant_ref()), tenant_transaction(read_only=True):
        advocate = Advocate.objects.get()
        spans = {f"figures of {days} days": last_days(database_now(), "Europe/Berlin", days) for days in ASKED}
        took = {name: _median(lambda days=days: figures(days)) for name, days in spans.items()}
        return {**took, "an advocate's links": _median(lambda: clicks_per_link(advocate))}


def _median(ask: Callable[[], object]) -> float:
    for _ in range(WARM_UP_ASKINGS):
        ask()
    return statistics.median(_seconds(ask) for _ in range(ASKINGS))


def _seconds(ask: Callable[[], object]) -> float:
    began = time.monotonic()
    ask()
    return time.monotonic() - began
