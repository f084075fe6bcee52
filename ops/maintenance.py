"""Verbs that look after an installation: shell, manage, migrate, settings, roles-sql, lock."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from ops import addresses
from ops.console import tell
from ops.demo import DATA, SHOP_PORT, WEB_PORT, running
from ops.signals import Stopped, unwinding
from ops.stack import ROOT, lasting
from referral_saas import roles


def shell(arguments: list[str]) -> int:
    return manage(["shell", *arguments])


def migrate(arguments: list[str]) -> int:
    return manage(["migrate", *arguments])


def manage(arguments: list[str]) -> int:
    """With the servers of the running demo; if none runs, they are started for this one command."""
    if environment := running():
        return in_terminal(arguments, {**os.environ, **environment})
    try:
        with unwinding(), lasting(DATA) as stack:
            addresses.choose(stack, web_port=WEB_PORT, shop_port=SHOP_PORT)
            return in_terminal(arguments, stack.environment)
    except Stopped:
        return 130


def in_terminal(arguments: Sequence[str], environment: dict[str, str]) -> int:
    """Keeps the terminal, so that a shell can be typed into; Ctrl-C there is the shell's business, not ours."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        restore = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, preexec_fn=restore).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def settings(arguments: list[str]) -> int:
    """What is in force, secrets hidden. --markdown prints the documentation's table, --write puts it there."""
    from kit.env import BadEnvironment

    os.environ.setdefault("MODE", "demo")
    try:
        from referral_saas import environment as ours
    except BadEnvironment as problem:
        tell(str(problem))
        return 1
    from ops import settings_table

    if "--markdown" in arguments:
        print(settings_table.markdown(ours.env.declared, ours.LOCAL_DEFAULTS))
    elif "--write" in arguments:
        settings_table.write(ROOT / "docs" / "settings.md", ours.env.declared, ours.LOCAL_DEFAULTS)
    else:
        print(settings_table.in_force(ours.env.declared))
    return 0


def roles_sql(arguments: list[str]) -> int:
    print(roles.roles_script())
    return 0


def lock(arguments: list[str]) -> int:
    """Compile what we ask for into what is installed; --upgrade takes the newest. No addresses get into the files."""
    uv = subprocess.run([sys.executable, "-m", "uv", "--version"], capture_output=True)
    if uv.returncode:
        tell("This needs uv in the environment: .venv/bin/python -m pip install uv")
        return 1
    quiet = ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet"]
    for name in ("requirements", "requirements-embedded", "requirements-dev", "requirements-virtualenv"):
        command = [sys.executable, "-m", "uv", "pip", "compile", "--universal", "--python-version", "3.11"]
        command += ["--generate-hashes", *quiet, *arguments, f"{name}.in", "--output-file", f"{name}.txt"]
        if code := subprocess.run(command, cwd=ROOT).returncode:
            return code
    return 0
