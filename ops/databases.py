"""Makes the two roles and the database on a server where we may: the private one, or by ``python -m ops.databases`` any
server whose administrator's address is in ADMIN_DATABASE_URL. What stands already is left as it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from kit.env import DatabaseUrl, parse_database_url
from referral_saas import roles

Connection = psycopg.Connection[tuple[Any, ...]]


class MissingAddress(Exception):
    """The text names the variable."""


def make(admin_url: str, *, owner: DatabaseUrl, runtime: DatabaseUrl) -> None:
    """``admin_url`` names any database of the server, as a role that may make roles and databases."""
    with psycopg.connect(admin_url, autocommit=True) as connection:
        make_roles(connection, owner=owner, runtime=runtime)
        known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [runtime.name]).fetchone()
        if known is None:
            execute(connection, roles.database_statement(owner=owner.user, database=runtime.name))
    with psycopg.connect(admin_url, dbname=runtime.name, autocommit=True) as connection:
        for statement in roles.schema_statements(owner=owner.user, runtime=runtime.user, database=runtime.name):
            execute(connection, statement)


@contextmanager
def looking_often(admin_url: str) -> Iterator[None]:
    """While months of data come in within a minute: Postgres looks every few seconds how large its tables are, not once
    a minute. Until it has looked, it reads whole indexes of what it takes for empty tables."""
    _configure(admin_url, "ALTER SYSTEM SET autovacuum_naptime = '3s'")
    try:
        yield
    finally:
        _configure(admin_url, "ALTER SYSTEM RESET autovacuum_naptime")


def _configure(admin_url: str, command: LiteralString) -> None:
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(command)
        connection.execute("SELECT pg_reload_conf()")


def make_roles(connection: Connection, *, owner: DatabaseUrl, runtime: DatabaseUrl) -> None:
    standing = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles").fetchall()}
    for statement in roles.role_statements(owner=owner.user, runtime=runtime.user, standing=standing):
        execute(connection, statement)
    for role in (owner, runtime):
        if role.password:
            change = sql.SQL("ALTER ROLE {} PASSWORD {}")
            connection.execute(change.format(sql.Identifier(role.user), sql.Literal(role.password)))


def execute(connection: Connection, statement: str) -> None:
    """The statements of referral_saas/roles.py, whose names are quoted there."""
    connection.execute(statement.encode())


def address(name: str) -> DatabaseUrl:
    try:
        parsed = parse_database_url(os.environ.get(name, ""))
    except ValueError as problem:
        raise MissingAddress(f"{name} {problem}") from None
    if parsed is None:
        raise MissingAddress(f"{name} is not set. It is needed to make the roles and the database.")
    return parsed


def main() -> None:
    try:
        address("ADMIN_DATABASE_URL")
        make(os.environ["ADMIN_DATABASE_URL"], owner=address("DATABASE_OWNER_URL"), runtime=address("DATABASE_URL"))
    except MissingAddress as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
