"""This thread's connection to Postgres: how it is given back, and how it is asked what is asked all the time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connection, connections
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.postgresql.psycopg_any import BaseTzLoader, get_adapters_template


def give_back() -> None:
    """The pool gets this thread's connection, outside of Django's requests and of Celery's tasks, which do so by
    themselves. Within a transaction it stays: whoever opened that gives it back."""
    if not connection.in_atomic_block:
        close_old_connections()


def of_this_thread() -> Any:
    """What ``django.db.connection`` stands for, and looks up anew each time that it is mentioned: where a statement
    takes a tenth of a millisecond, that counts."""
    return connections[DEFAULT_DB_ALIAS]


@contextmanager
def prepared_cursor() -> Iterator[Any]:
    """Django's own cursor, but that values travel beside the statement: what is sent often is planned once.

    (How often: ``prepare_threshold`` in settings.DATABASES.) What it found is to be fetched within.
    """
    here = of_this_thread()
    here.close_if_health_check_failed()
    here.ensure_connection()
    with here._prepare_cursor(_cursor_for(here.connection)) as cursor:
        yield cursor


class _PreparedCursor(ServerBindingCursor):
    """Closed, it waits for the next statement: to make one takes a tenth of a statement's time.

    Not within a pipeline, where the answer to one statement may come while the cursor is sending another.
    """

    connection: Any
    _last_query: Any
    _tx: Any

    def close(self) -> None:
        super().close()  # type: ignore[misc]
        if self._last_query:
            self._tx.set_pgresult(None)  # of what it found nothing stays
        if not _is_piped(self.connection):
            _idle.cursor = self

    def open_again(self) -> None:
        self._closed = False

    def _send_query_prepared(self, name: bytes, pgq: Any, *, binary: bool | None = None) -> None:
        """Django's log of statements asks the cursor, which knows only of what it sent as text."""
        self._query = pgq
        super()._send_query_prepared(name, pgq, binary=binary)  # type: ignore[misc]


class _Idle(threading.local):
    cursor: Any = None


_idle = _Idle()


def _cursor_for(session: Any) -> Any:
    """The thread's idle one, or another: for another connection, in a pipeline, or while a statement is being read."""
    idle, _idle.cursor = _idle.cursor, None
    if idle is None or idle.connection is not session or _is_piped(session):
        return _PreparedCursor(session)  # type: ignore[call-arg]
    idle.open_again()
    return idle


def _is_piped(session: Any) -> bool:
    return bool(session.pgconn.pipeline_status)


class _Moment(BaseTzLoader):  # type: ignore[misc]
    """``timestamptz``, read by Python's own parser in a tenth of the time of psycopg's: most rows have two."""

    timezone = UTC

    def load(self, data: Any) -> datetime:
        try:
            return datetime.fromisoformat(str(data, "ascii")).astimezone(UTC)
        except ValueError:  # infinity, or no year of Python's: psycopg says so
            return super().load(data)  # type: ignore[no-any-return]


def read_moments_quickly() -> None:
    """On every connection that Django makes from now on; said once, when the process starts."""
    get_adapters_template(settings.USE_TZ, UTC).register_loader("timestamptz", _Moment)
