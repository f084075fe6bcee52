"""Requests over real sockets, as many at a time as there are connections, from one thread that does nothing else.

A connection sends its next request when the answer to the last one is whole, and is kept open. What was sent is waited
for: after the last second no answer is outstanding, so answered requests can be counted against stored rows.
"""

from __future__ import annotations

import gc
import select
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

CONNECTIONS = 32
SECONDS = 10.0
#: No answer comes later than this, or the server hangs.
LONGEST_WAIT = 30.0
_LENGTH = b"\r\ncontent-length:"


class NotAnswered(Exception):
    """The server closed a connection within a request, or said nothing for long."""


@dataclass(frozen=True, slots=True)
class Load:
    """``statuses`` by number of answers; ``waits`` in seconds, sorted."""

    seconds: float
    statuses: Counter[int]
    waits: list[float]

    @property
    def answered(self) -> int:
        return self.statuses.total()

    @property
    def rate(self) -> float:
        return self.answered / self.seconds

    def wait(self, share: float) -> float:
        """Milliseconds within which that share of all was answered."""
        return self.waits[min(len(self.waits) - 1, int(len(self.waits) * share))] * 1000


@dataclass(slots=True)
class _Line:
    """One connection: when its request left, and what has come of the answer."""

    socket: socket.socket
    sent_at: float = 0.0
    come: bytes = b""


def load(port: int, requests: Iterator[bytes], *, connections: int = CONNECTIONS, seconds: float = SECONDS) -> Load:
    """Send ``requests`` one after the other, whole and ready as bytes, to 127.0.0.1."""
    lines = {line.socket.fileno(): line for line in (_Line(_connect(port)) for _ in range(connections))}
    try:
        gc.disable()
        return _drive(lines, requests, seconds)
    finally:
        gc.enable()
        for line in lines.values():
            line.socket.close()


def _connect(port: int) -> socket.socket:
    connected = socket.create_connection(("127.0.0.1", port), timeout=LONGEST_WAIT)
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connected


def _drive(lines: dict[int, _Line], requests: Iterator[bytes], seconds: float) -> Load:
    clock = time.perf_counter
    statuses: Counter[int] = Counter()
    waits: list[float] = []
    with select.epoll() as ready:
        began = clock()
        for number, line in lines.items():
            ready.register(number, select.EPOLLIN)
            line.sent_at = clock()
            line.socket.sendall(next(requests))
        ends, outstanding = began + seconds, len(lines)
        while outstanding:
            for number, _ in _events(ready):
                line = lines[number]
                status = _take(line)
                if not status:
                    continue
                now = clock()
                waits.append(now - line.sent_at)
                statuses[status] += 1
                if now < ends:
                    line.sent_at = now
                    line.socket.sendall(next(requests))
                else:
                    outstanding -= 1
        return Load(clock() - began, statuses, sorted(waits))


def _events(ready: select.epoll) -> list[tuple[int, int]]:
    events = ready.poll(LONGEST_WAIT)
    if not events:
        raise NotAnswered("No answer for long.")
    return events


def _take(line: _Line) -> int:
    """The status once the answer is whole, 0 before."""
    piece = line.socket.recv(65536)
    if not piece:
        raise NotAnswered(f"Closed within an answer: {line.come[:200]!r}")
    come = line.come + piece if line.come else piece
    head = come.find(b"\r\n\r\n")
    if head < 0 or not _is_whole(come, head):
        line.come = come
        return 0
    line.come = b""
    return int(come[9:12])


def _is_whole(come: bytes, head: int) -> bool:
    """Searched by hand: it is done for every answer on the processors that are measured."""
    told = come[: head + 2].lower()
    begins = told.find(_LENGTH)
    if begins >= 0:
        begins += len(_LENGTH)
        return len(come) - head - 4 >= int(told[begins : told.index(b"\r", begins)])
    if b"chunked" in told:
        return come.endswith(b"0\r\n\r\n")
    return True
