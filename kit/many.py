"""Many rows in one statement, without an object for each: for what is done to a thousand rows at a time.

``bulk_create`` and ``pk__in`` do the same and cost several times as much, nearly all of it in Python.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, models
from psycopg import sql

from kit.connections import prepared_cursor
from kit.waiting import waiting_for


def any_of(field: str, values: Collection[Any]) -> models.Q:
    """As ``Q(field__in=values)``, with one parameter however long the list is."""
    return models.Q((f"{field}__any_of", list(values)))


def any_key_of(field: str, rows: models.QuerySet[Any]) -> models.Q:
    """As ``Q(field__in=rows)``, but ``rows`` are looked for first and by themselves. Beside another condition of which
    one is enough, Postgres else reads everything there is and asks each row whether it is among them."""
    return models.Q((f"{field}__any_of", ArraySubquery(rows.order_by().values("pk"))))


@models.Field.register_lookup
@models.ForeignKey.register_lookup
class _AnyOf(models.Lookup):  # type: ignore[type-arg]
    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, params = self.process_lhs(compiler, connection)
        if isinstance(self.rhs, ArraySubquery):
            keys, asked = compiler.compile(self.rhs)
            return f"{column} = ANY({keys})", (*params, *asked)
        return f"{column} = ANY(%s::{_type(self.lhs.output_field)}[])", (*params, as_array(self.rhs))


def columns(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> dict[str, tuple[Any, ...]]:
    """Rows turned into ``each`` of ``insert_many``. There must be one row at least."""
    return dict(zip(names, zip(*rows, strict=True), strict=True))


def insert_many(
    model: type[models.Model],
    *,
    same: Mapping[str, Any] | None = None,
    each: Mapping[str, Sequence[Any]],
    new_only: bool = False,
    returning: str = "",
) -> list[Any]:
    """Insert a row for every place of the columns in ``each``, which are equally long.

    Columns are named as in the table (``reward_id``). What is in neither mapping takes the field's default, asked
    once: what a default makes anew for every row, as an id, belongs into ``each``. Values: uuid, number, text, aware
    datetime, bytes, None, or what goes into JSON. ``new_only`` leaves out what a unique constraint would refuse.
    Gives the column ``returning`` of what was inserted, where one is named.
    """
    fields = _fields(model)
    every = {name: field.get_default() for name, field in fields.items() if name not in each} | dict(same or {})
    if not new_only and not returning and (waiting := waiting_for(model)):
        for values in zip(*each.values(), strict=True):
            row = every | dict(zip(each, values, strict=True))
            waiting.insert(model, {name: as_now(fields[name], value) for name, value in row.items()})
        return []
    told = [_one(fields[name], value) for name, value in every.items()]
    told += [_all(fields[name], values) for name, values in each.items()]
    with prepared_cursor() as cursor:
        cursor.execute(_insert(model, tuple(each), tuple(every), new_only, returning), told)
        return [value for (value,) in cursor.fetchall()] if returning else []


@cache
def _insert(
    model: type[models.Model], each: tuple[str, ...], every: tuple[str, ...], new_only: bool, returning: str
) -> str:
    fields = _fields(model)
    statement = sql.SQL("INSERT INTO {} ({}) SELECT {} FROM ROWS FROM ({}) each{}{}").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join([sql.Identifier(name) for name in [*each, *every]]),
        sql.SQL(", ").join([sql.SQL("each.*"), *(sql.SQL(f"%s::{_type(fields[name])}") for name in every)]),
        sql.SQL(", ").join([_rows(fields[name]) for name in each]),
        sql.SQL(" ON CONFLICT DO NOTHING" if new_only else ""),
        sql.SQL(" RETURNING {}").format(sql.Identifier(returning)) if returning else sql.SQL(""),
    )
    return statement.as_string()


def update_many(model: type[models.Model], *, same: Mapping[str, Any], each: Mapping[str, Sequence[Any]]) -> int:
    """Set columns of the rows that ``each`` names by ``id``: to one value for all, or to each its own. Returns how many
    rows there were."""
    fields = _fields(model)
    told = [_one(fields[name], value) for name, value in same.items()]
    told += [_all(fields[name], values) for name, values in each.items()]
    with prepared_cursor() as cursor:
        cursor.execute(_update(model, tuple(same), tuple(each)), told)
        return int(cursor.rowcount)


def delete_many(model: type[models.Model], ids: Sequence[UUID]) -> None:
    """Rows that no other row hangs on."""
    statement = sql.SQL("DELETE FROM {} WHERE id = ANY(%s::uuid[])").format(sql.Identifier(model._meta.db_table))
    if ids:
        with prepared_cursor() as cursor:
            cursor.execute(statement.as_string(), [as_array(ids)])


def insert_rows(rows: Sequence[models.Model]) -> None:
    """Unsaved rows of one model, whatever their columns hold; saved they are afterwards."""
    if rows:
        fields = _fields(type(rows[0])).items()
        insert_many(type(rows[0]), each={name: [getattr(row, field.attname) for row in rows] for name, field in fields})
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


@cache
def _update(model: type[models.Model], same: tuple[str, ...], each: tuple[str, ...]) -> str:
    fields = _fields(model)
    own = [name for name in each if name != "id"]
    statement = sql.SQL("UPDATE {} SET {} FROM ROWS FROM ({}) each({}) WHERE {}.id = each.id").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(
            [sql.SQL("{} = each.{}").format(sql.Identifier(name), sql.Identifier(name)) for name in own]
            + [sql.SQL("{} = %s").format(sql.Identifier(name)) for name in same]
        ),
        sql.SQL(", ").join([_rows(fields[name]) for name in each]),
        sql.SQL(", ").join([sql.Identifier(name) for name in each]),
        sql.Identifier(model._meta.db_table),
    )
    return statement.as_string()


@cache
def _fields(model: type[models.Model]) -> dict[str, Any]:
    """Those that are written, by column."""
    return {str(field.column): field for field in model._meta.concrete_fields if not field.generated}


def _rows(field: Any) -> sql.Composable:
    if isinstance(field, models.JSONField):
        return sql.SQL("jsonb_array_elements(%s::jsonb)")
    return sql.SQL("unnest(%s::{}[])").format(sql.SQL(_type(field)))


class _Json(str):
    """What goes into JSON, written out."""

    __slots__ = ()


def as_now(field: Any, value: Any) -> Any:
    """A value that stays as it is now, whatever becomes of the object it was taken from."""
    return _Json(json.dumps(value)) if isinstance(field, models.JSONField) else value


def _one(field: Any, value: Any) -> Any:
    return json.dumps(value) if isinstance(field, models.JSONField) and value is not None else value


def _all(field: Any, values: Sequence[Any]) -> str:
    if not isinstance(field, models.JSONField):
        return as_array(values)
    return f"[{','.join([value if type(value) is _Json else json.dumps(value) for value in values])}]"


def _type(field: Any) -> str:
    """Without its length: the cast would cut longer values off, the column refuses them."""
    return str(field.db_type(connection)).partition("(")[0]


def as_array(values: Iterable[Any]) -> str:
    """As Postgres reads an array: psycopg would ask of every single value how it is to be written."""
    return "{" + ",".join([_written(value) for value in values]) + "}"


def text_array(values: Sequence[str]) -> str:
    """``as_array`` of texts alone, which seldom hold what must be written otherwise."""
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        return as_array(values)
    return f'{{"{joined}"}}'


def bare_array(values: Iterable[str]) -> str:
    """Of what needs no quotes: digits."""
    return "{" + ",".join(values) + "}"


def _written(value: Any) -> str:
    """Keys and numbers, which most values are, need no quotes; a key is read without its dashes too."""
    if value is None:
        return "NULL"
    if type(value) is UUID:
        return value.hex
    if type(value) is int:
        return str(value)
    if type(value) is bytes:
        return f'"\\\\x{value.hex()}"'
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
