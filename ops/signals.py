"""Ctrl-C, kill and a closed terminal all unwind the same way: one exception through the open ``with`` blocks."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(BaseException):
    """We were asked to end."""


@contextmanager
def unwinding() -> Iterator[None]:
    """The first signal raises Stopped where the program is; later ones are ignored, for the unwinding is bounded."""

    def stop(signum: int, frame: FrameType | None) -> None:
        for each in STOPPING:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(signal.Signals(signum).name)

    for each in STOPPING:
        signal.signal(each, stop)
    try:
        yield
    finally:
        for each in STOPPING:
            signal.signal(each, signal.SIG_DFL)
