"""Clicks into the Redis stream: one exchange judges and writes, for all that came to this process just then.

Redis writes its file before it answers, except while the disk is busy with the file: then up to two seconds later
(appendfsync everysec). So what was appended lately is remembered here, and appended once more after Redis was away:
a click that is there twice is recorded once (tracking.actions.clicks).
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from hashlib import sha1
from threading import Lock
from typing import NamedTuple

from kit.together import Together
from kit.wire import Reply, Wire, WireDown, WireError, packed
from tracking.stream import FIELD, STREAM

logger = logging.getLogger(__name__)

COUNTED_PER_ADDRESS, SPAN_SECONDS = 30, 60

#: Bytes of a browser's mark, and digits of the second at which it counted.
MARK_BYTES, SECOND_DIGITS = 6, 10
_ONE = MARK_BYTES + SECOND_DIGITS
#: KEYS: this address at this link, the stream. ARGV: the entry, and the browser's mark with the second. 1: counted.
#: The key holds who counted within the span. Nearly always it is new, and two commands do.
SCRIPT = f"""
if not redis.call('SET', KEYS[1], ARGV[2], 'NX', 'EX', {SPAN_SECONDS}) then
    local seen, kept = redis.call('GET', KEYS[1]), {{}}
    local mark = string.sub(ARGV[2], 1, {MARK_BYTES})
    local since = tonumber(string.sub(ARGV[2], {MARK_BYTES + 1})) - {SPAN_SECONDS}
    for at = 1, #seen, {_ONE} do
        if tonumber(string.sub(seen, at + {MARK_BYTES}, at + {_ONE - 1})) > since then
            if string.sub(seen, at, at + {MARK_BYTES - 1}) == mark then return 0 end
            kept[#kept + 1] = string.sub(seen, at, at + {_ONE - 1})
        end
    end
    if #kept >= {COUNTED_PER_ADDRESS} then return 0 end
    kept[#kept + 1] = ARGV[2]
    redis.call('SET', KEYS[1], table.concat(kept), 'EX', {SPAN_SECONDS})
end
redis.call('XADD', KEYS[2], '*', '{FIELD.decode()}', ARGV[1])
return 1
""".encode()
_SHA = sha1(SCRIPT, usedforsecurity=False).hexdigest().encode()
_BY_SHA = b"*7\r\n$7\r\nEVALSHA\r\n$40\r\n%b\r\n$1\r\n2\r\n" % _SHA
_WHOLE = b"*7\r\n$4\r\nEVAL\r\n$%d\r\n%b\r\n$1\r\n2\r\n" % (len(SCRIPT), SCRIPT)
_STREAM_PART = b"$%d\r\n%b\r\n" % (len(STREAM), STREAM.encode())

#: Longer than Redis puts off writing its file.
REMEMBERED_SECONDS = 5.0
#: Clicks appended once more in one exchange.
_AT_ONCE = 500


class Click(NamedTuple):
    """A packed entry, the key of its address at its link, and the browser's mark with the second."""

    entry: bytes
    address: bytes
    mark: bytes


Trouble = WireDown | WireError
Told = Callable[[Trouble | None], None]


class Stream:
    """Safe to share between threads."""

    def __init__(self, wire: Wire, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._wire = wire
        self._clock = clock
        self._together: Together[tuple[Click, Told]] = Together(self._append_all)
        self._recent: deque[tuple[float, bytes]] = deque()
        self._remembering = Lock()
        self._breaks = wire.breaks

    def append(self, click: Click) -> None:
        """Into the stream, if it counts. Raises WireDown or WireError; then it may or may not be there."""
        [reply] = self._exchange([click])
        if isinstance(reply, WireError):
            raise reply

    def append_then(self, click: Click, told: Told) -> None:
        """The same for who need not wait: ``told`` is called once it is in, or with what is in the way, by whichever
        thread asks Redis just then."""
        self._together.ask((click, told))

    def _append_all(self, waiting: Sequence[tuple[Click, Told]]) -> None:
        replies: Sequence[Reply | Trouble]
        try:
            replies = self._exchange([click for click, _told in waiting])
        except WireDown as error:
            replies = [error] * len(waiting)
        for (_click, told), reply in zip(waiting, replies, strict=True):
            try:
                told(reply if isinstance(reply, WireDown | WireError) else None)
            except Exception:
                logger.exception("Nobody could be told that a click was appended.")

    def _exchange(self, clicks: Sequence[Click]) -> list[Reply | WireError]:
        replies = self._wire.ask_all([_BY_SHA + _rest(click) for click in clicks])
        if isinstance(replies[0], WireError) and str(replies[0]).startswith("NOSCRIPT"):
            replies = self._wire.ask_all([_WHOLE + _rest(click) for click in clicks])
        with self._remembering:
            if self._breaks != self._wire.breaks:
                self._append_again()
            self._remember(clicks, replies)
        return replies

    def _remember(self, clicks: Sequence[Click], replies: Sequence[Reply | WireError]) -> None:
        now, recent = self._clock(), self._recent
        for click, reply in zip(clicks, replies, strict=True):
            if reply == 1:
                recent.append((now, click.entry))
        while recent and recent[0][0] < now - REMEMBERED_SECONDS:
            recent.popleft()

    def _append_again(self) -> None:
        """Redis was away: what it may have forgotten. Whoever fails here tries again with the next click."""
        breaks, entries = self._wire.breaks, [entry for _at, entry in self._recent]
        for start in range(0, len(entries), _AT_ONCE):
            some = entries[start : start + _AT_ONCE]
            replies = self._wire.ask_all([packed(b"XADD", STREAM.encode(), b"*", FIELD, entry) for entry in some])
            if any(isinstance(reply, WireError) for reply in replies):
                return
        self._breaks = breaks


def _rest(click: Click) -> bytes:
    """The command's keys and arguments."""
    entry, address, mark = click
    return b"$%d\r\n%b\r\n%b$%d\r\n%b\r\n$%d\r\n%b\r\n" % (
        len(address), address, _STREAM_PART, len(entry), entry, len(mark), mark,
    )  # fmt: skip
