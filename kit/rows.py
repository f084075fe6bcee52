"""Save of a row only what differs, and by statements that are made once for each table, not for each row."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, models
from psycopg import sql

from kit.connections import of_this_thread, prepared_cursor
from kit.many import as_now
from kit.waiting import waiting_for

Values = dict[str, Any]


def values_of(row: models.Model) -> Values:
    """Its columns as they are in memory now, by attribute: to be compared with later."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def save_changed(row: models.Model, *, before: Values) -> None:
    """One UPDATE of the columns that are not as ``before``; no statement when there are none."""
    changed = [name for name, value in values_of(row).items() if value != before[name]]
    if changed:
        row.save(update_fields=changed)


class WrittenOften(models.Model):
    """``save()`` and ``create()`` as ever; only that Django need not make their SQL anew for every row."""

    class Meta:
        abstract = True

    def _do_insert(self, manager: Any, using: Any, fields: Any, returning_fields: Any, raw: bool) -> Any:
        told = [(field, field.pre_save(self, True)) for field in fields]
        if raw or returning_fields or _goes_elsewhere(using) or _has_expressions(value for _, value in told):
            return super()._do_insert(manager, using, fields, returning_fields, raw)  # type: ignore[misc]
        if waiting := waiting_for(type(self)):
            waiting.insert(type(self), {field.column: as_now(field, value) for field, value in told})
            return []
        with prepared_cursor() as cursor:
            cursor.execute(_insert(type(self), tuple(fields)), [_storable(*one) for one in told])
        return []

    def _do_update(self, base_qs: Any, using: Any, pk_val: Any, values: Any, *more: Any) -> Any:
        if not values or _goes_elsewhere(using) or _has_expressions(value for *_, value in values):
            return super()._do_update(base_qs, using, pk_val, values, *more)
        if waiting := waiting_for(type(self)):
            waiting.change(type(self), pk_val, {field.column: as_now(field, value) for field, _, value in values})
            return True
        told = [_storable(field, value) for field, _, value in values]
        with prepared_cursor() as cursor:
            cursor.execute(_update(type(self), tuple(field for field, *_ in values)), [*told, pk_val])
            return cursor.rowcount > 0


def _goes_elsewhere(using: str) -> bool:
    return using != DEFAULT_DB_ALIAS


def _has_expressions(values: Iterable[Any]) -> bool:
    return any(hasattr(value, "resolve_expression") for value in values)


def _storable(field: Any, value: Any) -> Any:
    return field.get_db_prep_save(value, of_this_thread())


@cache
def _insert(model: type[models.Model], fields: tuple[Any, ...]) -> str:
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join([sql.Identifier(field.column) for field in fields]),
        sql.SQL(", ").join([sql.Placeholder()] * len(fields)),
    )
    return statement.as_string()


@cache
def _update(model: type[models.Model], fields: tuple[Any, ...]) -> str:
    statement = sql.SQL("UPDATE {} SET {} WHERE id = %s").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join([sql.SQL("{} = %s").format(sql.Identifier(field.column)) for field in fields]),
    )
    return statement.as_string()
