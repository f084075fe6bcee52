"""Write together what many rows' worth of work writes: ``with gathered(Order, Event): ...``

Within, what is saved or created of these tables waits in memory (kit.waiting) and goes off in one statement for each
table, at the end or as soon as anything is asked that looks at the table. Questions made once (kit.asked) are answered
from memory while nothing was written that they look at, and locks that are held are not taken again. So the work itself
stays as it is for one thing: it is only done oftener between two journeys to Postgres.

Ids are made, events numbered and checks made in Python just as ever; what Postgres refuses (a unique key, say) it
refuses when the rows go off. The caller must have the transaction to itself and let it fail as a whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import DatabaseError, models

from kit.many import insert_many, update_many
from kit.rows import WrittenOften
from kit.waiting import Values, Waiting, here, open_here


@contextmanager
def gathered(*tables: type[models.Model]) -> Iterator[None]:
    """Within another one: part of that."""
    if here():
        yield
        return
    for model in tables:
        _refuse_what_cannot_wait(model)
    with open_here(Waiting(tables, _write_new, _write_changes)):
        yield


def _refuse_what_cannot_wait(model: type[models.Model]) -> None:
    fields: list[Any] = list(model._meta.concrete_fields)
    odd = [field for field in fields if field.generated or isinstance(field, ArrayField | models.BinaryField)]
    odd += [field for field in fields if isinstance(field, models.JSONField) and field.null]
    if odd or not issubclass(model, WrittenOften):
        raise TypeError(f"{model._meta.label} cannot wait: {[field.name for field in odd]}")


def _write_new(model: type[models.Model], rows: Collection[Values]) -> None:
    columns = [str(field.column) for field in model._meta.concrete_fields]
    insert_many(model, each={column: [row[column] for row in rows] for column in columns})


def _write_changes(model: type[models.Model], rows: Mapping[UUID, Values]) -> None:
    alike: dict[tuple[str, ...], dict[UUID, Values]] = {}
    for key, values in rows.items():
        alike.setdefault(tuple(sorted(values)), {})[key] = values
    for names, changed in alike.items():
        each = {"id": list(changed), **{name: [values[name] for values in changed.values()] for name in names}}
        if update_many(model, same={}, each=each) != len(changed):
            raise DatabaseError(f"Of {model._meta.label} not every row was there to be changed.")
