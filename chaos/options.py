"""What one run is: how many rewards, how many kills, how long at most, and the seed of everything that is drawn."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MERCHANTS = 20
#: A fulfilled reward may be this late: after its due time, the last fault that hit it and any Retry-After.
MOST_LATE = 90.0
#: Delivering a reward through all faults takes about so many times as long as making it.
CARRY = 3.0


@dataclass(frozen=True, slots=True)
class Options:
    rewards: int = 2000
    kills: int = 42
    minutes: float = 15.0
    seed: int = 20260
    money_workers: int = 2
    money_slots: int = 16
    logs: Path | None = None

    @property
    def shortest_spread(self) -> float:
        return max(10.0, self.rewards * 0.06)

    def spread(self, making: float) -> float:
        """Seconds over which the rewards come due, at most seventeen a second: over longer where making them took long,
        for then this machine is slow or busy."""
        return max(self.shortest_spread, making * CARRY)

    def storm(self, making: float) -> float:
        """Faults go on a little after the last reward came due: tries after failures are hit as well."""
        return self.spread(making) + 10.0


def read(arguments: Sequence[str]) -> Options:
    usual = Options()
    parser = argparse.ArgumentParser(prog="./run chaos", description="A storm on a throw-away stack.")
    parser.add_argument("--rewards", type=int, default=usual.rewards, help="how many come due (%(default)s)")
    parser.add_argument("--kills", type=int, default=usual.kills, help="SIGKILLs of workers (%(default)s)")
    parser.add_argument("--minutes", type=float, default=usual.minutes, help="longest time of the run (%(default)s)")
    parser.add_argument("--seed", type=int, default=usual.seed, help="of all that is drawn (%(default)s)")
    parser.add_argument("--money-workers", type=int, default=usual.money_workers, help="(%(default)s)")
    parser.add_argument("--money-slots", type=int, default=usual.money_slots, help="of each of them (%(default)s)")
    parser.add_argument("--logs", type=Path, help="folder to keep the logs and the provider's journal in")
    return Options(**vars(parser.parse_args(arguments)))
