"""Due rewards released per second by the sweep, against plain SQL that puts the same finished rows in place."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import written
from bench.ceilings import release as ceiling
from bench.crew import SIZE, Crew, crew, shared_out
from bench.release_world import ALL_DUE, DUE, open_due
from bench.runner import Comparison, Run, alternate
from bench.world import Shop
from kit.clock import database_now, now_for
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.models import WakeUp, merchant_of
from merchants.wakeups import sweep_due
from rewards.actions.release import BATCH, release_due

#: One reader wants to know of releases, whatever else reads: its outbox rows are measured too.
READERS = {"bench": "bench.release.wants_releases"}


def wants_releases(code: str) -> bool:
    return code == "reward.released"


def run() -> None:
    began = time.monotonic()
    with written.as_owner() as owner, crew() as two:
        shares = two.work(open_due, shared_out(range(len(DUE))))
        shops = [shop for share in zip(*shares.results, strict=True) for shop in share]  # in the order of their numbers
        print(f"{ALL_DUE} due rewards of {len(shops)} merchants, {time.monotonic() - began:.0f} s to make", flush=True)
        bench = Releases(owner, two, shops)
        bench.warm_up()
        comparisons = [bench.compare(workers) for workers in (1, SIZE)]
        bench.print_statements()
    rows = sum(comparison.rows for comparison in comparisons)
    alone, together = (f"{comparison.ratio:.2f}" for comparison in comparisons)
    seconds = time.monotonic() - began
    print(f"release: ratio {alone} (1 worker), {together} ({SIZE} workers), {rows} rows, {seconds:.0f} s")


def sweep_until_done(is_working: bool) -> None:
    """As a worker does when the bell rings: every merchant with due rewards, until nothing is due."""
    settings.EVENT_READERS = READERS
    while is_working and sweep_due("release"):
        pass


#: Which merchants' rewards the runs of one comparison release, each a third of all.
LOTS = [[0], [1, 2, 6], [3, 4, 5, 7, 8, 9]]
ALL = list(range(len(DUE)))


@dataclass
class Releases:
    """Each run releases the due rewards of ``lot``; they are made due again for the other side's run."""

    owner: written.Connection
    crew: Crew
    shops: list[Shop]
    batches: list[ceiling.Batch] = field(default_factory=list)
    #: Written to Postgres' log in each run, bytes per reward.
    wal: dict[str, list[float]] = field(default_factory=lambda: {"ours": [], "ceiling": []})
    woke: int = 0
    lot: list[int] = field(default_factory=lambda: ALL)

    def warm_up(self) -> None:
        """Leaves the ceiling what it puts in place."""
        self._ours(SIZE)
        self.batches = ceiling.make_ready(self.owner, settings.RUNTIME_ROLE)
        self.lot = LOTS[-1]
        self.ceiling(SIZE)

    def compare(self, workers: int) -> Comparison:
        print(f"{ALL_DUE} in {len(LOTS)} runs, released by {workers} of {SIZE} processes", flush=True)
        self.wal = {"ours": [], "ceiling": []}
        comparison, lots = Comparison("release"), iter(LOTS)
        alternate(comparison, lambda: self.ours(workers, next(lots)), lambda: self.ceiling(workers), rounds=len(LOTS))
        ours, other = (statistics.median(runs) for runs in self.wal.values())
        print(f"  log per reward: ours {ours:.0f} bytes, ceiling {other:.0f} bytes")
        print(f"  {comparison.closing_line()}", flush=True)
        return comparison

    @property
    def due(self) -> int:
        return sum(DUE[number] for number in self.lot)

    def ours(self, workers: int, lot: list[int]) -> Run:
        self.lot = lot
        return self._ours(workers)

    def _ours(self, workers: int) -> Run:
        self.make_due()
        now, shops = database_now(), [self.shops[number] for number in self.lot]
        for shop in shops:
            WakeUp.objects.create(merchant_id=shop.merchant_id, kind="release", due_at=now)
        before, log = written.count(self.owner), self._log()
        before["merchants_wakeup"] -= len(shops)  # the sweep takes away what rang it
        done = self.crew.work(sweep_until_done, _working(workers))
        run = self._run("ours", done.seconds, before, log)
        self.woke = run.rows["merchants_wakeup"]
        return run

    def ceiling(self, workers: int) -> Run:
        self.make_due()
        merchants = {self.shops[number].merchant_id for number in self.lot}
        batches = ceiling.waking([batch for batch in self.batches if batch.merchant_id in merchants], self.woke)
        shares = shared_out(batches) if workers == SIZE else [batches, []]
        before, log = written.count(self.owner), self._log()
        done = self.crew.work(ceiling.release, shares)
        return self._run("ceiling", done.seconds, before, log)

    def _run(self, side: str, seconds: float, before: Counter[str], log: int) -> Run:
        self.wal[side].append((self._log() - log) / self.due)
        self._see_each_once()
        return Run(self.due, seconds, written.made_since(self.owner, before))

    def _see_each_once(self) -> None:
        """Every due reward is released and none else; no reward has two postings."""
        asked = """SELECT (SELECT count(*) FROM rewards_reward WHERE state = 'RELEASED'),
                          (SELECT count(*) FROM rewards_posting), count(DISTINCT reward_id) FROM rewards_posting"""
        [counted] = self.owner.execute(asked).fetchall()
        if counted != (self.due,) * 3:
            raise SystemExit(f"{self.due} were due; released, posted, each once: {counted}")

    def make_due(self) -> None:
        """As before the first run: what a run wrote is gone, and so are the dead rows it left."""
        self.owner.execute("TRUNCATE rewards_ledgerentry, rewards_posting, merchants_outbox, merchants_wakeup CASCADE")
        self.owner.execute("DELETE FROM merchants_event WHERE seq > 1")
        self.owner.execute(
            "UPDATE rewards_reward SET state = 'HELD', released_at = NULL, next_try_at = NULL WHERE state = 'RELEASED'"
        )
        self.owner.execute("VACUUM ANALYZE rewards_reward, merchants_event")

    def _log(self) -> int:
        [(position,)] = self.owner.execute("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn").fetchall()
        return int(position)

    def print_statements(self) -> None:
        """Of one full batch, from its transaction's begin to its commit."""
        self.make_due()
        settings.EVENT_READERS = READERS
        merchant = merchant_of(self.shops[0].merchant_id)
        with CaptureQueriesContext(connection) as asked, tenant_scope(self.shops[0].ref()), tenant_transaction():
            assert release_due(now=now_for(merchant)) == BATCH
        print(f"  statements per reward: {len(asked) / BATCH:.3f} ({len(asked)} per batch of {BATCH})", flush=True)


def _working(workers: int) -> list[bool]:
    return [place < workers for place in range(SIZE)]
