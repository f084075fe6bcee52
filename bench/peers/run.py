"""Clicks on referral links: ours beside two published packages, all behind the same server, in the same run.

Each of them answers 32 connections, first over 1,000 links, then on one hot link; then again, in turn, because a
machine that others use too is never equally fast for long. Every answered click must be kept: rows are counted before
and after, and how long the last of them took to arrive is the lag.
"""

from __future__ import annotations

import itertools
import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench import written
from bench.load import Load, load
from bench.peers.ours import ours
from bench.peers.sites import PINAX, SYSTEM, site_of

LINKS = 1000
SECONDS = float(os.environ.get("PEERS_SECONDS", "8"))
ROUNDS = 3
#: Before each kind: long enough for every process to have met every link, on a busy machine too.
WARM_UP = 10.0
#: Requests made beforehand, more than any side answers: whoever makes them meanwhile does so on its processors.
READY_A_SECOND = 25_000
#: A click that is not in Postgres after this is lost.
LONGEST_LAG = 60.0
#: A link answers with a page or the way to one; a peer that only counts says that all is well.
ANSWERS = {200, 302}
#: What must hold (docs/bench.md).
LEAST_RATIO, MOST_LAG = 13.0, 5.0


class Side(Protocol):
    port: int
    codes: list[str]

    def request(self, code: str, address: str) -> bytes: ...
    def kept(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Measured:
    load: Load
    kept: int
    lag: float

    @property
    def share(self) -> float:
        return self.kept / self.load.answered


def run() -> None:
    with ExitStack() as all_of_them, tempfile.TemporaryDirectory(prefix="referral-peers-") as folder:
        owner_url = os.environ["DATABASE_OWNER_URL"]
        sides: dict[str, Side] = {}
        for peer in (PINAX, SYSTEM):
            place = Path(folder) / peer.key
            place.mkdir()
            site = all_of_them.enter_context(site_of(peer, owner_url=owner_url, folder=place, links=LINKS))
            sides[site.version] = site
        us = all_of_them.enter_context(ours(folder=Path(folder), links=LINKS))
        with written.as_owner() as owner:
            owner.execute("VACUUM ANALYZE")  # as databases that have run for a while; the peers' tables lie in ours
        _compare({us.version: us, **sides})


def _compare(sides: dict[str, Side]) -> None:
    addresses = _addresses()
    found: dict[str, dict[str, list[Measured]]] = {}
    for words, links in ((f"{LINKS:,} links", LINKS), ("one hot link", 1)):
        for side in sides.values():
            _measure(side, links, WARM_UP, addresses)
        runs: dict[str, list[Measured]] = {name: [] for name in sides}
        for _ in range(ROUNDS):
            for name, side in sides.items():
                runs[name].append(_measure(side, links, SECONDS, addresses))
        found[words] = runs
        _print_table(words, runs)
    _closing_line(found)


def _measure(side: Side, links: int, seconds: float, addresses: Iterator[str]) -> Measured:
    codes = itertools.cycle(side.codes[:links])
    requests = (side.request(code, address) for code, address in zip(codes, addresses, strict=False))
    ready = list(itertools.islice(requests, int(seconds * READY_A_SECOND)))
    before = side.kept()
    done = load(side.port, itertools.chain(ready, requests), seconds=seconds)
    ended = time.monotonic()
    if not set(done.statuses) <= ANSWERS:
        raise SystemExit(f"{side.port} answers something else: {done.statuses}")
    kept = side.kept() - before
    while kept < done.answered and time.monotonic() - ended < LONGEST_LAG and not _counts_in_place(side):
        time.sleep(0.1)
        kept = side.kept() - before
    return Measured(done, kept, time.monotonic() - ended)


def _counts_in_place(side: Side) -> bool:
    """The peers count before they answer: what is not there then will not come."""
    return hasattr(side, "peer")


def _addresses() -> Iterator[str]:
    """Each click from a person of its own, or our limits would rightly leave some out."""
    for number in itertools.count():
        yield f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _print_table(words: str, runs: dict[str, list[Measured]]) -> None:
    print(f"\n{words}, medians of {ROUNDS}", flush=True)
    print(f"  {'':<46}{'req/s':>9}{'p50 ms':>9}{'p99 ms':>9}{'recorded':>10}{'lag s':>8}  answers")
    for name, measured in runs.items():
        rate, half, most, share, lag = _medians(measured)
        answers = dict(sum((run.load.statuses for run in measured), start=type(measured[0].load.statuses)()))
        print(f"  {name:<46}{rate:>9,.0f}{half:>9.1f}{most:>9.1f}{share:>10.1%}{lag:>8.2f}  {answers}", flush=True)


def _medians(measured: Sequence[Measured]) -> tuple[float, ...]:
    rows = [(m.load.rate, m.load.wait(0.5), m.load.wait(0.99), m.share, m.lag) for m in measured]
    return tuple(map(statistics.median, zip(*rows, strict=True)))


def _closing_line(found: dict[str, dict[str, list[Measured]]]) -> None:
    parts = []
    for words, runs in found.items():
        us, *others = runs.values()
        ratio = statistics.median(
            mine.load.rate / max(theirs.load.rate for theirs in at_once)
            for mine, *at_once in zip(us, *others, strict=True)
        )
        share, lag = min(m.share for m in us), max(m.lag for m in us)
        parts.append(f"{words} {ratio:.1f} x the better peer, {share:.1%} recorded, lag {lag:.1f} s")
    print(f"peers: {'; '.join(parts)} (wanted: {LEAST_RATIO:.0f} x, 100 %, {MOST_LAG:.0f} s)")
