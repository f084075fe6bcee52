"""The wall around leads (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_initial"), ("advocates", "0002_wall"), ("tracking", "0002_wall")]

    operations = [TenantTable("Lead"), TenantKeys("Lead")]
