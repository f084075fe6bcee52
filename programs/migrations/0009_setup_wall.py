"""The wall around how far a workspace's set-up has come (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("programs", "0008_setup")]

    operations = [TenantTable("Setup"), TenantKeys("Setup")]
