"""A process that must not outlive the one that started it, however that one ends (kill -9 included)."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def die_with(parent: int, signum: int = signal.SIGKILL) -> None:
    """Ask the kernel to send ``signum`` to this process when its parent, process ``parent``, ends.

    Linux only; elsewhere nothing happens. A parent that ended before the request was made counts too. The kernel
    watches the thread that forked, so a parent must start its children from a thread that lives as long as itself.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signum, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signum)


def asked_for() -> bool:
    """The launcher sets DIE_WITH_PARENT for what it starts, so that grandchildren ask for it too."""
    return os.environ.get("DIE_WITH_PARENT") == "1"
