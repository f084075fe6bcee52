"""The monthly tables of clicks. Making them is one narrow function of the database; dropping them is the owner's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection
from psycopg import sql

from kit.days import local_date

_NAME = re.compile(r"tracking_click_(\d{4})_(\d{2})")


@dataclass(frozen=True, slots=True)
class Partition:
    """A month of clicks by real time (UTC); ``until`` is the first day after it."""

    table: str
    since: date
    until: date


def make_partitions() -> int:
    """Have the months around now made where they are not; gives how many were missing."""
    [(made,)] = _rows("SELECT make_click_partitions()")
    return int(made)


def partitions() -> list[Partition]:
    """Those that stand, the oldest first."""
    found = _rows(
        """SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid
           WHERE inhparent = 'tracking_click'::regclass AND child.relkind = 'r' ORDER BY child.relname"""
    )
    return [_partition(table) for (table,) in found]


def _partition(table: str) -> Partition:
    matched = _NAME.fullmatch(table)
    assert matched, f"{table} is no month of clicks."
    since = date(int(matched[1]), int(matched[2]), 1)
    return Partition(table, since, (since + timedelta(days=32)).replace(day=1))


def drop_partition(partition: Partition) -> None:
    """As the owner, in a transaction: the table goes, and each merchant of its rows is told from when on they are all.

    The workspaces come first: whoever makes figures of such a day anew holds theirs, and is waited for.
    """
    table = sql.Identifier(partition.table)
    _run(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(table))
    newest = _rows(
        sql.SQL(
            """SELECT place.merchant_id, place.time_zone, max(click.at) FROM {} click
               JOIN merchants_workspace place ON place.merchant_id = click.merchant_id GROUP BY 1, 2 ORDER BY 1"""
        ).format(table)
    )
    for merchant_id, zone, at in newest:
        first = local_date(at, zone) + timedelta(days=1)
        _run(
            "UPDATE merchants_workspace SET clicks_kept_from = greatest(clicks_kept_from, %s) WHERE merchant_id = %s",
            [first, merchant_id],
        )
    _run(sql.SQL("DROP TABLE {}").format(table))


def _rows(statement: str | sql.Composed, params: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _run(statement: str | sql.Composed, params: Sequence[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
