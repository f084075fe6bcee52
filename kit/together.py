"""Threads that ask the same server at the same moment share one exchange with it.

Whoever comes first asks for all who wait by then; those who come meanwhile are asked for by the next. Nobody waits for
company: alone one asks at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class _Seat(Generic[Q, A]):
    __slots__ = ("answer", "asked", "error", "question")

    def __init__(self, question: Q) -> None:
        self.question = question
        self.answer: A | None = None
        self.error: BaseException | None = None
        self.asked = False


class Together(Generic[Q, A]):
    """``ask_all`` answers several questions in order, or raises for all of them. It is called once at a time."""

    def __init__(self, ask_all: Callable[[Sequence[Q]], Sequence[A]]) -> None:
        self._ask_all = ask_all
        self._waiting: deque[_Seat[Q, A]] = deque()
        self._turn = Lock()

    def ask(self, question: Q) -> A:
        seat: _Seat[Q, A] = _Seat(question)
        self._waiting.append(seat)
        with self._turn:
            if not seat.asked:
                self._ask_for_all()
        if seat.error is not None:
            raise seat.error
        return seat.answer  # type: ignore[return-value]

    def _ask_for_all(self) -> None:
        """For all who sit down until now, the caller among them: the others find their answer when it is their turn."""
        seats = [self._waiting.popleft() for _ in range(len(self._waiting))]
        try:
            for seat, answer in zip(seats, self._ask_all([seat.question for seat in seats]), strict=True):
                seat.answer = answer
        except BaseException as error:  # raised to each of them, or they would take it for an answer
            for seat in seats:
                seat.error = error
        for seat in seats:
            seat.asked = True
