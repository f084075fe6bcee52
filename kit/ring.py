"""Rings: tell a worker that rows are waiting. The row is the queue, so a lost ring costs seconds, never work."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from celery import current_app
from django.db import transaction

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
    """Send the task after commit; nothing is sent when the transaction rolls back. Never raises, never retries.

    ``expires``: seconds after which a ring that nobody answered is worth nothing.
    """
    transaction.on_commit(lambda: _send(task_name, queue, expires, kwargs))


def _send(task_name: str, queue: str, expires: float | None, kwargs: dict[str, object]) -> None:
    global failed_rings
    if _muted.get():
        return
    try:
        current_app.send_task(task_name, kwargs=kwargs, queue=queue, expires=expires, retry=False, ignore_result=True)
    except Exception as error:  # whatever the broker's client raises: the sweep finds the row anyway
        failed_rings += 1
        logger.warning("ring %s failed (%s so far): %s", task_name, failed_rings, type(error).__name__)
