"""The wall around test drives (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("programs", "0010_drive")]

    operations = [TenantTable("Drive"), TenantKeys("Drive")]
