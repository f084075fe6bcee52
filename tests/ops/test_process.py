"""Nothing we start outlives us. Real processes, real signals; waits end with the event, not with a clock."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from ops import process
from ops.stack import ROOT

#: Far more than needed: an orphan that never dies fails the test instead of hanging the suite.
AT_MOST_MS = 20_000
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}

STARTS_TWO = """
import os, signal, subprocess, sys
from ops import process
child = process.start(["sleep", "1000"], log=None)
shell = process.start([sys.executable, "-c", '''
import os, time
from kit import lifeline
reader, writer = os.pipe()
if os.fork() == 0:
    lifeline.die_with(os.getppid())
    os.write(writer, b"1")
    time.sleep(1000)
os.read(reader, 1)
print(os.getpid(), flush=True)
time.sleep(1000)
'''], log=subprocess.PIPE)
shell.stdout.readline()
print(child.pid, shell.pid, flush=True)
signal.pause()
"""


def ended(pid: int) -> int:
    """A handle that becomes readable when the process ends."""
    return os.pidfd_open(pid)


def wait_for(handles: list[int]) -> None:
    poll = select.poll()
    for handle in handles:
        poll.register(handle, select.POLLIN)
    left = set(handles)
    while left:
        events = poll.poll(AT_MOST_MS)
        assert events, f"{len(left)} of {len(handles)} still run"
        for handle, _ in events:
            poll.unregister(handle)
            left.discard(handle)
            os.close(handle)


def test_kill_9_of_the_starter_ends_children_and_grandchildren() -> None:
    starter = subprocess.Popen([sys.executable, "-c", STARTS_TWO], stdout=subprocess.PIPE, text=True, env=ENVIRONMENT)
    assert starter.stdout is not None
    starter.stdout.readline()
    family = psutil.Process(starter.pid).children(recursive=True)
    assert len(family) == 3
    handles = [ended(member.pid) for member in family]
    starter.kill()
    wait_for(handles)
    starter.wait()


def test_child_has_a_session_of_its_own_so_that_ctrl_c_reaches_only_us() -> None:
    child = process.start(["sleep", "1000"], log=None)
    try:
        assert os.getsid(child.pid) == child.pid != os.getsid(0)
    finally:
        process.end(child, signum=signal.SIGTERM, within=10)
    assert child.returncode == -signal.SIGTERM


def test_end_kills_what_ignores_the_asking_and_what_it_started(tmp_path: Path) -> None:
    said = tmp_path / "said"
    os.mkfifo(said)
    script = f"trap '' TERM; sleep 1000 & echo $! > '{said}'; wait; wait"
    child = process.start(["/bin/sh", "-c", script], log=None)
    grandchild = ended(int(said.read_text()))
    process.end(child, signum=signal.SIGTERM, within=0)
    assert child.returncode == -signal.SIGKILL
    wait_for([grandchild])


def test_run_raises_with_the_words_of_what_failed() -> None:
    with pytest.raises(RuntimeError, match="no space left"):
        process.run(["/bin/sh", "-c", "echo no space left >&2; exit 3"])
