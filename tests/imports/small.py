"""The kinds as they are, with limits that a test reaches; and orders whose second part breaks off for a while."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from imports.kinds import ImportKind, Job
from imports.rules import Tally
from referral_saas.dashboard.importing.kinds import Advocates, Codes, Customers, Orders

#: How often the second part of orders breaks off from now on.
BREAKS = [0]


@dataclass(frozen=True)
class Brittle(Orders):
    def write(self, plan: Any, start: int, stop: int, job: Job) -> Tally:
        told = super().write(plan, start, stop, job)
        if start and BREAKS[0]:
            BREAKS[0] -= 1
            raise RuntimeError("The line went dead.")
        return told


KINDS: dict[str, ImportKind] = {
    "customers": Customers(at_once=0, most_rows=100),
    "advocates": Advocates(at_once=0),
    "orders": Brittle(at_once=0, part=2),
    "codes": Codes(),
}
