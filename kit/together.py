"""What several threads want asked of the same server at the same moment goes there in one exchange.

Whoever comes while nobody asks does it, for all who wait, until nobody does. Everybody else leaves their question and
goes on to other work: a question carries what is to be done with its answer, so no thread waits for another.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

Q = TypeVar("Q")

#: Questions in one exchange.
MOST = 100


class Together(Generic[Q]):
    """``ask_all`` never raises: whoever left a question there has gone."""

    def __init__(self, ask_all: Callable[[Sequence[Q]], None]) -> None:
        self._ask_all = ask_all
        self._waiting: deque[Q] = deque()
        self._asking = Lock()

    def ask(self, question: Q) -> None:
        """Alone one asks at once; where somebody asks already, they ask for us next."""
        waiting = self._waiting
        waiting.append(question)
        # Who leaves their question when we are nearly through fails to get the lock; so look again after letting go.
        while waiting and self._asking.acquire(blocking=False):
            try:
                self._ask_all([waiting.popleft() for _ in range(min(len(waiting), MOST))])
            finally:
                self._asking.release()
