"""The wall around what was written down as files (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("exports", "0001_initial"), ("merchants", "0002_wall")]

    operations = [
        TenantTable("Export"),
        TenantTable("ExportPart"),
        TenantKeys("Export"),
        TenantKeys("ExportPart"),
    ]
