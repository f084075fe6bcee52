"""The wall around saved views (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("merchants", "0015_saved_views")]

    operations = [TenantTable("SavedView"), TenantKeys("SavedView")]
