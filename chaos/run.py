"""``./run chaos``: a throw-away stack with the workers of production, a faulty provider, and a storm over both."""

from __future__ import annotations

import random
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg
import redis

from chaos.audit import Blow, Verdict, judge, read_journal
from chaos.options import MERCHANTS, MOST_LATE, Options, read
from chaos.storm import Kind, Planned, plan
from chaos.victims import kill_one
from ops import process
from ops.programs import MONEY, WORKERS, beat, program, python, worker_of
from ops.services import CannotStart, Services
from ops.signals import Stopped, unwinding
from ops.stack import ROOT, Stack, throwaway
from ops.supervise import Supervisor

BETWEEN_LOOKS = 0.1
BETWEEN_WORDS = 5.0
START_LIMIT = 30.0
#: Processes that make the rewards at the same time.
MAKERS = 2
STOPPED, FAILED = 130, 1
PROGRESS = "SELECT count(*) FILTER (WHERE state = 'FULFILLED'), count(*) FROM rewards_reward"


def chaos(arguments: list[str]) -> int:
    options = read(arguments)
    try:
        with unwinding(), throwaway(mode="demo", durable=True) as stack:
            if stack.services is None:
                raise CannotStart("The storm restarts its own Postgres: unset DATABASE_URL and REDIS_URL.")
            return Run(options, stack, stack.services).play()
    except Stopped:
        return STOPPED


@dataclass
class Run:
    """One storm. Times are seconds since 1970: the servers' clock is this machine's."""

    options: Options
    stack: Stack
    services: Services
    blows: list[Blow] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.time)

    def __post_init__(self) -> None:
        self.folder = self.stack.data / "provider"
        self.supervisor = Supervisor(self.said.append)
        self.chance = random.Random(self.options.seed)
        self.deadline = self.began + 60 * self.options.minutes
        self.next_word = 0.0

    # --- the run ---

    def play(self) -> int:
        try:
            self._start()
            making = self._make_rewards()
            self._rage(time.time(), self.options.storm(making))
        finally:
            self.supervisor.stop()
            self._keep_logs()
        return self._report()

    def _keep_logs(self) -> None:
        for folder in (self.stack.data / "logs", self.folder):
            if self.options.logs and folder.exists():
                shutil.copytree(folder, self.options.logs / folder.name, dirs_exist_ok=True)

    def _start(self) -> None:
        self.stack.manage("migrate", "--verbosity", "0")
        self.folder.mkdir()
        self._add("provider", python("-m", "chaos.provider", self.folder, self.options.seed))
        self.url = f"http://127.0.0.1:{self._port()}/rewards"
        self.stack.environment["MONEY_SLOTS"] = str(self.options.money_slots)
        for kind in WORKERS:
            for number in range(1, self.options.money_workers + 1 if kind == MONEY else 2):
                self._add(f"{kind}-{number}", worker_of(kind, self.stack, number=number))
        self._add("beat", beat())
        self._say(
            f"{self.options.money_workers} x worker-money ({self.options.money_slots} slots), worker, worker-bulk, beat"
        )

    def _add(self, name: str, command: list[object]) -> None:
        self.supervisor.add(program(name, command, self.stack))

    def _port(self) -> str:
        port, limit = self.folder / "port", time.monotonic() + START_LIMIT
        while not port.exists():
            if time.monotonic() > limit:
                raise CannotStart("The faulty provider did not start.")
            time.sleep(BETWEEN_LOOKS)
        return port.read_text()

    def _make_rewards(self) -> float:
        """By two processes at once; when they are made, the first is due. Gives how many seconds it took."""
        began = time.monotonic()
        children = [self._maker(share) for share in range(MAKERS)]
        try:
            while any(child.poll() is None for child in children):
                self._look()
        finally:
            for child in children:
                process.end(child, signum=signal.SIGTERM, within=5)
        if failed := [child.returncode for child in children if child.returncode]:
            raise CannotStart(f"The rewards could not be made (exit {failed[0]}).")
        return time.monotonic() - began

    def _maker(self, share: int) -> subprocess.Popen[bytes]:
        options = self.options
        told = {
            "rewards": options.rewards,
            "merchants": MERCHANTS,
            "seed": options.seed,
            "spread": options.shortest_spread,
            "share": share,
            "shares": MAKERS,
            "url": self.url,
        }
        command = python("-m", "chaos.world", *(part for name, value in told.items() for part in (f"--{name}", value)))
        return process.start(command, log=None, env=self.stack.environment, cwd=ROOT)

    def _rage(self, starts_at: float, seconds: float) -> None:
        """All blows in their time, then until nothing is left to fulfil, at most until the time is over."""
        self._say(f"a storm of {seconds:.0f} s begins")
        waiting = plan(self.options)
        while time.time() < self.deadline:
            while waiting and starts_at + waiting[0].at * seconds <= time.time():
                self._strike(waiting.pop(0))
            self._look()
            if not waiting and self._is_all_fulfilled():
                return
        self._say("the time is over")

    def _look(self) -> None:
        self.supervisor.look()
        if time.monotonic() >= self.next_word:
            self.next_word = time.monotonic() + BETWEEN_WORDS
            fulfilled, made = self._progress()
            self._say(f"{fulfilled} of {made} fulfilled, {self._kills()} kills")
        time.sleep(BETWEEN_LOOKS)

    def _say(self, text: str) -> None:
        print(f"{time.time() - self.began:5.0f} s  {text}", flush=True)

    def _kills(self) -> int:
        return sum(blow.kind == Kind.KILL for blow in self.blows)

    def _progress(self) -> tuple[int, int]:
        with psycopg.connect(self._superuser()) as connection:
            fulfilled, made = connection.execute(PROGRESS).fetchone() or (0, 0)
            return fulfilled, made

    def _is_all_fulfilled(self) -> bool:
        fulfilled, made = self._progress()
        return fulfilled == made

    def _superuser(self) -> str:
        return self.services.database_url("postgres")

    # --- blows ---

    def _strike(self, planned: Planned) -> None:
        began = time.time()
        what = {Kind.KILL: self._kill, Kind.FLUSH: self._flush}.get(planned.kind, lambda: self._restart(planned.kind))()
        self.blows.append(Blow(planned.kind, began, time.time()))
        self._say(what)

    def _kill(self) -> str:
        """Somebody always dies of it: where all are just starting again, the next to be there."""
        while True:
            victims = [program for program in self.supervisor.programs if program.name.startswith("worker")]
            if name := kill_one(victims, self.chance):
                return f"killed {name}"
            self.supervisor.look()
            time.sleep(BETWEEN_LOOKS)

    def _flush(self) -> str:
        redis.Redis.from_url(self.services.redis_url).flushall()
        return Kind.FLUSH

    def _restart(self, kind: Kind) -> str:
        """A fast shutdown, or one as a crash is: no checkpoint. Either way every connection is cut."""
        began = time.monotonic()
        signum = signal.SIGQUIT if kind == Kind.CRASH else signal.SIGINT
        process.end(self.services.running["postgres"], signum=signum, within=30)
        time.sleep(self.chance.uniform(0.2, 2.0))
        self.services.start_postgres()
        self.services.wait_until_answering()
        return f"{kind}, away for {time.monotonic() - began:.1f} s"

    # --- the end ---

    def _report(self) -> int:
        journal = self.folder / "calls.jsonl"
        verdict = judge(self._superuser(), journal, self.blows, wanted=self.options.rewards)
        fates = sorted(read_journal(journal).fates.items())
        self._say("the provider: " + ", ".join(f"{fate} {count}" for fate, count in fates))
        for line in _findings(verdict):
            self._say(line)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        self._say(f"{used.ru_utime + used.ru_stime:.0f} s of processor time")
        print(verdict.closing_line(), flush=True)
        return 0 if verdict.is_good else FAILED


def _findings(verdict: Verdict) -> Sequence[str]:
    waits = verdict.lateness or [0.0]
    middle, most = waits[len(waits) // 2], waits[-1]
    bound = f"fulfilled within {most:.0f} s of due time, last fault and Retry-After (half within {middle:.0f} s)"
    return [
        f"{bound}; the bound is {MOST_LATE:.0f} s",
        *verdict.late[:20],
        *verdict.imbalances[:20],
        *verdict.losses[:20],
    ]
