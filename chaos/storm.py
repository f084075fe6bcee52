"""What is broken when: drawn beforehand from the seed, so that a run can be played again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from chaos.options import Options


class Kind(StrEnum):
    KILL = "kill"
    FLUSH = "Valkey emptied"
    RESTART = "Postgres restarted"
    CRASH = "Postgres crashed"


@dataclass(frozen=True, slots=True, order=True)
class Planned:
    """``at``: seconds after the first reward comes due."""

    at: float
    kind: Kind


def plan(options: Options) -> list[Planned]:
    """Kills anywhere; Valkey and Postgres once in each third of the storm, so that one is not lost in the other."""
    chance = random.Random(options.seed)
    return sorted([*_kills(options, chance), *_outages(options, chance)])


def _kills(options: Options, chance: random.Random) -> Iterator[Planned]:
    for _ in range(options.kills):
        yield Planned(chance.uniform(1.0, options.storm), Kind.KILL)


def _outages(options: Options, chance: random.Random) -> Iterator[Planned]:
    third = options.storm / 3
    for number, kind in enumerate((Kind.FLUSH, Kind.RESTART, Kind.FLUSH, Kind.CRASH)):
        start = number * options.storm / 4
        yield Planned(chance.uniform(start + third / 10, start + third / 2), kind)
