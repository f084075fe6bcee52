"""Save of a row only what differs: a row that stands as it stood is not written anew, nor are its indexes."""

from __future__ import annotations

from typing import Any

from django.db import models

Values = dict[str, Any]


def values_of(row: models.Model) -> Values:
    """Its columns as they are in memory now, by attribute: to be compared with later."""
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def save_changed(row: models.Model, *, before: Values) -> None:
    """One UPDATE of the columns that are not as ``before``; no statement when there are none."""
    changed = [name for name, value in values_of(row).items() if value != before[name]]
    if changed:
        row.save(update_fields=changed)
