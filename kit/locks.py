"""Locks by name, and the one order in which all locks are taken.

queue > payout > lead > order key > friend key > referral > advocate counters > rewards by pk > budget > coupon >
figures of clicks (design: one order of locks, so that two transactions can wait for each other but never in a circle).
``watch()`` lets tests see them taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum

from kit.connections import prepared_cursor
from kit.tenancy import current_merchant_id
from kit.waiting import here


class Rank(IntEnum):
    QUEUE = 0
    PAYOUT = 1
    LEAD = 2
    ORDER = 3
    FRIEND = 4
    REFERRAL = 5
    ADVOCATE = 6
    REWARD = 7
    BUDGET = 8
    COUPON = 9
    FIGURES = 10


_recorder: ContextVar[list[Rank] | None] = ContextVar("lock_recorder", default=None)


def lock_named(rank: Rank, *parts: object, shared: bool = False) -> None:
    """Hold an advisory lock on (merchant, rank, parts) until the transaction ends. For what may have no row yet.

    ``shared``: with all others who ask for it so, against the one who does not.
    """
    note(rank)
    key, waiting = key_of(rank, *parts), here()
    if waiting and key in waiting.locks:
        return
    with prepared_cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{'_shared' if shared else ''}(%s)", [key])
    if waiting and not shared:
        waiting.locks.add(key)


def try_lock_named(rank: Rank, *parts: object) -> bool:
    """``lock_named``, unless somebody has it: then False at once."""
    note(rank)
    with prepared_cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [key_of(rank, *parts)])
        return bool(cursor.fetchone()[0])


def lock_all_named(rank: Rank, names: Iterable[tuple[object, ...]]) -> None:
    """``lock_named`` for many, in one order for everybody who asks so."""
    keys = sorted(key_of(rank, *parts) for parts in names)
    if keys:
        note(rank)
        with prepared_cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) key", [keys])
        if waiting := here():
            waiting.locks.update(keys)


def note(rank: Rank) -> None:
    """Tell the recorder of a test that a lock of this rank is about to be taken."""
    taken = _recorder.get()
    if taken is not None:
        taken.append(rank)


@contextmanager
def watch() -> Iterator[list[Rank]]:
    taken: list[Rank] = []
    token = _recorder.set(taken)
    try:
        yield taken
    finally:
        _recorder.reset(token)


def key_of(rank: Rank, *parts: object) -> int:
    """What names the lock to Postgres, for a statement that takes it beside its own work."""
    text = "\x1f".join([str(current_merchant_id()), rank.name, *map(str, parts)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big", signed=True)
