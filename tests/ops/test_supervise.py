"""What ends is started again, slower each time; all end together. The clock is the test's own."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from ops import process
from ops.supervise import FIRST_PAUSE, LONGEST_PAUSE, WELL_AFTER, Program, Supervisor, logged


class Stage:
    """A supervisor with a clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.told: list[str] = []
        self.supervisor = Supervisor(self.told.append, clock=lambda: self.now)

    def add(self, script: str) -> Program:
        program = Program("worker", lambda: process.start(["/bin/sh", "-c", script], log=None), grace=10)
        self.supervisor.add(program)
        return program

    def let_end(self, program: Program) -> None:
        assert program.child is not None
        program.child.wait()
        self.supervisor.look()

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        self.supervisor.look()


@pytest.fixture
def stage():  # type: ignore[no-untyped-def]
    stage = Stage()
    yield stage
    stage.supervisor.stop()


def child_of(program: Program) -> subprocess.Popen[bytes]:
    assert program.child is not None
    return program.child


def test_what_ended_is_started_again_after_the_pause_and_not_before(stage: Stage) -> None:
    program = stage.add("exit 3")
    first = child_of(program)
    stage.let_end(program)
    assert stage.told == [f"worker ended (exit 3); starting it again in {FIRST_PAUSE:g} s"]
    stage.pass_time(FIRST_PAUSE / 2)
    assert child_of(program) is first
    stage.pass_time(FIRST_PAUSE / 2)
    assert child_of(program) is not first


def test_pause_doubles_up_to_the_longest(stage: Stage) -> None:
    program = stage.add("exit 1")
    pauses = []
    for _ in range(9):
        pauses.append(program.pause)
        stage.let_end(program)
        stage.pass_time(LONGEST_PAUSE)
    assert pauses[:4] == [0.5, 1, 2, 4]
    assert pauses[-1] == LONGEST_PAUSE


def test_pause_is_the_first_again_after_a_good_while(stage: Stage) -> None:
    program = stage.add("exit 1")
    stage.let_end(program)
    stage.pass_time(FIRST_PAUSE)
    stage.now += WELL_AFTER + 1
    stage.let_end(program)
    assert stage.told[-1].endswith(f"in {FIRST_PAUSE:g} s")


def test_a_kill_is_told_by_its_name(stage: Stage) -> None:
    program = stage.add("exec sleep 1000")
    child_of(program).kill()
    stage.let_end(program)
    assert "(SIGKILL)" in stage.told[0]


def test_stop_ends_all_and_starts_none_again(stage: Stage) -> None:
    children = [child_of(stage.add("exec sleep 1000")) for _ in range(3)]
    stage.supervisor.stop()
    assert [child.returncode for child in children] == [-signal.SIGTERM] * 3
    stage.pass_time(LONGEST_PAUSE)
    assert stage.told == []


def test_large_log_of_earlier_starts_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "web.log"
    log.parent.mkdir()
    with log.open("wb") as handle:
        handle.truncate(11 * 1024 * 1024)
    child = logged(["/bin/echo", "hello"], log=log, env={}, cwd=tmp_path)()
    child.wait()
    assert log.read_text() == "hello\n"
    assert (log.parent / "web.log.1").stat().st_size == 11 * 1024 * 1024
