"""Several numbers in one statement: each is found by an index of its own, and the way to the database is gone once."""

from __future__ import annotations

from typing import Any

from django.db.models import IntegerField, Subquery

from merchants.models import Workspace


class CountOf(Subquery):
    """How many rows a question has."""

    template = "(SELECT count(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


class SumOf(Subquery):
    """What the one column of a question adds up to; 0 without rows."""

    template = "(SELECT coalesce(sum(summed.n), 0) FROM (%(subquery)s) summed(n))"
    output_field = IntegerField()


def count_of(rows: Any) -> CountOf:
    return CountOf(rows.order_by().values("pk"))


def numbers(**asked: Subquery) -> dict[str, int]:
    """By the names of what was asked; a number that is not there (the first row of nothing) is 0."""
    row: dict[str, int | None] = (
        Workspace.objects.order_by().values(**{f"n_{name}": each for name, each in asked.items()}).get()
    )
    return {name: int(row[f"n_{name}"] or 0) for name in asked}
