"""Where a counted click goes: into the Redis stream before the friend gets an answer, else straight into Postgres.

One browser at one address counts once a minute per link, and one address thirty times: whoever reloads a page or
hammers a link adds no clicks. Each visit gets a token of its own all the same, so no friend behind a shared address
loses their offer: the token is the claim, the row only evidence.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.db import InterfaceError, OperationalError
from psycopg_pool import PoolTimeout

from kit.clock import now_for
from kit.connections import give_back
from kit.tenancy import TenantRef, in_tenant_transaction
from kit.wire import Wire, WireDown, WireError, packed
from merchants.selectors import merchant
from referral_saas.friend.stream import Click, Stream, Trouble
from tracking.actions.clicks import record_clicks
from tracking.stream import unpack

logger = logging.getLogger(__name__)

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
        self._stream = Stream(wire, clock=clock)
        self._clock = clock
        self._looked_at = float("-inf")
        self._has_room = True
        self._no_database_until = float("-inf")

    def take_down(self, click: Click, ref: TenantRef) -> None:
        """Keep the click if it counts, before the friend gets an answer. Never raises: a friend lands anyway.

        To be called outside of any transaction.
        """
        if self.has_room():
            try:
                self._stream.append(click)
                return
            except (WireDown, WireError):
                self._has_room = False  # gone, or no memory left
        self._write_straight(click.entry, ref)

    def take_down_then(self, click: Click, ref: TenantRef, then: Callable[[], None]) -> None:
        """The same for who need not wait: ``then`` is called when it is done, perhaps by another thread, and once."""

        def told(trouble: Trouble | None) -> None:
            if trouble is not None:
                self._has_room = False
                self._write_straight(click.entry, ref)
            then()

        if self.has_room():
            self._stream.append_then(click, told)
        else:
            told(WireDown("no room"))

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

    def _write_straight(self, entry: bytes, ref: TenantRef) -> None:
        """Everybody counts here: a counter that is down keeps nobody out. Never raises: somebody waits."""
        if self._clock() < self._no_database_until:
            self.lost += 1
            return
        try:
            in_tenant_transaction(ref, lambda: _record(entry))
        except Exception as error:
            self.lost += 1
            if isinstance(error, (OperationalError, InterfaceError, PoolTimeout)):
                self._no_database_until = self._clock() + PAUSE_SECONDS
            logger.error("A click could not be kept (%s so far): %s", self.lost, type(error).__name__)
        finally:
            give_back()


def _record(entry: bytes) -> None:
    record_clicks(entries=[unpack(entry)], now=now_for(merchant()))


@cache
def book() -> Book:
    """This process's."""
    return Book(Wire(settings.REDIS_URL))
