"""The judge of ./run chaos: it must see what the storm could have broken. The storm itself runs for minutes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chaos.audit import Blow, Provider, Row, Verdict, _duplicates, _lateness, _losses, read_journal
from chaos.options import Options
from chaos.storm import Kind, plan
from kit.ids import public_id, uuid7

REWARD = uuid7()
ID = str(REWARD)


def journal(folder: Path, *lines: dict[str, Any]) -> Provider:
    path = folder / "calls.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return read_journal(path)


def gift(key: str = f"rwd-{REWARD}", minor: int = 500) -> dict[str, Any]:
    return {"gave": key, "at": 1.0, "reward_id": public_id("rwd", REWARD), "amount_minor": minor, "unit": "EUR"}


def call(fate: str, began: float, ended: float, retry_after: int = 0) -> dict[str, Any]:
    return {"call": f"rwd-{REWARD}", "fate": fate, "began": began, "ended": ended, "retry_after": retry_after}


def row(state: str = "FULFILLED", fulfilled_at: float | None = 200.0) -> Row:
    return Row(ID, "EUR", 500, state, 1, 100.0, fulfilled_at)


def test_two_keys_for_one_reward_are_a_duplicate(tmp_path: Path) -> None:
    assert _duplicates(journal(tmp_path, gift())) == 0
    assert _duplicates(journal(tmp_path, gift(), gift("rwd-other"))) == 1


@pytest.mark.parametrize(
    ("state", "lines", "lost"),
    [("FULFILLED", [gift()], 0), ("FULFILLED", [], 1), ("RELEASED", [gift()], 1), ("FAILED", [], 1)],
)
def test_what_is_not_both_fulfilled_and_given_is_lost(tmp_path: Path, state: str, lines: list[Any], lost: int) -> None:
    assert len(list(_losses([row(state)], journal(tmp_path, *lines)))) == lost


def test_the_bound_counts_from_the_last_fault_and_its_retry_after(tmp_path: Path) -> None:
    provider = journal(tmp_path, call("500", 110, 111), call("429", 120, 121, retry_after=5), call("gives", 199, 200))
    assert _lateness(row(), provider.ends[ID], []) == 200 - 126
    assert _lateness(row(), [], []) == 100
    assert _lateness(row(), [], [Blow(Kind.KILL, 150, 150)]) == 100, "a kill counts only for whom it hit"
    assert _lateness(row(), [], [Blow(Kind.CRASH, 150, 160)]) == 40


def test_the_closing_line_says_all() -> None:
    good = Verdict(2000, 0, [], 42, [1.0], [], [])
    assert (good.is_good, good.closing_line()) == (
        True,
        "chaos: 2000 rewards, 0 duplicated, 0 lost, 42 kills, ledger balanced",
    )
    bad = Verdict(2000, 1, ["x"], 42, [1.0], [], ["PAYABLE holds 5 EUR"])
    assert (bad.is_good, bad.closing_line()) == (
        False,
        "chaos: 2000 rewards, 1 duplicated, 1 lost, 42 kills, ledger NOT balanced",
    )
    assert not Verdict(2000, 0, [], 42, [91.0], ["late"], []).is_good


def test_the_same_seed_plans_the_same_storm() -> None:
    storm = plan(Options())
    assert storm == plan(Options()) != plan(Options(seed=1))
    assert sum(each.kind == Kind.KILL for each in storm) >= 40
    assert {Kind.FLUSH, Kind.RESTART, Kind.CRASH} < {each.kind for each in storm}
