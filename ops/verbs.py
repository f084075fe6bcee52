"""One function per verb of ./run. Each gets the rest of the command line and gives the exit code."""

from __future__ import annotations

import importlib
import os
import sys

from ops import bootstrap
from ops.prepare import compile_translations
from ops.services import CannotStart
from ops.stack import AlreadyRunning, CommandFailed, IncompleteAddresses

#: Where each verb lives: module, function.
HOMES = {
    "demo": ("ops.demo", "demo"),
    "dev": ("ops.demo", "dev"),
    "test": ("ops.testing", "test"),
    "check": ("ops.testing", "check"),
    "messages": ("ops.messages", "messages"),
    "bench": ("ops.testing", "bench"),
    "shots": ("ops.testing", "shots"),
    "chaos": ("chaos.run", "chaos"),
    "mutate": ("mutate.run", "mutate"),
    "drive": ("ops.testing", "drive"),
    "shell": ("ops.maintenance", "shell"),
    "manage": ("ops.maintenance", "manage"),
    "migrate": ("ops.maintenance", "migrate"),
    "settings": ("ops.maintenance", "settings"),
    "roles-sql": ("ops.maintenance", "roles_sql"),
    "lock": ("ops.maintenance", "lock"),
}


def main(arguments: list[str]) -> None:
    if not arguments:
        sys.exit(bootstrap.usage())
    os.chdir(bootstrap.ROOT)
    verb, *rest = arguments
    module, function = HOMES[verb]
    compile_translations()
    try:
        sys.exit(getattr(importlib.import_module(module), function)(rest))
    except (CannotStart, CommandFailed, IncompleteAddresses) as problem:
        sys.exit(str(problem))
    except AlreadyRunning as running:
        sys.exit(
            f"Referral SaaS is already running on {running}. Use that one, or stop it first with Ctrl-C where it runs."
        )
    except KeyboardInterrupt:
        sys.exit(130)
