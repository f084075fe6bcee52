"""The only clock of business facts: the database's, moved by the merchant's test-clock offset."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from kit.connections import prepared_cursor
from kit.waiting import here


class HasClock(Protocol):
    clock_offset: timedelta


def database_now() -> datetime:
    """The database server's time (UTC, aware): web, worker and beat on many machines agree on it.

    What is written together is written at one moment (kit.gather)."""
    waiting = here()
    if waiting is None:
        return _asked()
    waiting.clock = waiting.clock or _asked()
    return waiting.clock


def _asked() -> datetime:
    with prepared_cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def now_for(merchant: HasClock) -> datetime:
    """Now, as this merchant's business lives it. Only a sandbox has an offset, and it only grows."""
    return database_now() + merchant.clock_offset


def real_time(business_time: datetime, merchant: HasClock) -> datetime:
    """When in real time a business moment comes: wake-ups are kept so (due minus offset)."""
    return business_time - merchant.clock_offset
