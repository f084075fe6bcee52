"""News of changes, read once a second by each process: whose links and pages have to be looked at again.

So a warm link costs no look into Redis besides its click. While the news cannot be read, everything is looked at again
every FRESH_SECONDS.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from uuid import UUID

from kit.wire import Reply, Wire, WireDown, WireError, packed

FEED = b"lane:news"
#: So many changes are kept for those who read them within a second.
MOST_NEWS = 10_000
_AT_A_TIME = 1_000

READ_SECONDS = 1.0
#: What was looked at so long ago is looked at again, unless the news says that nothing changed.
FRESH_SECONDS = 2.0
#: And so long ago in any case.
LONGEST_SECONDS = 30.0


class Pulse:
    """One merchant: when this process last heard of a change there."""

    __slots__ = ("changed",)

    def __init__(self) -> None:
        self.changed = -math.inf


class Feed:
    def __init__(self, wire: Wire, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._wire = wire
        self._clock = clock
        self._pulses: dict[bytes, Pulse] = {}
        self._last = b""
        self._asked = self._read = -math.inf

    def pulse(self, merchant_id: UUID) -> Pulse:
        return self._pulses.setdefault(merchant_id.bytes, Pulse())

    def is_fresh(self, checked: float, pulse: Pulse, now: float) -> bool:
        """Whether what was looked at at ``checked`` still holds."""
        if now - checked < FRESH_SECONDS and checked > pulse.changed:
            return True
        return self._is_read(now) and checked > pulse.changed and now - checked < LONGEST_SECONDS

    def follow(self, now: float) -> None:
        """Read the news when it is time. One thread does; the others go on meanwhile."""
        if now - self._asked < READ_SECONDS:
            return
        self._asked = now
        try:
            self._take_in(now)
        except (WireDown, WireError):
            return
        self._read = now

    def tell(self, merchant_id: UUID) -> None:
        """Everybody looks again at this merchant's links and pages. Raises WireDown or WireError."""
        most = str(MOST_NEWS).encode()
        self._wire.ask(packed(b"XADD", FEED, b"MAXLEN", b"~", most, b"*", b"m", merchant_id.bytes))

    def _is_read(self, now: float) -> bool:
        return now - self._read < FRESH_SECONDS

    def _take_in(self, now: float) -> None:
        if not self._last:
            newest = self._wire.ask(packed(b"XREVRANGE", FEED, b"+", b"-", b"COUNT", b"1"))
            self._last = _entries(newest)[0][0] if newest else b"0-0"
            return
        while True:
            asked = packed(b"XRANGE", FEED, b"(" + self._last, b"+", b"COUNT", str(_AT_A_TIME).encode())
            news = _entries(self._wire.ask(asked))
            for number, merchant in news:
                self._last = number
                if pulse := self._pulses.get(merchant):
                    pulse.changed = now
            if len(news) < _AT_A_TIME:
                return


def _entries(reply: Reply) -> list[tuple[bytes, bytes]]:
    """Number and merchant of each."""
    found = []
    for entry in reply if isinstance(reply, list) else []:
        if isinstance(entry, list) and isinstance(entry[0], bytes) and isinstance(entry[1], list):
            merchant = entry[1][1]
            found.append((entry[0], merchant if isinstance(merchant, bytes) else b""))
    return found
