"""Two processes that work at the same time, each on one connection; started once: no run pays for their start."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from typing import Any

import django

SIZE = 2
LONGEST_WAIT = 60.0

#: Of this process, when it is one of the crew.
_together: Barrier | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """``seconds`` from the first start to the last end, and what each share came to."""

    seconds: float
    results: list[Any]


class Crew:
    def __init__(self, pool: Any) -> None:
        self._pool = pool

    def work(self, work: Callable[[Any], Any], shares: Sequence[Any]) -> Done:
        """``work(share)`` in each process, all starting together; as many shares as processes."""
        ends = self._pool.starmap(_timed, [(work, share) for share in shares], chunksize=1)
        seconds = max(ended for _, ended, _ in ends) - min(began for began, _, _ in ends)
        return Done(seconds, [result for _, _, result in ends])


def shared_out(things: Sequence[Any]) -> list[Sequence[Any]]:
    return [things[share::SIZE] for share in range(SIZE)]


@contextmanager
def crew() -> Iterator[Crew]:
    spawning = multiprocessing.get_context("spawn")
    with spawning.Pool(SIZE, initializer=_join, initargs=(spawning.Barrier(SIZE),)) as pool:
        yield Crew(pool)


def _join(together: Barrier) -> None:
    global _together
    _together = together
    django.setup()


def _timed(work: Callable[[Any], Any], share: Any) -> tuple[float, float, Any]:
    """Whoever has a share waits for the others, so each process gets exactly one."""
    assert _together is not None
    _together.wait(LONGEST_WAIT)
    began = time.monotonic()
    result = work(share)
    return began, time.monotonic(), result
