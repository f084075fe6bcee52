"""What came of the mutants, against the list of those that are kept."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mutate.mutants import Mutant

#: Percent of each target's mutants, kept ones included.
WANTED = 85
KEPT = Path(__file__).with_name("kept.toml")


@dataclass(frozen=True, slots=True)
class Outcome:
    target: str
    mutant: Mutant
    survived: bool


def report(outcomes: list[Outcome], *, kept: set[str], is_whole: bool) -> int:
    """Prints it; gives how many complaints there are. Part of the mutants is not held against the wanted share."""
    survivors = {str(each.mutant) for each in outcomes if each.survived}
    complaints = [f"survives, and no test or reason says why: {name}" for name in sorted(survivors - kept)]
    if is_whole:
        complaints += [f"is kept, but was killed or is gone: {name}" for name in sorted(kept - survivors)]
    for target in dict.fromkeys(each.target for each in outcomes):
        mine = [each for each in outcomes if each.target == target]
        if is_whole and share(mine) < WANTED:
            complaints.append(f"{target}: fewer than {WANTED} % were killed")
        print(line(target, mine))
    print("\n".join(f"mutate: {complaint}" for complaint in complaints) or "mutate: every survivor has its reason")
    print(line("total", outcomes), flush=True)
    return len(complaints)


def line(name: str, outcomes: list[Outcome]) -> str:
    survived = sum(each.survived for each in outcomes)
    killed = len(outcomes) - survived
    return f"mutate: {name}: {len(outcomes)} mutants, {killed} killed, {survived} survived, {share(outcomes):.1f} %"


def share(outcomes: list[Outcome]) -> float:
    return 100 * sum(not each.survived for each in outcomes) / len(outcomes) if outcomes else 100.0


def kept_mutants(path: Path = KEPT) -> set[str]:
    """Each entry says why, and names its mutants as they are printed."""
    entries: Iterable[dict[str, object]] = tomllib.loads(path.read_text()).get("kept", [])
    names: set[str] = set()
    for entry in entries:
        assert isinstance(entry["why"], str)
        assert isinstance(entry["mutants"], list)
        names.update(entry["mutants"])
    return names
