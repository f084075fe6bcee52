"""How much a merchant has, in one statement: tests of refusals ask it before and after."""

from __future__ import annotations

from functools import cache

from django.apps import apps

from kit.connections import prepared_cursor
from kit.tenancy import tenant_scope, tenant_transaction
from merchants.models import Merchant, TenantModel


def rows_of(merchant: Merchant) -> dict[str, int]:
    """How many rows the merchant has in every table, by the name of its model."""
    with tenant_scope(merchant.tenant_ref()), tenant_transaction(read_only=True), prepared_cursor() as cursor:
        cursor.execute(_counting())
        return dict(cursor.fetchall())


@cache
def _counting() -> str:
    """The wall in the database shows this merchant's rows alone."""
    models = [model for model in apps.get_models() if issubclass(model, TenantModel)]
    each = [f"SELECT '{model._meta.label}', count(*) FROM \"{model._meta.db_table}\"" for model in models]
    return " UNION ALL ".join(each)
