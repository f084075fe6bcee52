"""What one run is: how many rewards, how many kills, how long at most, and the seed of everything that is drawn."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MERCHANTS = 20
#: A fulfilled reward may be this late: after its due time, the last fault that hit it and any Retry-After.
MOST_LATE = 90.0


@dataclass(frozen=True, slots=True)
class Options:
    """``spread`` is over how many seconds the rewards come due."""

    rewards: int = 2000
    kills: int = 44
    minutes: float = 8.0
    seed: int = 20260
    money_workers: int = 2
    money_slots: int = 16
    logs: Path | None = None

    @property
    def spread(self) -> float:
        """About thirteen a second, as two shared cores can carry beside forty restarts; never under ten seconds."""
        return max(10.0, self.rewards * 0.075)

    @property
    def storm(self) -> float:
        """Faults go on a little after the last reward came due: tries after failures are hit as well."""
        return self.spread + 10.0


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
