"""Verbs of the workshop: test, check, bench, drive."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from ops import process
from ops.browser import find_chromium
from ops.signals import Stopped, unwinding
from ops.stack import ROOT, Stack, throwaway

WORKERS = "2"
STOPPED = 130

#: Each is tried even if one before it fails, so that one run shows everything there is to mend.
CHECKS: dict[str, Sequence[str]] = {
    "lint": ("-m", "ruff", "check", "."),
    "format": ("-m", "ruff", "format", "--check", "."),
    "types": ("-m", "mypy",),
    "import contracts": ("-m", "importlinter.cli", "lint"),
    "missing migrations": ("manage.py", "makemigrations", "--check", "--dry-run"),
}


def test(arguments: list[str]) -> int:
    """Pytest on a stack of its own. Without a path: everything, on two processes."""
    if not names_a_path(arguments):
        arguments = ["-n", WORKERS, *arguments]
    environment = {"DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
    if chromium := find_chromium():
        environment["CHROMIUM"] = chromium
    return on_throwaway("test", [sys.executable, "-m", "pytest", *arguments], environment, durable=False)


def names_a_path(arguments: Sequence[str]) -> bool:
    return any(Path(each.partition("::")[0]).exists() for each in arguments if not each.startswith("-"))


def check(arguments: list[str]) -> int:
    failed = [name for name, command in CHECKS.items() if not passes(name, command)]
    print(f"\nNot in order: {', '.join(failed)}." if failed else "\nAll in order.", flush=True)
    return bool(failed)


def passes(name: str, command: Sequence[str]) -> bool:
    print(f"\n== {name}", flush=True)
    environment = {**os.environ, "MODE": "test", "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "referral_saas.settings"}
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=environment).returncode == 0


def bench(arguments: list[str]) -> int:
    """Measured with fsync on, as in production."""
    return on_throwaway("demo", [sys.executable, "-m", "bench", *arguments], {}, durable=True, migrated=True)


def drive(arguments: list[str]) -> int:
    """Against the running demo, or against one started for it on data of its own."""
    from ops.demo import demo_addresses, everything_running

    command = [sys.executable, "-m", "demo.drive", *arguments]
    running = demo_addresses(ROOT / "var")
    if running is not None:
        return subprocess.run(command, cwd=ROOT, env={**os.environ, **running}).returncode
    try:
        with unwinding(), throwaway(mode="demo") as stack, everything_running(stack, world=False):
            return ordered(command, stack, {})
    except Stopped:
        return STOPPED


def on_throwaway(
    mode: str, command: Sequence[str], environment: dict[str, str], *, durable: bool, migrated: bool = False
) -> int:
    try:
        with unwinding(), throwaway(mode=mode, durable=durable) as stack:
            if migrated:
                stack.manage("migrate", "--verbosity", "0")
            return ordered(command, stack, environment)
    except Stopped:
        return STOPPED


def ordered(command: Sequence[str], stack: Stack, environment: dict[str, str]) -> int:
    child = subprocess.Popen(
        list(command), cwd=ROOT, env={**stack.environment, **environment}, preexec_fn=process.setup()
    )
    try:
        return child.wait()
    finally:
        process.end(child, signum=2, within=10)


