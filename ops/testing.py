"""Verbs of the workshop: test, check, bench, shots, drive."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from ops import process
from ops.browser import HOW_TO_GET, find_chromium
from ops.demo import BETWEEN_LOOKS, SHOP_PORT, WEB_PORT, running
from ops.programs import everything_running
from ops.signals import Stopped, unwinding
from ops.stack import ROOT, Stack, throwaway

WORKERS = "2"
SHOTS = ROOT / ".shots"
STOPPED = 130

#: Which orders are drawn to be looked at hangs on it: in every run the same ones.
SAME_KEY = {"CREDENTIALS_KEYS": "the-same-in-every-run-of-the-tests"}

#: Each is tried even if one before it fails, so that one run shows everything there is to mend.
CHECKS: dict[str, Sequence[str]] = {
    "lint": ("-m", "ruff", "check", "."),
    "format": ("-m", "ruff", "format", "--check", "."),
    "types": (
        "-m",
        "mypy",
    ),
    "import contracts": ("-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-logo"),
    "missing migrations": ("-W", "ignore::RuntimeWarning", "manage.py", "makemigrations", "--check", "--dry-run"),
    "languages": ("-m", "ops", "messages", "--check"),
}


def test(arguments: list[str]) -> int:
    """Pytest on a stack of its own. Without a path: everything, on two processes."""
    if not names_a_path(arguments):
        arguments = ["-n", WORKERS, *arguments]  # shared out by tests/apart.py
    environment = {"DJANGO_ALLOW_ASYNC_UNSAFE": "1", **SAME_KEY}
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
    environment = {
        **os.environ,
        "MODE": "test",
        "PYTHONPATH": str(ROOT),
        "DJANGO_SETTINGS_MODULE": "referral_saas.settings",
    }
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=environment).returncode == 0


def bench(arguments: list[str]) -> int:
    """Measured with fsync on, as in production."""
    return on_throwaway("demo", [sys.executable, "-m", "bench", *arguments], {}, durable=True, migrated=True)


def shots(arguments: list[str]) -> int:
    """Pictures for people: an empty folder `.shots/` is filled anew. Words narrow them to the files they occur in."""
    if not (chromium := find_chromium()):
        print(HOW_TO_GET)
        return 1
    for picture in () if arguments else SHOTS.rglob("*.png"):
        picture.unlink()
    told = {"CHROMIUM": chromium, "SHOTS_DIR": str(SHOTS), "SHOTS_ONLY": " ".join(arguments)}
    environment = {"DJANGO_ALLOW_ASYNC_UNSAFE": "1", **SAME_KEY, **told}
    command = [sys.executable, "-m", "pytest", "-q", "-s", "tests/shots/take.py"]
    return on_throwaway("test", command, environment, durable=False)


def drive(arguments: list[str]) -> int:
    """Against the running demo, or against one started for it on data of its own. --own never uses the running one."""
    own = "--own" in arguments
    command = [sys.executable, "-m", "demo.drive", *(each for each in arguments if each != "--own")]
    if not own and (environment := running()):
        return subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}).returncode
    try:
        with (
            unwinding(),
            throwaway(mode="demo", durable=True) as stack,
            everything_running(stack, world=False, web_port=WEB_PORT, shop_port=SHOP_PORT) as look,
        ):
            return ordered(command, stack, {}, look)
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


def ordered(
    command: Sequence[str], stack: Stack, environment: dict[str, str], look: Callable[[], None] = lambda: None
) -> int:
    """Run to its end, looking after the stack meanwhile."""
    child = subprocess.Popen(
        list(command), cwd=ROOT, env={**stack.environment, **environment}, preexec_fn=process.setup()
    )
    try:
        while child.poll() is None:
            look()
            time.sleep(BETWEEN_LOOKS)
        return child.returncode
    finally:
        process.end(child, signum=signal.SIGINT, within=10)
