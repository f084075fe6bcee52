"""The judge of ./run mutate. The run itself takes minutes and is no part of the suite."""

from __future__ import annotations

import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

from mutate import report
from mutate.apply import swap
from mutate.mutants import Mutant, mutants_of, unchanged
from mutate.report import Outcome

SOURCE = '''"""A till."""
from dataclasses import dataclass
from functools import lru_cache

LIMIT = 10


@lru_cache
def doubled(amount: int) -> int:
    return amount * 2


@dataclass(frozen=True, slots=True)
class Till:
    amount: int = 3

    @property
    def is_full(self) -> bool:
        return self.amount >= LIMIT
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "till.py").write_text(SOURCE)
    return tmp_path


def test_functions_are_changed_below_their_decorators_and_tables_value_by_value(folder):
    names = [str(mutant) for mutant in mutants_of("till.py", folder)]
    assert names == [
        "till.py at load: LIMIT = 10 => LIMIT = 11",
        "till.py doubled: return amount * 2 => return amount / 2",
        "till.py doubled: return amount * 2 => return amount * 3",
        "till.py at load: amount: int = 3 => amount: int = 4",
        "till.py Till.is_full: return self.amount >= LIMIT => return self.amount > LIMIT",
    ]


def test_a_mutant_takes_the_place_of_the_code_wherever_that_was_imported(folder):
    spec = spec_from_file_location("till_under_test", folder / "till.py")
    module: Any = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    doubled, full = module.doubled, module.Till(10)
    assert (doubled(5), full.is_full) == (10, True)
    for mutant in mutants_of("till.py", folder):
        if mutant.function:
            swap(mutant, module)
    assert (doubled(5), full.is_full) == (15, False)  # each function has the last of its mutants
    swap(unchanged("till.py", "doubled", folder), module)
    assert doubled(5) == 10


def outcomes(*survived: bool) -> list[Outcome]:
    return [
        Outcome("kit/till.py", Mutant("kit/till.py", "f", "1", str(number), ""), lives)
        for number, lives in enumerate(survived)
    ]


KEPT = """
[[kept]]
why = "It is the same."
mutants = ["kit/till.py f: 1 => 0"]
"""


@pytest.fixture
def kept(tmp_path: Path) -> set[str]:
    (tmp_path / "kept.toml").write_text(KEPT)
    return report.kept_mutants(tmp_path / "kept.toml")


def test_85_percent_killed_and_a_reason_for_the_rest_is_enough(kept, capsys):
    assert report.report(outcomes(True, *[False] * 19), kept=kept, is_whole=True) == 0
    assert capsys.readouterr().out.splitlines() == [
        "mutate: kit/till.py: 20 mutants, 19 killed, 1 survived, 95.0 %",
        "mutate: every survivor has its reason",
        "mutate: total: 20 mutants, 19 killed, 1 survived, 95.0 %",
    ]


def test_a_survivor_without_a_reason_and_a_reason_without_a_survivor_fail(kept, capsys):
    assert report.report(outcomes(False, True, *[False] * 18), kept=kept, is_whole=True) == 2
    said = capsys.readouterr().out.splitlines()
    assert "mutate: survives, and no test or reason says why: kit/till.py f: 1 => 1" in said
    assert "mutate: is kept, but was killed or is gone: kit/till.py f: 1 => 0" in said


def test_too_few_killed_fail_whatever_the_reasons(kept):
    assert report.report(outcomes(True, *[False] * 5), kept=kept, is_whole=True) == 1
    assert report.report(outcomes(True, *[False] * 5), kept=kept, is_whole=False) == 0


def test_every_survivor_that_is_kept_has_a_reason():
    import tomllib

    entries = tomllib.loads(report.KEPT.read_text()).get("kept", [])
    assert all(len(entry["why"]) > 20 and entry["mutants"] for entry in entries)
