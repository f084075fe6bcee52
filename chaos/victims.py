"""Whom a SIGKILL may hit: the workers, and the processes they forked."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Sequence
from pathlib import Path

from ops.supervise import FIRST_PAUSE, Program

#: Of ten kills this many hit a worker that delivers rewards: the others matter less.
OF_TEN_MONEY = 7


def kill_one(workers: Sequence[Program], chance: random.Random) -> str:
    """The name of whom it hit; "" when nobody lives just now."""
    living = [worker for worker in workers if worker.child is not None and worker.child.poll() is None]
    money = [worker for worker in living if "money" in worker.name]
    others = [worker for worker in living if worker not in money]
    chosen = money if money and (not others or chance.random() * 10 < OF_TEN_MONEY) else others
    if not chosen:
        return ""
    worker = chance.choice(chosen)
    assert worker.child is not None
    worker.pause = FIRST_PAUSE  # it did not end by itself: there is nothing to wait for
    family = [worker.child.pid, *children(worker.child.pid)]
    pid = chance.choice(family)
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return ""
    return worker.name if pid == worker.child.pid else f"a slot of {worker.name}"


def children(parent: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(folder.name))
        except (OSError, ValueError):
            continue
    return sorted(found)
