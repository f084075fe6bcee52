"""Hooks kept and orders settled by plain SQL: a transaction each, one statement per table, nothing read or decided.

Same tables, indexes, constraints, triggers and policies, as the same role; statements are prepared once per connection.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from uuid import UUID

import psycopg
from psycopg import sql

from bench.written import Connection, OrderRows, Row

TELL_TENANT = "SELECT set_config('app.merchant_id', %s, true)"
CLOSE_DELIVERY = (
    "UPDATE integrations_inboundevent SET state = 'HANDLED', result = %s, handled_at = %s, order_id = %s WHERE id = %s"
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A waiting delivery, and the rows that settling it writes."""

    event_id: UUID
    merchant_id: UUID
    outcome: str
    at: datetime
    rows: OrderRows

    @property
    def order_id(self) -> UUID:
        found: UUID = next(row.values["id"] for row in self.rows if row.table == "tracking_order")
        return found


def settle(deliveries: list[Delivery]) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=1) as connection:
        for delivery in deliveries:
            with connection.transaction():
                _settle(connection, delivery)


def _settle(connection: Connection, delivery: Delivery) -> None:
    connection.execute(TELL_TENANT, [str(delivery.merchant_id)])
    _write(connection, delivery.rows)
    connection.execute(CLOSE_DELIVERY, [delivery.outcome, delivery.at, delivery.order_id, delivery.event_id])


def keep(deliveries: list[OrderRows]) -> None:
    """What a hook leaves: its row in the inbox and a wake-up."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=1) as connection:
        for rows in deliveries:
            with connection.transaction():
                connection.execute(TELL_TENANT, [str(rows[0].values["merchant_id"])])
                _write(connection, rows)


def _write(connection: Connection, rows: OrderRows) -> None:
    """The entries of a posting must balance within their statement, so the rows of a table are written together."""
    for _table, together in groupby(rows, key=lambda row: row.table):
        same = list(together)
        connection.execute(_insert(same[0], len(same)), [value for row in same for value in row.values.values()])


_inserts: dict[tuple[str, int], str] = {}


def _insert(row: Row, count: int) -> str:
    """Made once per table and number of rows: a program by hand would have them as constants."""
    if (row.table, count) not in _inserts:
        names = sql.SQL(", ").join(map(sql.Identifier, row.values))
        places = sql.SQL("({})").format(sql.SQL(", ").join(sql.Placeholder() * len(row.values)))
        insert = sql.SQL("INSERT INTO {} ({}) VALUES {}")
        statement = insert.format(sql.Identifier(row.table), names, sql.SQL(", ").join([places] * count))
        _inserts[row.table, count] = statement.as_string()
    return _inserts[row.table, count]
