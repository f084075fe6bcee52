"""Statements that do not wait for one another: many small ones cost their work, and one way there and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection

Answer = psycopg.Cursor[Any]
Ask = Callable[[str, Sequence[Any]], Answer]


@contextmanager
def pipelined() -> Iterator[Ask]:
    """What is executed within, by Django's cursors too, is sent at once and answered by the end of the block.

    Yields how to ask for what will be read: ``answer = ask(statement, params)``, and behind the block
    ``answer.fetchone()``. The error of a statement is raised at the end, those after it are not done; inside a
    transaction, which then is to be left by that exception. Nothing may be fetched within.
    """
    connection.ensure_connection()
    session = connection.connection

    def ask(statement: str, params: Sequence[Any]) -> Answer:
        return psycopg.Cursor(session).execute(statement.encode(), params)

    with connection.wrap_database_errors, session.pipeline():
        yield ask
