"""The wall around files that are taken in (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("imports", "0001_initial"), ("merchants", "0002_wall")]

    operations = [
        TenantTable("Import"),
        TenantTable("ImportFile"),
        TenantTable("KnownShape"),
        TenantKeys("Import"),
        TenantKeys("ImportFile"),
        TenantKeys("KnownShape"),
    ]
