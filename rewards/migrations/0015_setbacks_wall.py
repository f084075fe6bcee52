"""The wall around what broke in sweeps (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantTable


class Migration(migrations.Migration):
    dependencies = [("rewards", "0014_setbacks")]

    operations = [TenantTable("Setback")]
