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
    """``at``: from 0, when the first reward comes due, to 1, when the storm is over."""

    at: float
    kind: Kind


def plan(options: Options) -> list[Planned]:
    """Kills anywhere; Valkey and Postgres in quarters of their own, so that one is not lost in the other."""
    chance = random.Random(options.seed)
    return sorted([*_kills(options, chance), *_outages(chance)])


def _kills(options: Options, chance: random.Random) -> Iterator[Planned]:
    for _ in range(options.kills):
        yield Planned(chance.random(), Kind.KILL)


def _outages(chance: random.Random) -> Iterator[Planned]:
    outages = (Kind.FLUSH, Kind.RESTART, Kind.FLUSH, Kind.CRASH)
    for number, kind in enumerate(outages):
        yield Planned((number + chance.uniform(0.1, 0.6)) / len(outages), kind)
