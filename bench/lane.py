"""Clicks answered by the lane against the least that a Django does: a redirect, recorded nowhere."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import redis

from bench import lane_loss, web
from bench.lane_world import Links, Valkey, Visitors, fill_redis, open_merchant, own_valkey
from bench.load import CONNECTIONS, Load, load
from bench.processes import children_of, family_of, megabytes_of, seconds_of
from programs.models import Program
from tracking.stream import STREAM

WARM_LINKS = 1_000
COLD_LINKS = 1_000_000
ROUNDS = 5
SECONDS = 3.0
PRODUCT, BARE = "product's middleware", "no middleware"
CEILINGS = {PRODUCT: "product", BARE: "bare"}


@dataclass
class Side:
    """One server under load, and its runs."""

    name: str
    port: int
    runs: list[Load] = field(default_factory=list)
    used: float = 0.0

    def run(self, requests: Iterator[bytes], status: int, seconds: float = SECONDS) -> Load:
        family = family_of(web.server_on(self.port))
        before = seconds_of(family)
        made = load(self.port, requests, seconds=seconds)
        self.used += seconds_of(family) - before
        if set(made.statuses) != {status}:
            raise AssertionError(f"{self.name}: {made.statuses}")
        self.runs.append(made)
        return made

    def forget(self) -> None:
        self.runs, self.used = [], 0.0

    def wait(self, share: float) -> float:
        return statistics.median(run.wait(share) for run in self.runs)


def run() -> None:
    began = time.monotonic()
    visitors = Visitors()
    page = open_merchant("pages", Program.Landing.PAGE, WARM_LINKS)
    direct = open_merchant("direct", Program.Landing.REDIRECT, WARM_LINKS)
    with own_valkey() as valkey:
        client = valkey.client()
        with servers() as sides:
            ratios = {name: warm(name, sides, visitors, links, client) for name, links in _modes(page, direct)}
            lose_nothing(sides["lane"].port, page, visitors, valkey)
        cold = cold_links(visitors, page, client)
    told = ", ".join(f"{name} {ratio[PRODUCT]:.2f} and {ratio[BARE]:.2f}" for name, ratio in ratios.items())
    print(
        f"lane: {told} x a Django redirect with the product's middleware and with none, "
        f"{cold:.2f} cold ({time.monotonic() - began:.0f} s)"
    )


def _modes(page: Links, direct: Links) -> list[tuple[str, Links]]:
    return [("page", page), ("redirect", direct)]


@contextmanager
def servers() -> Iterator[dict[str, Side]]:
    """All at once, each on its own port; only one is under load at a time."""
    database = os.environ["DATABASE_URL"]
    with ExitStack() as stack:
        behind_a_proxy = {"TRUSTED_PROXIES": "127.0.0.0/8"}
        sides = {"lane": Side("lane", stack.enter_context(web.web_server(database, environment=behind_a_proxy)))}
        for name, ceiling in CEILINGS.items():
            server = web.web_server(
                database, environment={"LANE_CEILING": ceiling}, application="bench.ceilings.lane:application"
            )
            sides[name] = Side(name, stack.enter_context(server))
        yield sides


def warm(name: str, sides: dict[str, Side], visitors: Visitors, links: Links, client: redis.Redis) -> dict[str, float]:
    """The ratio to each ceiling, the median over the rounds."""
    print(f"{name}: {WARM_LINKS} links that every process knows, {CONNECTIONS} connections", flush=True)
    warm_up(sides, visitors, links, client)
    status = 200 if name == "page" else 302
    redis_before, clicks = client.info(), 0
    for _ in range(ROUNDS):
        lane = recorded(sides["lane"], visitors, links.codes, status, client)
        others = [f"{each} {sides[each].run(visitors.clicks(links.codes), 302).rate:.0f}/s" for each in CEILINGS]
        print(f"  lane {lane.rate:.0f}/s,", ", ".join(others), flush=True)
        clicks += lane.answered
    tell_redis(redis_before, client.info(), clicks)
    ratios = {each: _ratio(sides["lane"], sides[each]) for each in CEILINGS}
    for side in sides.values():
        answered = sum(run.answered for run in side.runs)
        print(
            f"  {side.name}: p50 {side.wait(0.5):.1f} ms, p99 {side.wait(0.99):.1f} ms, "
            f"{side.used / answered * 1e6:.0f} us of its processes per answer"
        )
        side.forget()
    return ratios


def tell_redis(before: dict[str, Any], after: dict[str, Any], clicks: int) -> None:
    used = sum(after[kind] - before[kind] for kind in ("used_cpu_user", "used_cpu_sys"))
    reads = after["total_reads_processed"] - before["total_reads_processed"]
    print(f"  Valkey: {used / clicks * 1e6:.0f} us per click, {clicks / reads:.1f} clicks an exchange")


def _ratio(ours: Side, theirs: Side) -> float:
    return statistics.median(one.rate / other.rate for one, other in zip(ours.runs, theirs.runs, strict=True))


def warm_up(sides: dict[str, Side], visitors: Visitors, links: Links, client: redis.Redis) -> None:
    """Redis knows every link, and then every process of the lane does."""
    known = _records(client) + len(links.codes)
    while _records(client) < known:
        load(sides["lane"].port, visitors.clicks(links.codes), seconds=1.0)
    for side in sides.values():
        load(side.port, visitors.clicks(links.codes), seconds=2.0)


def _records(client: redis.Redis) -> int:
    return sum(1 for _ in client.scan_iter("lane:r:*", count=10_000))


def recorded(lane: Side, visitors: Visitors, codes: list[str], status: int, client: redis.Redis) -> Load:
    """Every answer of the run has its click in the stream, counted."""
    client.delete(STREAM)
    made = lane.run(visitors.clicks(codes), status)
    counted = client.xlen(STREAM)
    if counted != made.answered:
        raise AssertionError(f"{made.answered} answered, {counted} recorded")
    return made


def cold_links(visitors: Visitors, page: Links, client: redis.Redis) -> float:
    """Servers that have just begun, and links that no process knows yet."""
    codes = fill_redis(client, page.like, COLD_LINKS)
    print(f"cold: codes drawn from {COLD_LINKS} links in Redis, new servers", flush=True)
    ratios = []
    for _ in range(3):
        with servers() as sides:
            for each in ("lane", PRODUCT):
                load(sides[each].port, visitors.clicks(page.codes[:1]), seconds=0.5)
            lane = recorded(sides["lane"], visitors, codes, 200, client)
            other = sides[PRODUCT].run(visitors.clicks(codes), 302)
            ratios.append(lane.rate / other.rate)
            print(f"  lane {lane.rate:.0f}/s, {PRODUCT} {other.rate:.0f}/s", flush=True)
            if len(ratios) == 3:
                tell_memory(sides["lane"], visitors, codes)
    return statistics.median(ratios)


def tell_memory(lane: Side, visitors: Visitors, codes: list[str]) -> None:
    """More links than a process remembers: what it holds then is all it ever holds of them."""
    workers = children_of(web.server_on(lane.port))
    before = max(map(megabytes_of, workers))
    while sum(run.answered for run in lane.runs) < 60_000:
        lane.run(visitors.clicks(codes), 200)
    after = max(map(megabytes_of, workers))
    print(f"  memory of a web process: {before:.0f} MB, {after:.0f} MB after 60,000 links")


def lose_nothing(port: int, page: Links, visitors: Visitors, valkey: Valkey) -> None:
    owner = os.environ["DATABASE_OWNER_URL"]
    for what, killing in (("a web process", lane_loss.killed_web), ("Redis", lane_loss.killed_redis)):
        answered, lost = killing(port, page.codes, visitors, valkey, owner)
        print(f"kill -9 of {what}, {lane_loss.KILLS} times: {answered} answered, {lost} lost", flush=True)
        if lost:
            raise AssertionError("Answered clicks were lost.")
