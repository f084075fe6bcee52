"""The wall around exports (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable

TABLES = (
    "Export",
    "ExportPart",
)
KEYED = (
    "Export",
    "ExportPart",
)


class Migration(migrations.Migration):
    replaces = [
        ("exports", "0002_wall"),
    ]
    dependencies = [
        ("exports", "0001_tables"),
        ("merchants", "0002_walls"),
    ]

    operations = [
        *(TenantTable(name) for name in TABLES),
        *(TenantKeys(name) for name in KEYED),
    ]
