#!/usr/bin/env python3
"""Django's command line. What changes tables works as the owner role; everything else as the runtime role."""

from __future__ import annotations

import os
import sys

#: Commands that make or drop tables.
OWNERS = [["migrate"], ["drop_click_partitions"]]


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "referral_saas.settings")
    os.environ["DATABASE_ROLE"] = database_role(sys.argv)
    from django.core.management import execute_from_command_line

    from kit.env import BadEnvironment

    try:
        execute_from_command_line(sys.argv)
    except BadEnvironment as problem:
        sys.exit(str(problem))


def database_role(arguments: list[str]) -> str:
    return "owner" if arguments[1:2] in OWNERS else "runtime"


if __name__ == "__main__":
    main()
