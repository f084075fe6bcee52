"""A stack: where its data is, its servers (private, or those the environment names), the settings it runs with."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ops import process
from ops.services import Services
from referral_saas import roles

ROOT = Path(__file__).resolve().parent.parent
THROWAWAY_PREFIX = "referral-run-"


class AlreadyRunning(Exception):
    """Another start uses the same data."""


class IncompleteAddresses(Exception):
    """Outside servers were named in part; the text says what is missing."""


@dataclass
class Stack:
    """``services`` is None where the environment names outside servers."""

    data: Path
    mode: str
    services: Services | None
    environment: dict[str, str] = field(default_factory=dict)

    def manage(self, *arguments: str, check: bool = True) -> int:
        """Run a manage.py command to its end, with its output shown. Raises CommandFailed when it fails."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        code = subprocess.run(command, env=self.environment, cwd=ROOT, preexec_fn=process.setup()).returncode
        if check and code:
            raise CommandFailed(f"manage.py {' '.join(arguments)} ended with {code}")
        return code


class CommandFailed(Exception):
    pass


@contextmanager
def lasting(data: Path, *, mode: str = "demo") -> Iterator[Stack]:
    """The stack that keeps its data in ``data``. Only one at a time: raises AlreadyRunning."""
    data.mkdir(parents=True, exist_ok=True)
    with alone(data), _running(data, mode, durable=True) as stack:
        yield stack


@contextmanager
def throwaway(*, mode: str = "test", durable: bool = False) -> Iterator[Stack]:
    """A stack of its own in a new folder, gone afterwards. Any number may run at the same time."""
    sweep_abandoned()
    data = Path(tempfile.mkdtemp(prefix=THROWAWAY_PREFIX))
    if os.geteuid() == 0:
        data.chmod(0o711)  # the servers run as nobody and must pass through; what is inside is closed
    try:
        with alone(data), _running(data, mode, durable=durable) as stack:
            try:
                yield stack
            finally:
                if stack.services:
                    stack.services.stop()
                    stack.services.destroy()
    finally:
        shutil.rmtree(data, ignore_errors=True)


def sweep_abandoned() -> None:
    """What a killed run left behind: folders of ours that nobody holds."""
    for folder in Path(tempfile.gettempdir()).glob(f"{THROWAWAY_PREFIX}*"):
        try:
            if folder.lstat().st_uid == os.geteuid() and (folder / "lock").exists():
                with alone(folder):
                    shutil.rmtree(folder, ignore_errors=True)
        except (AlreadyRunning, OSError):
            continue


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """Holds the folder's lock; the kernel lets go of it when we end in whatever way. Children do not inherit it."""
    with open(data / "lock", "a+") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(str(data)) from None
        yield


@contextmanager
def _running(data: Path, mode: str, *, durable: bool) -> Iterator[Stack]:
    stack = Stack(data, mode, services=None if outside_servers() else Services(data, durable=durable))
    try:
        if stack.services:
            stack.services.start()
        stack.environment = environment_of(stack)
        yield stack
    finally:
        if stack.services:
            stack.services.stop()


def outside_servers() -> bool:
    """True when the environment names all servers, False when it names none; in between is a mistake."""
    needed = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")
    missing = [name for name in needed if not os.environ.get(name)]
    if missing and len(missing) < len(needed):
        raise IncompleteAddresses(
            f"{' and '.join(missing)} not set. To use your own servers set {', '.join(needed)}; "
            "to use the private ones set none of them."
        )
    return not missing


def environment_of(stack: Stack) -> dict[str, str]:
    """The settings of every process of this stack. What the caller's environment says goes before what we choose."""
    chosen = {
        "MODE": stack.mode,
        "DJANGO_SETTINGS_MODULE": "referral_saas.settings",
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "DATA_DIR": str(stack.data),
        "STATIC_ROOT": str(stack.data / "static"),
        **kept_secrets(stack.data),
    }
    if stack.services:
        chosen |= {
            "DATABASE_URL": stack.services.database_url(roles.RUNTIME),
            "DATABASE_OWNER_URL": stack.services.database_url(roles.OWNER),
            "REDIS_URL": stack.services.redis_url,
        }
        if stack.mode == "test":  # some tests make roles of their own, to see them refused
            chosen["ADMIN_DATABASE_URL"] = stack.services.database_url("postgres")
    return {**chosen, **os.environ, **_forced(stack), "DIE_WITH_PARENT": "1"}


def _forced(stack: Stack) -> dict[str, str]:
    """A MODE left in the caller's environment would make the demo refuse to start for want of production's secrets."""
    return {"MODE": stack.mode, "PYTHONPATH": str(ROOT), "DATA_DIR": str(stack.data)}


def kept_secrets(data: Path) -> Mapping[str, str]:
    """Made once for this data, because sessions, links and encrypted credentials must survive a restart."""
    file = data / "secrets.json"
    if not file.exists():
        made = {"SECRET_KEY": secrets.token_urlsafe(50), "CREDENTIALS_KEYS": secrets.token_urlsafe(32)}
        write_private(file, made)
    kept: dict[str, str] = json.loads(file.read_text())
    return kept


def write_private(file: Path, content: object) -> None:
    """Readable by us alone, and whole or not at all."""
    making = file.with_suffix(".making")
    making.unlink(missing_ok=True)
    with open(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        json.dump(content, handle, indent=2)
    making.rename(file)
