"""Two real connections at the same rows. A test of this kind needs ``django_db(transaction=True)``."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

R = TypeVar("R")


def at_once(*works: Callable[[], R]) -> list[R]:
    """Run each in a thread with a connection of its own, all started together; results in order, or the first error."""
    barrier = threading.Barrier(len(works))

    def started(work: Callable[[], R]) -> R:
        try:
            barrier.wait()
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        futures = [pool.submit(started, work) for work in works]
    return [future.result() for future in futures]


class Rival:
    """Somebody else's transaction, begun while ours is open."""

    def __init__(self, work: Callable[[], R]) -> None:
        self._pid: Future[int] = Future()
        self._pool = ThreadPoolExecutor(1)
        self._result = self._pool.submit(self._run, work)

    def _run(self, work: Callable[[], R]) -> R:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self._pid.set_result(cursor.fetchone()[0])
            return work()
        finally:
            connection.close()

    def waits_for_us(self) -> bool:
        """Returns True as soon as the rival is stopped by a lock of ours, False when it came to its end without."""
        pid = self._pid.result(timeout=30)
        while not self._result.done():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid() = ANY(pg_blocking_pids(%s))", [pid])
                if cursor.fetchone()[0]:
                    return True
        return False

    def result(self) -> R:
        try:
            return self._result.result(timeout=30)
        finally:
            self._pool.shutdown()
