"""This thread's connection to Postgres: how it is given back, and how it is asked what is asked all the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import close_old_connections, connection
from django.db.backends.postgresql.base import ServerBindingCursor


def give_back() -> None:
    """The pool gets this thread's connection, outside of Django's requests and of Celery's tasks, which do so by
    themselves. Within a transaction it stays: whoever opened that gives it back."""
    if not connection.in_atomic_block:
        close_old_connections()


@contextmanager
def prepared_cursor() -> Iterator[Any]:
    """Django's own cursor, but that values travel beside the statement: what is sent often is planned once.

    (How often: ``prepare_threshold`` in settings.DATABASES.)
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    django: Any = connection
    with django._prepare_cursor(_PreparedCursor(django.connection)) as cursor:  # type: ignore[call-arg]
        yield cursor


class _PreparedCursor(ServerBindingCursor):
    def _send_query_prepared(self, name: bytes, pgq: Any, *, binary: bool | None = None) -> None:
        """Django's log of statements asks the cursor, which knows only of what it sent as text."""
        self._query = pgq
        super()._send_query_prepared(name, pgq, binary=binary)  # type: ignore[misc]
