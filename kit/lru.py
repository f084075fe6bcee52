"""A bounded memory: what was not asked for longest goes first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Lru(Generic[K, V]):
    """At most ``most`` values. Safe to share between threads: each step is one of the dictionary's own."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[K, V] = OrderedDict()

    def get(self, key: K) -> V | None:
        try:
            value = self._kept[key]
            self._kept.move_to_end(key)
        except KeyError:  # or another thread has just let it go
            return None
        return value

    def put(self, key: K, value: V) -> V:
        self._kept[key] = value
        while len(self._kept) > self._most:
            try:
                self._kept.popitem(last=False)
            except KeyError:
                break
        return value

    def drop(self, key: K) -> None:
        self._kept.pop(key, None)

    def drop_where(self, is_over: Callable[[V], bool]) -> None:
        """What is kept and would not be used any more."""
        for key, value in list(self._kept.items()):
            if is_over(value):
                self.drop(key)

    def __len__(self) -> int:
        return len(self._kept)
