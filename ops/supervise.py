"""Keeps a set of processes running: one that ends is started again, slower each time; all end together."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ops import process

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
#: A process that ran this long was well; the next pause is the first again.
WELL_AFTER = 30.0
LARGEST_LOG = 10 * 1024 * 1024


@dataclass
class Program:
    """``start`` gives a new child; ``grace`` is how long it may take over its last work when asked to end."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    signum: int = signal.SIGTERM
    grace: float = 15.0
    child: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = FIRST_PAUSE
    start_again_at: float | None = None


@dataclass
class Supervisor:
    """Programs end in the reverse order of their start. ``tell`` is called with one sentence per event."""

    tell: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    programs: list[Program] = field(default_factory=list)

    def add(self, program: Program) -> None:
        self.programs.append(program)
        self._start(program)

    def look(self) -> None:
        """One round: notice what ended, start what is due. Called a few times a second."""
        now = self.clock()
        for program in self.programs:
            if program.start_again_at is not None:
                if now >= program.start_again_at:
                    self._start(program)
            elif program.child is not None and program.child.poll() is not None:
                self._plan_restart(program, now)

    def stop(self) -> None:
        """Ask all that serve at once, so that waiting overlaps, then see each one end."""
        living = [program for program in reversed(self.programs) if program.child is not None]
        for program in living:
            if program.child is not None and program.child.poll() is None:
                program.child.send_signal(program.signum)
        deadline = time.monotonic() + max((program.grace for program in living), default=0)
        for program in living:
            if program.child is not None:
                process.end_by(program.child, deadline)
        self.programs.clear()

    def _start(self, program: Program) -> None:
        program.child = program.start()
        program.started_at, program.start_again_at = self.clock(), None

    def _plan_restart(self, program: Program, now: float) -> None:
        assert program.child is not None
        if now - program.started_at > WELL_AFTER:
            program.pause = FIRST_PAUSE
        self.tell(
            f"{program.name} ended ({ending(program.child.returncode)}); starting it again in {program.pause:g} s"
        )
        process.end_by(program.child, deadline=0)
        program.start_again_at = now + program.pause
        program.pause = min(program.pause * 2, LONGEST_PAUSE)


def ending(code: int) -> str:
    if code >= 0:
        return f"exit {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def logged(
    command: list[object], *, log: Path, env: Mapping[str, str], cwd: Path
) -> Callable[[], subprocess.Popen[bytes]]:
    """How to start a command that writes to ``log``; a large log of earlier starts is put aside first."""

    def start() -> subprocess.Popen[bytes]:
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.rename(log.with_suffix(".log.1"))
        with open(log, "ab") as handle:
            return process.start(command, log=handle, env=env, cwd=cwd)

    return start
