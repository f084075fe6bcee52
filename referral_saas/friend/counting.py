"""Where a counted click goes: into the Redis stream before the friend gets an answer, else straight into Postgres.

One exchange with Redis both judges and writes. One browser at one address counts once a minute per link, and one
address thirty times: whoever reloads a page or hammers a link adds no clicks. Each visit gets a token of its own all
the same, so no friend behind a shared address loses their offer: the token is the claim, the row only evidence.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import cache
from hashlib import sha1

from django.conf import settings
from django.db import DatabaseError
from psycopg_pool import PoolTimeout

from kit.clock import now_for
from kit.connections import give_back
from kit.tenancy import TenantRef, tenant_scope, tenant_transaction
from kit.together import Together
from kit.wire import Reply, Wire, WireDown, WireError, packed
from merchants.selectors import merchant
from tracking.actions.clicks import record_clicks
from tracking.stream import FIELD, STREAM, unpack

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
_STREAM_PART = b"$%d\r\n%b\r\n" % (len(STREAM), STREAM.encode())

#: Of Redis' memory, in percent: from there on clicks go to Postgres, so that what waits in it has room.
FULL_AT = 80
#: How long an answer about its memory holds.
ROOM_SECONDS = 1.0
#: After Postgres failed, clicks do not wait for it for so long.
PAUSE_SECONDS = 5.0


class Book:
    """Takes clicks down. One per process."""

    def __init__(self, wire: Wire, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.wire = wire
        self.lost = 0
        self._together: Together[bytes, Reply | WireError] = Together(wire.ask_all)
        self._clock = clock
        self._looked_at = float("-inf")
        self._has_room = True
        self._no_database_until = float("-inf")

    def take_down(self, entry: bytes, address: bytes, mark: bytes, ref: TenantRef) -> None:
        """Keep the packed entry if it counts, before the friend gets an answer. Never raises: a friend lands anyway.

        It counts under ``address``, for the browser of ``mark``. To be called outside of any transaction.
        """
        if self.has_room():
            try:
                self._append(entry, address, mark)
                return
            except (WireDown, WireError):
                pass
        self._write_straight(entry, ref)

    def has_room(self) -> bool:
        """Whether Redis is there and under FULL_AT, as far as was seen within the last second."""
        now = self._clock()
        if now - self._looked_at > ROOM_SECONDS:
            self._looked_at = now
            self._has_room = self._look()
        return self._has_room

    def _look(self) -> bool:
        try:
            said = self.wire.ask(packed(b"INFO", b"memory"))
        except (WireDown, WireError):
            return False
        lines = said.split(b"\r\n") if isinstance(said, bytes) else []
        figures = {name: value for name, _colon, value in (line.partition(b":") for line in lines)}
        used, most = int(figures.get(b"used_memory", 0)), int(figures.get(b"maxmemory", 0))
        return most == 0 or used * 100 < most * FULL_AT

    def _append(self, entry: bytes, address: bytes, mark: bytes) -> None:
        rest = b"$%d\r\n%b\r\n%b$%d\r\n%b\r\n$%d\r\n%b\r\n" % (
            len(address), address, _STREAM_PART, len(entry), entry, len(mark), mark,
        )  # fmt: skip
        reply = self._together.ask(_BY_SHA + rest)
        if isinstance(reply, WireError):
            if not str(reply).startswith("NOSCRIPT"):
                self._has_room = False  # most of all: no memory left
                raise reply
            self.wire.ask(packed(b"EVAL", SCRIPT, b"2", address, STREAM.encode(), entry, mark))

    def _write_straight(self, entry: bytes, ref: TenantRef) -> None:
        """Everybody counts here: a counter that is down keeps nobody out."""
        if self._clock() < self._no_database_until:
            self.lost += 1
            return
        try:
            with tenant_scope(ref), tenant_transaction():
                record_clicks(entries=[unpack(entry)], now=now_for(merchant()))
        except (DatabaseError, PoolTimeout) as error:
            self.lost += 1
            self._no_database_until = self._clock() + PAUSE_SECONDS
            logger.error("A click could not be kept (%s so far): %s", self.lost, type(error).__name__)
        finally:
            give_back()


@cache
def book() -> Book:
    """This process's."""
    return Book(Wire(settings.REDIS_URL))
