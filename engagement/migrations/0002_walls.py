"""The wall around mails, heartbeats and switches (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable

TABLES = (
    "Message",
    "StaffLink",
    "PlaceDay",
    "Arrival",
    "PlaceWord",
    "SwitchedOff",
)
KEYED = (
    "Message",
    "StaffLink",
    "PlaceDay",
    "Arrival",
    "PlaceWord",
)


class Migration(migrations.Migration):
    replaces = [
        ("engagement", "0007_notices_wall"),
    ]
    dependencies = [
        ("engagement", "0001_tables"),
        ("advocates", "0002_walls"),
        ("merchants", "0002_walls"),
        ("programs", "0002_walls"),
    ]

    operations = [
        *(TenantTable(name) for name in TABLES),
        *(TenantKeys(name) for name in KEYED),
    ]
