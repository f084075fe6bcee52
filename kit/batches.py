"""Work through a queue of rows: what can be handled together is, the rest has a transaction each."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Worked(Generic[T]):
    """Of ``seen`` rows, the oldest that waited, those ``handled`` together."""

    seen: int
    handled: Sequence[T]

    @property
    def left(self) -> int:
        return self.seen - len(self.handled)


def work_through(
    *, together: Callable[[int], Worked[T]], alone: Callable[[], T | None], size: int, seconds: float
) -> list[T]:
    """Until nothing waits or the time is over. ``together(size)`` looks at the oldest, ``alone`` takes the next one.

    Gives what was handled, in that order.
    """
    ends_at = time.monotonic() + seconds
    done: list[T] = []
    seen = size
    while seen >= size and time.monotonic() < ends_at:
        worked = together(size)
        done += worked.handled
        seen = worked.seen
        for _ in range(worked.left):
            one = alone() if time.monotonic() < ends_at else None
            if one is None:
                break
            done.append(one)
    return done
