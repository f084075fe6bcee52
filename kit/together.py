"""Threads that ask the same server at the same moment share one exchange with it.

Whoever comes first asks for all who wait by then; those who come meanwhile are asked for by the next. Nobody waits for
company: alone one asks at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Generic, TypeVar

Q = TypeVar("Q")
A = TypeVar("A")


class _Seat(Generic[Q, A]):
    __slots__ = ("answer", "asked", "error", "question", "turn")

    def __init__(self, question: Q) -> None:
        self.question = question
        self.answer: A | None = None
        self.error: Exception | None = None
        self.asked = False
        self.turn = Lock()


class Together(Generic[Q, A]):
    """``ask_all`` answers several questions in order, or raises for all of them."""

    def __init__(self, ask_all: Callable[[Sequence[Q]], Sequence[A]]) -> None:
        self._ask_all = ask_all
        self._door = Lock()
        self._waiting: list[_Seat[Q, A]] = []
        self._is_asking = False

    def ask(self, question: Q) -> A:
        seat: _Seat[Q, A] = _Seat(question)
        with self._door:
            self._waiting.append(seat)
            must_wait, self._is_asking = self._is_asking, True
            if must_wait:
                seat.turn.acquire()
        if must_wait:
            seat.turn.acquire()  # until it was asked for us, or it is our turn to ask
        if not seat.asked:
            self._ask_for_all()
        if seat.error is not None:
            raise seat.error
        return seat.answer  # type: ignore[return-value]

    def _ask_for_all(self) -> None:
        with self._door:
            seats, self._waiting = self._waiting, []
        try:
            for seat, answer in zip(seats, self._ask_all([seat.question for seat in seats]), strict=True):
                seat.answer = answer
        except Exception as error:
            for seat in seats:
                seat.error = error
        with self._door:
            self._is_asking = bool(self._waiting)
            if self._waiting:
                self._waiting[0].turn.release()
        for seat in seats:
            seat.asked = True
            if seat.turn.locked():
                seat.turn.release()
