"""The wall around leaks (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("tracking", "0008_leaks")]

    operations = [TenantTable("Leak"), TenantKeys("Leak")]
