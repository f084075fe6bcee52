"""A plugin of pytest: instead of running the tests once, runs them against every mutant and prints what came of it.

Django, the tests and the database are made ready once; each mutant is a fork of that. Only a mutant that shows as its
module is loaded needs a process of its own.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from collections import deque
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

import pytest
from _pytest.runner import runtestprotocol

from mutate.apply import swap
from mutate.mutants import Mutant, every, unchanged
from mutate.profile import FILE, MODULE, is_pure
from mutate.report import Outcome, kept_mutants, report
from mutate.targets import TARGETS, Target

NAMED = "MUTANTS_NAMED"
AT_ONCE = 2
#: Seconds of processor, and of waiting for anything else, until a mutant counts as one that never ends.
LONGEST_WORK, LONGEST_WAIT = 40, 150
SURVIVED, KILLED, NOT_APPLIED = 0, 1, 70
BETWEEN_WORDS = 20.0


@dataclass(frozen=True, slots=True)
class Trial:
    target: Target
    mutant: Mutant


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    if session.testsfailed:
        return None  # the tests cannot be collected: pytest says so itself
    named = os.environ.get(NAMED, "")
    trials = [Trial(target, mutant) for target in TARGETS for mutant in every(target.files, named)]
    judge = Judge(session)
    judge.make_ready({trial.target for trial in trials})
    session.testsfailed = report(judge.tried(trials), kept=kept_mutants(), is_whole=not named)
    return True


class Judge:
    def __init__(self, session: pytest.Session) -> None:
        self.session = session
        self.tests = {target: self._tests_of(target) for target in TARGETS}
        self.folder = tempfile.TemporaryDirectory(prefix="mutants-")
        self.next_word = 0.0

    def _tests_of(self, target: Target) -> list[pytest.Item]:
        mine = [item for item in self.session.items if item.nodeid.startswith(target.tests)]
        return mine if target.writes_rows else [item for item in mine if is_pure(item)]

    # --- before anything is changed ---

    def make_ready(self, targets: set[Target]) -> None:
        """Every test must pass on the code as it is, and code replaced by itself must survive in both ways."""
        for target in targets:
            self.tests[target] = self._quickest_first(self.tests[target])
        from django.db import connections

        connections.close_all()  # a connection cannot be shared with a fork
        for target in targets:
            some = next(mutant for file in target.files for mutant in every((file,), "") if mutant.function)
            for same in (unchanged(some.file, some.function), unchanged(some.file, None)):
                _pid, status = os.waitpid(self._start(Trial(target, same)), 0)
                if code := os.waitstatus_to_exitcode(status):
                    pytest.exit(f"mutate: does not survive unchanged ({code}): {target.name}, {same}", returncode=2)

    def _quickest_first(self, items: list[pytest.Item]) -> list[pytest.Item]:
        took: dict[str, float] = {}
        for item, after in pairwise([*items, self.session]):
            began = time.perf_counter()
            reports = runtestprotocol(item, log=False, nextitem=after)
            took[item.nodeid] = time.perf_counter() - began
            for each in reports:
                if each.failed:
                    pytest.exit(f"mutate: {item.nodeid} fails without a mutant\n{each.longreprtext}", returncode=2)
        return sorted(items, key=lambda item: took[item.nodeid])

    # --- the mutants ---

    def tried(self, trials: list[Trial]) -> list[Outcome]:
        """Two at a time, of which one at most writes rows: those share one database."""
        waiting, running, outcomes = deque(trials), dict[int, Trial](), list[Outcome]()
        while waiting or running:
            while len(running) < AT_ONCE and (trial := self._next(waiting, running)):
                running[self._start(trial)] = trial
            pid, status = os.wait()
            trial = running.pop(pid)
            code = os.waitstatus_to_exitcode(status)
            if code == NOT_APPLIED:
                pytest.exit(f"mutate: cannot be applied: {trial.mutant}", returncode=2)
            outcomes.append(Outcome(trial.target.name, trial.mutant, survived=code == SURVIVED))
            self._say(outcomes, len(trials))
        return outcomes

    def _next(self, waiting: deque[Trial], running: dict[int, Trial]) -> Trial | None:
        is_taken = any(trial.target.writes_rows for trial in running.values())
        for trial in reversed(waiting):  # rows last in the list, first to start: they cannot run beside each other
            if not (is_taken and trial.target.writes_rows):
                waiting.remove(trial)
                return trial
        return None

    def _say(self, outcomes: list[Outcome], total: int) -> None:
        if time.monotonic() >= self.next_word:
            self.next_word = time.monotonic() + BETWEEN_WORDS
            survived = sum(outcome.survived for outcome in outcomes)
            print(f"mutate: {len(outcomes)} of {total}, {survived} survived so far", flush=True)

    def _start(self, trial: Trial) -> int:
        sys.stdout.flush()
        if pid := os.fork():
            return pid
        try:
            _be_mortal()
            if trial.mutant.was:  # what was not changed says what is wrong
                _be_silent()
            if trial.mutant.function is None:
                self._become_fresh_process(trial)
            swap(trial.mutant, sys.modules[trial.mutant.module])
        except BaseException:
            os._exit(NOT_APPLIED)
        os._exit(self._run(self.tests[trial.target]))

    def _run(self, items: list[pytest.Item]) -> int:
        try:
            for item, after in pairwise([*items, self.session]):
                for each in runtestprotocol(item, log=False, nextitem=after):
                    if each.failed:
                        print(each.longreprtext, flush=True)
                        return KILLED
        except BaseException:
            return KILLED
        return SURVIVED

    def _become_fresh_process(self, trial: Trial) -> NoReturn:
        target, mutant = trial.target, trial.mutant
        path = Path(self.folder.name) / f"{os.getpid()}.py"
        path.write_text(mutant.source)
        environment: dict[str, Any] = {**os.environ, MODULE: mutant.module, FILE: str(path)}
        if not target.writes_rows:
            environment["MUTANT_IS_PURE"] = "1"
        command = [sys.executable, "-m", "pytest", "-p", "mutate.profile", "-x", "-q", *target.tests]
        os.execve(sys.executable, command, environment)


def _be_silent() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)


def _be_mortal() -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.alarm(LONGEST_WAIT)
    signal.setitimer(signal.ITIMER_PROF, LONGEST_WORK)
