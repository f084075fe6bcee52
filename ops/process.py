"""Starting a child so that it ends with us, whatever ends us."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from kit import lifeline

#: The user that Postgres and Valkey run as when we are root; Postgres refuses root.
UNPRIVILEGED = "nobody"


@dataclass(frozen=True)
class Identity:
    """The user a child becomes; None stays who we are."""

    uid: int | None = None
    gid: int | None = None


def unprivileged() -> Identity:
    if os.geteuid() != 0:
        return Identity()
    import pwd

    entry = pwd.getpwnam(UNPRIVILEGED)
    return Identity(entry.pw_uid, entry.pw_gid)


def setup(identity: Identity = Identity(), on_orphan: int = signal.SIGKILL) -> Callable[[], None]:
    """What the child does between fork and exec: a session of its own (Ctrl-C in the terminal reaches only us), the
    other user, and ``on_orphan`` as its signal should we die. The last comes last: a change of user clears it."""
    parent = os.getpid()

    def in_child() -> None:
        os.setsid()
        if identity.uid is not None and identity.gid is not None:
            os.setgroups([])
            os.setgid(identity.gid)
            os.setuid(identity.uid)
            os.umask(0o077)
        lifeline.die_with(parent, on_orphan)

    return in_child


def start(
    command: Sequence[object],
    *,
    log: IO[bytes] | int | None,
    env: Mapping[str, str] | None = None,
    cwd: Path | str | None = None,
    identity: Identity = Identity(),
    on_orphan: int = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=None if env is None else dict(env),
        cwd=cwd,
        preexec_fn=setup(identity, on_orphan),
    )


def run(command: Sequence[object], *, identity: Identity = Identity()) -> str:
    """Run to its end and give what it printed. Raises with the command's own words when it fails."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, cwd="/", preexec_fn=setup(identity)
    )
    if done.returncode:
        raise RuntimeError(f"{Path(str(command[0])).name} failed:\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def end(child: subprocess.Popen[bytes], *, signum: int, within: float) -> None:
    """Ask, wait, then end the child and everything it started."""
    if child.poll() is None:
        child.send_signal(signum)
    end_by(child, time.monotonic() + within)


def end_by(child: subprocess.Popen[bytes], deadline: float) -> None:
    """Wait until ``deadline`` (monotonic) for a child that was asked to end, then kill what is left of its session."""
    with suppress(subprocess.TimeoutExpired):
        child.wait(max(0.0, deadline - time.monotonic()))
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
