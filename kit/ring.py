"""Rings: tell a worker that rows are waiting. The row is the queue, so a lost ring costs seconds, never work."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from celery import current_app
from django.db import connection, transaction

logger = logging.getLogger(__name__)
failed_rings = 0
_muted: ContextVar[bool] = ContextVar("rings_muted", default=False)


@contextmanager
def muted() -> Iterator[None]:
    """No rings inside: whoever plays a past sweeps once at its end."""
    token = _muted.set(True)
    try:
        yield
    finally:
        _muted.reset(token)


def ring(task_name: str, *, queue: str, expires: float | None = None, **kwargs: object) -> None:
    """Send the task after commit, once however often a transaction asks for it; nothing is sent when it rolls back.
    Never raises, never retries.

    ``expires``: seconds after which a ring that nobody answered is worth nothing.
    """
    bell = _Bell(task_name, queue, expires, kwargs)
    here = set(connection.savepoint_ids)
    if not any(waiting == bell and savepoints == here for savepoints, waiting, *_ in connection.run_on_commit):
        transaction.on_commit(bell)


@dataclass(frozen=True, slots=True)
class _Bell:
    task_name: str
    queue: str
    expires: float | None
    kwargs: dict[str, object]

    def __call__(self) -> None:
        global failed_rings
        if _muted.get():
            return
        told = {"queue": self.queue, "expires": self.expires, "retry": False, "ignore_result": True}
        send: Any = current_app.send_task
        try:
            send(self.task_name, kwargs=self.kwargs, **told)
        except Exception as error:  # whatever the broker's client raises: the sweep finds the row anyway
            failed_rings += 1
            logger.warning("ring %s failed (%s so far): %s", self.task_name, failed_rings, type(error).__name__)
