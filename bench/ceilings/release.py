"""Due rewards released by plain SQL, a thousand in a transaction: rows that stand ready in Postgres are put in place.

Same tables, indexes, constraints, triggers and policies, as the same role. Nothing is judged, no id is made, and no row
travels: each statement takes a thousand finished rows from a table beside and writes them.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg import sql

from bench.ceilings.intake import TELL_TENANT
from bench.written import Connection, columns_of

#: In an order their keys allow, with how each is led back to its reward.
LED_BY = {
    "rewards_posting": "reward_id",
    "rewards_ledgerentry": "(SELECT reward_id FROM rewards_posting p WHERE p.id = posting_id)",
    "merchants_event": "subject_id",
    "merchants_outbox": "(SELECT subject_id FROM merchants_event e WHERE e.id = event_id)",
}
PER_BATCH = 1000
RELEASE = """
UPDATE rewards_reward r SET state = s.state, released_at = s.released_at, next_try_at = s.next_try_at
FROM ready_rewards_reward s WHERE s.batch = %s AND r.id = s.id
"""
WAKE = """
INSERT INTO merchants_wakeup (id, merchant_id, kind, due_at)
SELECT gen_random_uuid(), %s, 'fulfil', now() FROM generate_series(1, %s)
"""


@dataclass(frozen=True, slots=True)
class Batch:
    number: int
    merchant_id: UUID
    rewards: int
    wakes: int = 0


def make_ready(owner: Connection, role: str) -> list[Batch]:
    """Set aside what a run of ours has just written, in batches of one merchant's."""
    owner.execute(
        sql.SQL(
            """CREATE UNLOGGED TABLE ready_rewards_reward AS
               SELECT id, merchant_id, state, released_at, next_try_at,
                 dense_rank() OVER (ORDER BY merchant_id, place / {size}) AS batch
               FROM (SELECT *, row_number() OVER (PARTITION BY merchant_id ORDER BY id) - 1 AS place
                     FROM rewards_reward WHERE state = 'RELEASED') released"""
        ).format(size=PER_BATCH)
    )
    for table, led_by in LED_BY.items():
        _set_aside(owner, table, led_by)
    for table in ["rewards_reward", *LED_BY]:
        ready = sql.Identifier(f"ready_{table}")
        owner.execute(sql.SQL("CREATE INDEX ON {} (batch)").format(ready))
        owner.execute(sql.SQL("ANALYZE {}").format(ready))
        owner.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(ready, sql.Identifier(role)))
    made = owner.execute(
        "SELECT batch, merchant_id, count(*) FROM ready_rewards_reward GROUP BY batch, merchant_id ORDER BY batch"
    )
    return [Batch(*row) for row in made.fetchall()]


def _set_aside(owner: Connection, table: str, led_by: str) -> None:
    statement = """CREATE UNLOGGED TABLE {ready} AS SELECT made.*, r.batch
                   FROM (SELECT {columns}, {led_by} AS led FROM {table}) made
                   JOIN ready_rewards_reward r ON r.id = made.led {only_new}"""
    owner.execute(
        sql.SQL(statement).format(
            ready=sql.Identifier(f"ready_{table}"),
            columns=sql.SQL(", ").join(map(sql.Identifier, columns_of(table))),
            led_by=sql.SQL(led_by),
            table=sql.Identifier(table),
            only_new=sql.SQL("WHERE made.seq > 1" if table == "merchants_event" else ""),
        )
    )


def release(batches: Iterable[Batch]) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=1) as connection:
        for batch in batches:
            with connection.transaction():
                _release(connection, batch)


def _release(connection: Connection, batch: Batch) -> None:
    connection.execute(TELL_TENANT, [str(batch.merchant_id)])
    connection.execute(RELEASE, [batch.number])
    for table in LED_BY:
        connection.execute(_insert(table), [batch.number])
    connection.execute(WAKE, [batch.merchant_id, batch.wakes])


def _insert(table: str) -> sql.Composed:
    columns = sql.SQL(", ").join(map(sql.Identifier, columns_of(table)))
    return sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {} WHERE batch = %s").format(
        sql.Identifier(table), columns, columns, sql.Identifier(f"ready_{table}")
    )


def waking(batches: Sequence[Batch], wakes: int) -> list[Batch]:
    """So many wake-ups shared out: two workers at one merchant's rewards may have needed a batch more."""
    each, rest = divmod(wakes, len(batches))
    return [
        Batch(batch.number, batch.merchant_id, batch.rewards, each + (place < rest))
        for place, batch in enumerate(batches)
    ]
