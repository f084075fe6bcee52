"""Several numbers in one statement: each is found by an index of its own, and the way to the database is gone once."""

from __future__ import annotations

from typing import Any

from django.db.models import IntegerField, QuerySet, Subquery

from merchants.models import Workspace


class CountOf(Subquery):
    """How many rows a question has."""

    template = "(SELECT count(*) FROM (%(subquery)s) counted)"
    output_field = IntegerField()


class DifferentOf(Subquery):
    """How many different values the one column of a question has."""

    template = "(SELECT count(DISTINCT counted.n) FROM (%(subquery)s) counted(n))"
    output_field = IntegerField()


class SumOf(Subquery):
    """What the one column of a question adds up to; 0 without rows."""

    template = "(SELECT coalesce(sum(summed.n), 0) FROM (%(subquery)s) summed(n))"
    output_field = IntegerField()


def count_of(rows: Any) -> CountOf:
    return CountOf(rows.order_by().values("pk"))


def row_of(*asked: Subquery) -> QuerySet[Any]:
    """One row with what was asked, in this order."""
    row: QuerySet[Any] = Workspace.objects.order_by().values_list(*asked)
    return row
