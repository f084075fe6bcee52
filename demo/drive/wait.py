"""Waiting for what workers do: look again and again until it is there or the time is up."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from demo.drive.web import Unexpected

T = TypeVar("T")
BETWEEN_LOOKS = 0.2
#: Of the time at most: looking at a page takes the processor from the worker that is waited for.
LOOKING = 0.25


def until(what: str, look: Callable[[], T | None], *, within: float = 60.0) -> T:
    """What ``look`` gives as soon as it gives something true. Beat rings every ten seconds, so a minute is plenty."""
    deadline = time.monotonic() + within
    while True:
        began = time.monotonic()
        if found := look():
            return found
        ended = time.monotonic()
        if ended > deadline:
            raise Unexpected(f"Waited {within:.0f} s in vain for this: {what}")
        time.sleep(max(BETWEEN_LOOKS, (ended - began) * (1 / LOOKING - 1)))
