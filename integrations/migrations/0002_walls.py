"""The wall around connections and what comes through them (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable

TABLES = (
    "Connection",
    "InboundEvent",
    "Heartbeat",
    "BulkUpload",
    "BulkLine",
)
KEYED = (
    "Connection",
    "InboundEvent",
    "Heartbeat",
    "BulkUpload",
    "BulkLine",
)


class Migration(migrations.Migration):
    replaces = [
        ("integrations", "0006_services"),
    ]
    dependencies = [
        ("integrations", "0001_tables"),
        ("merchants", "0002_walls"),
    ]

    operations = [
        *(TenantTable(name) for name in TABLES),
        *(TenantKeys(name) for name in KEYED),
    ]
