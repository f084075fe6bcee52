"""The wall around what the team keeps about people (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable

TABLES = ("Note", "Tag", "Tagged", "Task", "Viewing")


class Migration(migrations.Migration):
    dependencies = [("advocates", "0008_desk")]

    operations = [*map(TenantTable, TABLES), *map(TenantKeys, TABLES)]
