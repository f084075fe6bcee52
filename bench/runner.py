"""Alternate what we measure with its ceiling, see that both wrote the same, and say the ratio of the medians' pairs.

A B A B A B, because a machine that others use too is never equally fast for long: a pair runs within seconds, so both
of its runs had the same machine. The ratio is the median over the pairs.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

ROUNDS = 3


class NotTheSameWork(Exception):
    """Both sides must write the same rows, or their speeds say nothing about each other."""


@dataclass(frozen=True, slots=True)
class Run:
    """``units`` of work done in ``seconds``, and how many rows that made in each table."""

    units: int
    seconds: float
    rows: Counter[str]

    @property
    def rate(self) -> float:
        return self.units / self.seconds


@dataclass
class Comparison:
    """All runs of one bench. ``began`` is where the seconds of the closing line count from."""

    name: str
    ours: list[Run] = field(default_factory=list)
    ceiling: list[Run] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    @property
    def ratio(self) -> float:
        return statistics.median(
            ours.rate / ceiling.rate for ours, ceiling in zip(self.ours, self.ceiling, strict=True)
        )

    @property
    def rows(self) -> int:
        return sum(run.rows.total() for run in [*self.ours, *self.ceiling])

    def closing_line(self) -> str:
        ours, ceiling = (statistics.median(run.rate for run in runs) for runs in (self.ours, self.ceiling))
        seconds = time.monotonic() - self.began
        return (
            f"{self.name}: ratio {self.ratio:.2f} "
            f"(ours {ours:.0f}/s, ceiling {ceiling:.0f}/s, {self.rows} rows, {seconds:.0f} s)"
        )


def alternate(
    comparison: Comparison, ours: Callable[[], Run], ceiling: Callable[[], Run], *, rounds: int = ROUNDS
) -> Comparison:
    """Run both in turn. Raises NotTheSameWork as soon as a pair made different rows."""
    for number in range(1, rounds + 1):
        one, other = ours(), ceiling()
        print(f"  {number}: ours {one.rate:.0f}/s, ceiling {other.rate:.0f}/s", flush=True)
        if (one.units, one.rows) != (other.units, other.rows):
            raise NotTheSameWork(f"ours {one.units}: {dict(one.rows)}; ceiling {other.units}: {dict(other.rows)}")
        comparison.ours.append(one)
        comparison.ceiling.append(other)
    return comparison
