"""Redis for those who cannot wait: commands packed by hand, one exchange each, on connections kept open.

The client library takes several times as long for the same bytes. It is still what reads the address and logs in.
Nothing here waits long: after a failure everybody is told so at once for a second, instead of waiting one by one.
"""

from __future__ import annotations

import socket
import struct
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from redis.connection import ConnectionPool
from redis.exceptions import RedisError

Reply = bytes | int | None | list["Reply"]

#: An exchange takes a fraction of a millisecond; a server that says nothing for so long is not there.
TIMEOUT_SECONDS = 0.5
#: After a failure nobody asks again for so long.
PAUSE_SECONDS = 1.0
#: Idle connections kept; a process has as many as threads that ask at once.
MOST_IDLE = 32
_CHUNK = 65536


class WireDown(Exception):
    """Redis did not answer, now or a moment ago."""


class WireError(Exception):
    """Redis answered with an error; the message is its own."""


def packed(*parts: bytes) -> bytes:
    """One command as it goes over the wire."""
    return b"*%d\r\n" % len(parts) + b"".join([b"$%d\r\n%b\r\n" % (len(part), part) for part in parts])


class Wire:
    """Safe to share between threads: each exchange has a connection to itself."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        options = {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS, "protocol": 2}
        self._maker = ConnectionPool.from_url(url, **options)
        self._idle: deque[_Line] = deque()
        self._quiet_until = 0.0
        #: How often the server was found to be away, or to have been.
        self.breaks = 0

    def ask(self, command: bytes) -> Reply:
        """Send one packed command and read its answer. Raises WireDown or WireError.

        On a connection that had been closed behind our back it is sent once more, so it must be safe to run twice.
        """
        (reply,) = self.ask_all([command])
        if isinstance(reply, WireError):
            raise reply
        return reply

    def ask_all(self, commands: Sequence[bytes]) -> list[Reply | WireError]:
        """Several commands in one exchange, each with an answer or an error of its own. Raises WireDown."""
        if self._quiet_until and self._clock() < self._quiet_until:
            raise WireDown("quiet")
        line = self._take()
        if line is not None:
            try:
                return self._exchange(line, commands)
            except _Closed:
                self._forget_idle()
        return self._ask_anew(commands)

    def _ask_anew(self, commands: Sequence[bytes]) -> list[Reply | WireError]:
        try:
            return self._exchange(_Line(self._maker.make_connection()), commands)
        except (RedisError, _Closed, OSError) as error:
            self._failed()
            raise WireDown(type(error).__name__) from error

    def _exchange(self, line: _Line, commands: Sequence[bytes]) -> list[Reply | WireError]:
        try:
            replies = line.exchange(b"".join(commands), len(commands))
        except TimeoutError as error:
            line.close()
            self._failed()
            raise WireDown("timeout") from error
        except OSError as error:
            line.close()
            raise _Closed from error
        self._quiet_until = 0.0
        if len(self._idle) < MOST_IDLE:
            self._idle.append(line)
        else:
            line.close()
        return replies

    def _take(self) -> _Line | None:
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _forget_idle(self) -> None:
        """One was closed, so all were: Redis has been started anew."""
        self.breaks += 1
        while line := self._take():
            line.close()

    def _failed(self) -> None:
        self._quiet_until = self._clock() + PAUSE_SECONDS
        self._forget_idle()


class _Closed(Exception):
    """The connection was not there any more."""


class _Line:
    """One connection. The kernel keeps its timeout: Python's own would ask the kernel twice for every step."""

    def __init__(self, connection: Any) -> None:
        connection.connect()
        self._connection = connection  # closes the socket when it goes
        self._socket: socket.socket = connection._sock
        whole, part = divmod(int(TIMEOUT_SECONDS * 1_000_000), 1_000_000)
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self._socket.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", whole, part))
        self._socket.settimeout(None)

    def exchange(self, commands: bytes, count: int) -> list[Reply | WireError]:
        self._socket.sendall(commands)
        data, start = self._read(), 0
        replies: list[Reply | WireError] = []
        while len(replies) < count:
            try:
                reply, start = _reply(data, start)
            except IndexError:
                data += self._read()
            else:
                replies.append(reply)
        if start != len(data):
            raise ConnectionError("more was said than asked for")
        return replies

    def _read(self) -> bytes:
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError as error:  # how the kernel says that its timeout is over
            raise TimeoutError from error
        if not data:
            raise ConnectionError("closed")
        return data

    def close(self) -> None:
        self._connection.disconnect()


def _reply(data: bytes, start: int) -> tuple[Reply | WireError, int]:
    """The answer that begins at ``start`` and where it ends. Raises IndexError while some of it is missing."""
    line_end = data.find(b"\r\n", start)
    if line_end < 0:
        raise IndexError
    kind, said, after = data[start : start + 1], data[start + 1 : line_end], line_end + 2
    if kind == b":":
        return int(said), after
    if kind == b"$":
        return _bulk(data, int(said), after)
    if kind == b"+":
        return said, after
    if kind == b"-":
        return WireError(said.decode(errors="replace")), after
    if kind == b"*":
        return _several(data, int(said), after)
    raise ConnectionError("no answer that we know")


def _bulk(data: bytes, length: int, start: int) -> tuple[bytes | None, int]:
    if length < 0:
        return None, start
    end = start + length
    if len(data) < end + 2:
        raise IndexError
    return data[start:end], end + 2


def _several(data: bytes, count: int, start: int) -> tuple[Reply | WireError, int]:
    found: list[Reply] = []
    for _ in range(max(count, 0)):
        one, start = _reply(data, start)
        if isinstance(one, WireError):
            raise ConnectionError("an error within an answer")
        found.append(one)
    return found, start
