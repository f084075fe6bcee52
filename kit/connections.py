"""Connections of work outside of Django's requests and of Celery's tasks, which give theirs back by themselves."""

from __future__ import annotations

from django.db import close_old_connections, connection


def give_back() -> None:
    """The pool gets this thread's connection. Within a transaction it stays: whoever opened that gives it back."""
    if not connection.in_atomic_block:
        close_old_connections()
