"""A backup of the tests' whole database and its restore, as an operator's pg_dump and pg_restore would do it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql

from tests.conftest import act_as, emptier, owner_login, restrict


class Backup:
    def __init__(self) -> None:
        self.database = str(connection.settings_dict["NAME"])
        self.copy = f"{self.database}_backup"

    def take(self) -> None:
        self._run("CREATE DATABASE {copy} TEMPLATE {database}")

    def restore(self) -> None:
        """Everything since is gone, as after the loss of the server. The rights on the database are given again."""
        self._run("DROP DATABASE {database}")
        self._run("CREATE DATABASE {database} TEMPLATE {copy}")
        runtime = act_as(owner_login())
        restrict(runtime["USER"])
        act_as(runtime)

    def forget(self) -> None:
        self._run("DROP DATABASE IF EXISTS {copy}")

    def _run(self, statement: str) -> None:
        """As the owner, from another database: nobody may be connected to the one that is copied."""
        emptier.leave()
        connection.close()
        if connection.pool:
            connection.close_pool()
        names = {"database": sql.Identifier(self.database), "copy": sql.Identifier(self.copy)}
        with psycopg.connect(autocommit=True, **self._login()) as other:
            other.execute(sql.SQL(statement).format(**names))

    def _login(self) -> dict[str, Any]:
        known, owner = connection.settings_dict, owner_login()
        told = {"host": known["HOST"], "port": known["PORT"], "user": owner["USER"], "password": owner["PASSWORD"]}
        return {"dbname": "postgres", **{name: value for name, value in told.items() if value}}


@contextmanager
def a_backup() -> Iterator[Backup]:
    """Of the state at this moment."""
    backup = Backup()
    backup.forget()
    backup.take()
    try:
        yield backup
    finally:
        backup.forget()
