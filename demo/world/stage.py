"""A stage plays acts in the order of their moments, many to a transaction; an act may put further ones on."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

from kit.tenancy import tenant_scope, tenant_transaction
from merchants.models import Merchant

#: Acts in one transaction: each commit waits for the disk.
TOGETHER = 50

Act = Callable[[datetime], object]
Tell = Callable[[str], None]


class Stage:
    """One workspace's history. ``now`` of every act is the moment it was put on for."""

    def __init__(self, merchant: Merchant, *, tell: Tell, title: str = "") -> None:
        self.merchant, self.title, self.tell = merchant, title or merchant.name, tell
        self._waiting: list[tuple[datetime, int, Act]] = []
        self._numbers = count()

    def at(self, moment: datetime, act: Act) -> None:
        heapq.heappush(self._waiting, (moment, next(self._numbers), act))

    def play(self, until: datetime) -> None:
        """Everything up to and with ``until``; what lies later may be played another time, or never happens."""
        done = shown = 0
        while self._waiting and self._waiting[0][0] <= until:
            with tenant_scope(self.merchant.tenant_ref()), tenant_transaction():
                done += self._some(until)
            if done >= shown + 500:
                shown = done
                self.tell(f"{self.title}: {done} acts, {self._reached(until)}")
        if done > TOGETHER:
            self.tell(f"{self.title}: {done} acts, done")

    def _some(self, until: datetime) -> int:
        done = 0
        while self._waiting and self._waiting[0][0] <= until and done < TOGETHER:
            moment, _number, act = heapq.heappop(self._waiting)
            act(moment)
            done += 1
        return done

    def _reached(self, until: datetime) -> str:
        return min(self._waiting[0][0] if self._waiting else until, until).strftime("%B %Y")
