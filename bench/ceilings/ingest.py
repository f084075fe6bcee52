"""The same clicks by bare multi-row INSERTs: statements that stand ready as text are sent, and nothing else is done.

Same partitioned table, indexes, keys and policies, as the same role, in transactions of as many rows as ours. Nothing
is read or decoded, no figure is counted, no id is made, and no value is adapted while the clock runs.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from uuid import UUID

import psycopg
from psycopg import sql

from bench.ceilings.intake import TELL_TENANT
from kit.ids import uuid7
from tracking.stream import ClickEntry

INSERT = sql.SQL(
    "INSERT INTO tracking_click (id, merchant_id, link_id, program_id, at, channel, variant, device, agent, referrer, "
    "salt, address, network) VALUES {}"
)


@dataclass(frozen=True, slots=True)
class Insert:
    merchant_id: UUID
    statement: bytes


#: What one transaction writes, merchant by merchant.
Batch = list[Insert]


def make_ready(entries: Sequence[ClickEntry], size: int) -> list[Batch]:
    """The same rows under new ids."""
    waiting = iter(entries)
    batches = []
    while some := list(islice(waiting, size)):
        some.sort(key=lambda entry: entry.merchant_id)
        grouped = groupby(some, key=lambda entry: entry.merchant_id)
        batches.append([Insert(merchant_id, _statement(list(theirs))) for merchant_id, theirs in grouped])
    return batches


def _statement(entries: list[ClickEntry]) -> bytes:
    rows = [sql.SQL("({})").format(sql.SQL(", ").join(map(sql.Literal, _values(entry)))) for entry in entries]
    return INSERT.format(sql.SQL(", ").join(rows)).as_bytes()


def _values(entry: ClickEntry) -> list[object]:
    first = [uuid7(), entry.merchant_id, entry.link_id, entry.program_id, entry.at, entry.channel, entry.variant]
    return [*first, entry.device, entry.agent, entry.referrer, entry.salt, entry.address, entry.network]


def insert(batches: Sequence[Batch]) -> None:
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, prepare_threshold=1) as connection:
        for batch in batches:
            with connection.transaction():
                for one in batch:
                    connection.execute(TELL_TENANT, [str(one.merchant_id)])
                    connection.execute(one.statement)
