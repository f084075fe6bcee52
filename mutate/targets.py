"""What is mutated, and by which tests each part is judged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Target:
    """``tests``: pure ones only, unless the code writes rows. Those of one target stand in for the whole suite: they
    are its unit tests, and what only a page or a storm would notice is not tested closely enough."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]
    writes_rows: bool = False


def _modules(folder: str) -> tuple[str, ...]:
    return tuple(sorted(str(path.relative_to(ROOT)) for path in (ROOT / folder).glob("*.py")))


TARGETS = (
    Target("kit/money.py", ("kit/money.py",), ("tests/kit/test_money.py",)),
    Target(
        "rewards/rules",
        _modules("rewards/rules"),
        (
            "tests/rewards/test_rules.py",
            "tests/rewards/test_rules_edges.py",
            "tests/rewards/test_audit_rules.py",
            "tests/rewards/test_settling_edges.py",
            "tests/rewards/test_worth_edges.py",
            "tests/rewards/test_hold.py",
            "tests/rewards/test_tax.py",
            "tests/rewards/test_wording.py",
        ),
    ),
    Target(
        "rewards/ledger.py",
        ("rewards/ledger.py",),
        ("tests/rewards/test_ledger.py", "tests/rewards/test_ledger_moves.py"),
        writes_rows=True,
    ),
)
