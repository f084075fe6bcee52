"""tests/hostile.toml names every hostile case, and what it names is there and runs."""

from __future__ import annotations

import ast
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CASES: dict[int, dict[str, Any]] = {
    int(number): entry for number, entry in tomllib.loads((ROOT / "tests/hostile.toml").read_text()).items()
}


def spans(*pairs: tuple[int, int]) -> set[int]:
    return {number for first, last in pairs for number in range(first, last + 1)}


#: What the main loop alone must already hold; the others may wait for a later issue.
HELD_FROM_THE_START = spans((1, 8), (14, 27), (30, 37), (39, 54), (69, 74), (79, 81), (84, 106))


def named_in(entry: dict[str, Any]) -> list[str]:
    named = entry.get("test", [])
    return [named] if isinstance(named, str) else list(named)


NAMED = sorted({name for entry in CASES.values() for name in named_in(entry)})


def test_every_number_is_there_and_no_other() -> None:
    assert set(CASES) == set(range(1, 127))


def test_a_case_is_held_or_waits_for_an_issue() -> None:
    for number, entry in CASES.items():
        assert set(entry) <= {"test", "waits", "answer"}, number
        assert named_in(entry) or entry.get("waits"), number
        assert entry.get("waits", "B") in set("BCDEFGH"), number
        assert all(isinstance(text, str) and text for text in named_in(entry)), number


def test_cases_of_the_main_loop_are_held_now() -> None:
    waiting = {n for n in HELD_FROM_THE_START if CASES[n].get("waits") or not named_in(CASES[n])}
    assert waiting == set()


def test_a_named_test_exists_and_runs() -> None:
    for name in NAMED:
        file, *path = name.split("::")
        definition = found(file, tuple(path))
        assert definition is not None, f"{name} is not there"
        assert path[-1].startswith("test_"), name
        skips = [mark for mark in marks_around(file, tuple(path)) if is_skip(mark)]
        assert not skips, f"{name} is skipped"


@cache
def module(file: str) -> ast.Module:
    path = ROOT / file
    assert path.name.startswith("test_")
    assert path.exists(), f"{file} is not there"
    return ast.parse(path.read_text())


Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def found(file: str, path: tuple[str, ...]) -> Definition | None:
    """The function, inside of its class where the path names one."""
    inside: list[ast.stmt] = module(file).body
    definition: Definition | None = None
    for name in path:
        definition = next((each for each in inside if isinstance(each, Definition) and each.name == name), None)
        if definition is None:
            return None
        inside = definition.body
    return definition


def marks_around(file: str, path: tuple[str, ...]) -> list[str]:
    """The decorators of the test and of its class, and the module's pytestmark."""
    holders = [found(file, path[:length]) for length in range(1, len(path) + 1)]
    decorators = [ast.unparse(mark) for holder in holders if holder for mark in holder.decorator_list]
    whole = [ast.unparse(each.value) for each in module(file).body if isinstance(each, ast.Assign) and is_mark(each)]
    return decorators + whole


def is_mark(assignment: ast.Assign) -> bool:
    return any(isinstance(target, ast.Name) and target.id == "pytestmark" for target in assignment.targets)


def is_skip(mark: str) -> bool:
    return any(word in mark for word in ("mark.skip", "mark.xfail", "importorskip"))


def test_no_named_test_leaves_by_itself() -> None:
    """pytest.skip() inside a body would pass unseen."""
    leaving = [
        name
        for name in NAMED
        if (definition := found(name.split("::")[0], tuple(name.split("::")[1:])))
        and "pytest.skip" in ast.unparse(definition)
    ]
    assert leaving == []
