"""What a run wrote, read as the owner of the tables: counted for comparing, and whole for writing it once more."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from django.apps import apps
from psycopg import sql
from psycopg.types.json import Jsonb

from kit.ids import uuid7
from merchants.rows import tables_by_triggers

#: Every table that settling an order writes to, in an order their keys allow, with the columns that lead to the order.
TABLES: dict[str, tuple[str, ...]] = {
    "advocates_customer": (),
    "tracking_order": ("id",),
    "tracking_orderfact": ("order_id",),
    "tracking_referral": ("order_id",),
    "rewards_reward": ("order_id",),
    "rewards_posting": ("order_id", "reward_id"),
    "rewards_ledgerentry": ("posting_id",),
    "merchants_event": ("subject_id",),
    "merchants_outbox": ("event_id",),
    "merchants_wakeup": (),
}

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    table: str
    values: dict[str, Any]


#: The rows of one order, in the order they may be written.
OrderRows = list[Row]


def as_owner() -> Connection:
    """Its policy lets it see every merchant's rows."""
    return psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True)


def count(owner: Connection) -> Counter[str]:
    """Rows of every table there is, so that none that only one side writes goes unseen; but for those that triggers
    write, on either side: as many as there are batches, not rows summed."""
    names = owner.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
    counted: Counter[str] = Counter()
    for name in sorted({name for (name,) in names.fetchall()} - tables_by_triggers()):
        [(rows,)] = owner.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchall()
        counted[name] = rows
    return counted


def made_since(owner: Connection, before: Counter[str]) -> Counter[str]:
    made = count(owner)
    made.subtract(before)
    return +made


def read_pairs(owner: Connection, since: UUID, tables: list[str]) -> list[OrderRows]:
    """The rows of these tables made since this uuid7, one of each together, all of one merchant."""
    found = [sorted(_rows(owner, table, since), key=lambda row: str(row.values["merchant_id"])) for table in tables]
    return [list(rows) for rows in zip(*found, strict=True)]


def read_orders(owner: Connection, since: UUID) -> list[OrderRows]:
    """The rows made since this uuid7, order by order."""
    found = {table: list(_rows(owner, table, since)) for table in TABLES}
    orders: dict[UUID, OrderRows] = {row.values["id"]: [] for row in found["tracking_order"]}
    # A buyer buys once in a run; a customer row made in it belongs to that order.
    of_row = {row.values["customer_id"]: row.values["id"] for row in found["tracking_order"]}
    for table, leads in TABLES.items():
        for row in found[table]:
            order_id = of_row.get(row.values["id"]) or _order_of(row, leads, of_row)
            if table == "merchants_wakeup":
                order_id = _any_order_that_woke(row, orders)
            of_row[row.values["id"]] = order_id
            orders[order_id].append(row)
    return list(orders.values())


def _rows(owner: Connection, table: str, since: UUID) -> Iterable[Row]:
    columns = columns_of(table)
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    chosen = sql.SQL("SELECT {} FROM {} WHERE id > %s ORDER BY id").format(names, sql.Identifier(table))
    for values in owner.execute(chosen, [since]).fetchall():
        yield Row(table, dict(zip(columns, map(_storable, values), strict=True)))


def columns_of(table: str) -> list[str]:
    """Those that our code writes; the rest the database makes itself."""
    [model] = [model for model in apps.get_models() if model._meta.db_table == table]
    return [field.column for field in model._meta.concrete_fields if not field.generated]


def _storable(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict | list) else value


def _order_of(row: Row, leads: tuple[str, ...], of_row: dict[Any, UUID]) -> Any:
    if leads == ("id",):
        return row.values["id"]
    return next((of_row[row.values[name]] for name in leads if row.values[name] in of_row), None)


def _any_order_that_woke(row: Row, orders: dict[UUID, OrderRows]) -> UUID:
    """A wake-up names no order: the merchant's order with the most rows and the fewest wake-ups made it."""
    theirs = [key for key, rows in orders.items() if rows[0].values["merchant_id"] == row.values["merchant_id"]]
    return max(theirs, key=lambda key: len(orders[key]) - 100 * sum(r.table == row.table for r in orders[key]))


def once_more(rows: OrderRows, delivery: UUID) -> OrderRows:
    """The same rows under new ids, natural keys included; keys to the merchant's standing rows stay."""
    fresh: dict[Any, UUID] = defaultdict(uuid7)
    for row in rows:
        fresh[row.values["id"]]
    return [Row(row.table, _renamed(row, fresh, delivery)) for row in rows]


def _renamed(row: Row, fresh: dict[Any, UUID], delivery: UUID) -> dict[str, Any]:
    """A unique text of the row takes the delivery's id, which has the length such texts have."""
    values = {name: fresh.get(value, value) if isinstance(value, UUID) else value for name, value in row.values.items()}
    if row.table == "advocates_customer":
        values["email"] = values["email_key"] = f"{delivery.hex[-10:]}{values['email_key'][5:]}"
    if row.table == "tracking_order":
        values["external_id"] = str(delivery.int % 10**12)
    return values
