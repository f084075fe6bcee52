"""``./run mutate``: how many small changes to the code of money the tests notice, on a throw-away stack."""

from __future__ import annotations

import sys

from mutate.targets import TARGETS
from ops.testing import on_throwaway


def mutate(arguments: list[str]) -> int:
    """Every mutant, or those in whose printed name the one argument occurs: ``./run mutate percent_of``."""
    if len(arguments) > 1:
        print("Say nothing, or one part of a mutant's name: ./run mutate kit/money.py", file=sys.stderr)
        return 2
    tests = dict.fromkeys(test for target in TARGETS for test in target.tests)
    command = [sys.executable, "-m", "pytest", "-p", "mutate.profile", "-p", "mutate.session", "-q", "-s", *tests]
    return on_throwaway("test", command, {"MUTANTS_NAMED": "".join(arguments)}, durable=False)
