"""The wall around merchants' own hosts (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("merchants", "0003_links")]

    operations = [TenantTable("Host"), TenantKeys("Host")]
