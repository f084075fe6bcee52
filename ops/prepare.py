"""What must stand before the demo starts: tables, static files, the demo world; translations before any verb. Each is
made again only when what it is made from has changed, so that a second start is quick."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from ops.console import tell
from ops.services import CannotStart
from ops.stack import ROOT, Stack


def prepare(stack: Stack, *, world: bool, collect: bool) -> None:
    once(stack, "migrations", migration_files(), lambda: migrate(stack))
    if collect:
        once(stack, "static", static_files(), lambda: collect_static(stack))
    if world and has_command("demo_world"):
        build_world(stack)


def once(stack: Stack, name: str, sources: Iterable[Path], work: Callable[[], object]) -> None:
    """The stamp is written after the work, so work that was cut short is done again."""
    stamp, wanted = stack.data / f"stamp-{name}", fingerprint(sources)
    if not (stamp.exists() and stamp.read_text() == wanted):
        work()
        stamp.write_text(wanted)


def fingerprint(files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        status = file.stat()
        digest.update(f"{file}\n{status.st_size}\n{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def migration_files() -> list[Path]:
    return [*ROOT.glob("*/migrations/*.py"), ROOT / "requirements.txt", ROOT / "referral_saas" / "roles.py"]


def static_files() -> list[Path]:
    return [*(path for path in (ROOT / "static").rglob("*") if path.is_file()), ROOT / "requirements.txt"]


def migrate(stack: Stack) -> None:
    tell("Building the tables")
    stack.manage("migrate", "--verbosity", "0")


def collect_static(stack: Stack) -> None:
    tell("Collecting static files")
    stack.manage("collectstatic", "--noinput", "--clear", "--verbosity", "0")


def compile_translations() -> None:
    """As msgfmt would, which a bare machine does not have. Every verb begins with it, and what is newer than its source
    is left alone. Put in place at once, for another verb may be reading."""
    for source in (ROOT / "locale").glob("*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime_ns <= source.stat().st_mtime_ns:
            import polib

            part = compiled.with_suffix(f".{os.getpid()}.mo")
            polib.pofile(str(source)).save_as_mofile(str(part))
            part.replace(compiled)


def build_world(stack: Stack) -> None:
    """A world that was cut short is thrown away first: half a world is never shown."""
    begun, done = stack.data / "stamp-world-begun", stack.data / "stamp-world"
    if done.exists():
        return
    if begun.exists() and stack.services:
        tell("The demo world was cut short last time")
        start_over(stack)
        migrate(stack)
    begun.touch()
    tell("Building the demo world")
    with _looking_often(stack):
        stack.manage("demo_world")
    done.touch()


def _looking_often(stack: Stack) -> AbstractContextManager[None]:
    """Outside servers look when they do."""
    from ops import databases

    if stack.services is None:
        return nullcontext()
    return databases.looking_often(stack.services.database_url("postgres", "postgres"))


def start_over(stack: Stack) -> None:
    """Empty the private servers and forget what was prepared; secrets and logs stay."""
    import redis

    if stack.services is None:
        raise CannotStart("Starting over only works on the private servers. Empty your own ones yourself.")
    tell("Starting over: the demo's data is thrown away")
    stack.services.drop_database()
    redis.Redis.from_url(stack.services.redis_url).flushall()
    for stamp in stack.data.glob("stamp-*"):
        if stamp.name != "stamp-static":
            stamp.unlink()
    for leftover in ("mailbox", "shop", "providers"):
        shutil.rmtree(stack.data / leftover, ignore_errors=True)


def has_command(name: str) -> bool:
    """Without loading Django: the command's file is there."""
    return any(ROOT.glob(f"*/management/commands/{name}.py"))
