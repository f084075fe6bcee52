"""How many programs and browsers of published lists are told apart, and what a new user agent costs.

Names what is mistaken, so that the kept list (tracking/data/programs.txt) can be mended. Programs come from a folder
named in SHARED_DATA_DIR (crawler_user_agents/crawler-user-agents.json of monperrus/crawler-user-agents); without one
only browsers are judged.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.tracking.browsers import published, shapes
from tracking.humans import Client, client_of, read

ROUNDS = 9
MOST_MICROSECONDS = 100


def run() -> None:
    programs = _published_programs()
    missed = [agent for agent in programs if not read(agent).is_program]
    mistaken = [agent for agent in published() if read(agent).is_program]
    bent = [agent for agent in shapes() if read(agent).is_program]
    _tell("programs not recognised", missed, programs)
    _tell("browsers taken for programs", mistaken, published())
    _tell("shapes of apps and devices taken for programs", bent, shapes())
    _closing_line(programs)


def _published_programs() -> list[str]:
    named = os.environ.get("SHARED_DATA_DIR") or Path(__file__).parents[2] / "shared" / "data"
    file = Path(named) / "crawler_user_agents" / "crawler-user-agents.json"
    if not file.is_file():
        print("  no list of programs: name a folder that has it in SHARED_DATA_DIR")
        return []
    entries = json.loads(file.read_text(encoding="utf-8"))
    return sorted({agent for entry in entries for agent in entry.get("instances", [])})


def _tell(what: str, wrong: Sequence[str], of: Sequence[str]) -> None:
    print(f"  {what}: {len(wrong)} of {len(of)}" + (f" ({len(wrong) / len(of):.2%})" if of else ""))
    for agent in wrong:
        print(f"      {agent}")


def _closing_line(programs: Sequence[str]) -> None:
    browsers = [*published(), *shapes()]
    new = _microseconds(browsers, read)
    known = _microseconds(browsers[:500], client_of)
    machine = f"{_microseconds(programs, read):.1f}" if programs else "-"
    print(
        f"humans: new browser {new:.1f} us, new program {machine} us, known one {known:.2f} us "
        f"(at most {MOST_MICROSECONDS} us; medians of {ROUNDS})"
    )


def _microseconds(agents: Sequence[str], reading: Callable[[str], Client]) -> float:
    return statistics.median(_once(agents, reading) for _ in range(ROUNDS))


def _once(agents: Sequence[str], reading: Callable[[str], Client]) -> float:
    began = time.perf_counter()
    for agent in agents:
        reading(agent)
    return (time.perf_counter() - began) / len(agents) * 1_000_000
