"""Migration operations that build the wall: row-level security, grants and composite foreign keys.

Every operation reads the models of the migration's own state, so a table's policy and keys cannot drift from it.
The runtime role gets its rights here, table by table; there are no default privileges.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

TENANT_MATCHES = "merchant_id = nullif(current_setting('app.merchant_id', true), '')::uuid"
READ_WRITE = "SELECT, INSERT, UPDATE, DELETE"
APPEND_ONLY = "SELECT, INSERT"


class _TableOperation(Operation):
    reversible = True
    reduces_to_sql = True

    def __init__(self, model: str, grants: str = READ_WRITE) -> None:
        self.model = model
        self.grants = grants

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        return self.__class__.__name__, [self.model], {"grants": self.grants}

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model)
        for sql in self.sql(model):
            schema_editor.execute(sql)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: Any, to_state: Any
    ) -> None:
        """The table goes with its migration; policies, grants and keys go with the table."""

    def sql(self, model: type[models.Model]) -> Iterator[str]:
        raise NotImplementedError

    def describe(self) -> str:
        return f"{self.__class__.__name__} {self.model}"

    def grant(self, table: str) -> str:
        return f'GRANT {self.grants} ON "{table}" TO "{settings.RUNTIME_ROLE}"'


class ControlTable(_TableOperation):
    """A table of the control plane: no tenant policy; listed in merchants/control.py."""

    def sql(self, model: type[models.Model]) -> Iterator[str]:
        yield self.grant(model._meta.db_table)


class TenantTable(_TableOperation):
    """A merchant's rows: forced row security, grants, UNIQUE (merchant_id, id). Its keys follow with TenantKeys."""

    def sql(self, model: type[models.Model]) -> Iterator[str]:
        table = model._meta.db_table
        yield from _force(table)
        yield f'CREATE POLICY tenant ON "{table}" TO "{settings.RUNTIME_ROLE}" USING ({TENANT_MATCHES}) WITH CHECK ({TENANT_MATCHES})'
        yield from _for_owner(table)
        yield self.grant(table)
        yield f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_tenant_key" UNIQUE (merchant_id, id)'


class TenantKeys(_TableOperation):
    """Composite foreign keys of a table, or of the named fields alone where they were added later.

    Comes after the TenantTable operations of every table it points to.
    """

    def __init__(self, model: str, fields: Sequence[str] | None = None) -> None:
        super().__init__(model)
        self.fields = fields

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        return self.__class__.__name__, [self.model], {"fields": self.fields} if self.fields else {}

    def sql(self, model: type[models.Model]) -> Iterator[str]:
        for field, target in tenant_keys(model):
            if self.fields is None or field.name in self.fields:
                yield composite_key_sql(model._meta.db_table, field.column, target)


class DoorTable(_TableOperation):
    """Doors are looked up before the tenant is known: SELECT is open, INSERT and DELETE are the own tenant's."""

    def sql(self, model: type[models.Model]) -> Iterator[str]:
        table, role = model._meta.db_table, settings.RUNTIME_ROLE
        yield from _force(table)
        yield f'CREATE POLICY door_read ON "{table}" FOR SELECT TO "{role}" USING (true)'
        yield f'CREATE POLICY door_insert ON "{table}" FOR INSERT TO "{role}" WITH CHECK ({TENANT_MATCHES})'
        yield f'CREATE POLICY door_delete ON "{table}" FOR DELETE TO "{role}" USING ({TENANT_MATCHES})'
        yield from _for_owner(table)
        yield self.grant(table)


def _force(table: str) -> Iterator[str]:
    yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
    yield f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY'


def _for_owner(table: str) -> Iterator[str]:
    """Without its own policy FORCE would make the owner's data migrations silently see no rows."""
    yield f'CREATE POLICY migrations ON "{table}" TO "{settings.OWNER_ROLE}" USING (true) WITH CHECK (true)'


def tenant_keys(model: type[models.Model]) -> Iterator[tuple[models.ForeignKey[Any, Any], str]]:
    """(field, target table) of every foreign key that points at another merchant-owned table."""
    for field in model._meta.concrete_fields:
        if isinstance(field, models.ForeignKey) and _has_tenant(field.related_model):
            yield field, field.related_model._meta.db_table


def _has_tenant(model: Any) -> bool:
    return any(field.name == "merchant" for field in model._meta.concrete_fields) and model._meta.pk.name == "id"


def composite_key_sql(table: str, column: str, target: str) -> str:
    """A plain foreign key ignores row security; this one cannot point into another tenant."""
    return (
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{column}_tenant" '
        f'FOREIGN KEY (merchant_id, {column}) REFERENCES "{target}" (merchant_id, id)'
    )
