"""The wall of this app: row-level security, grants and keys that cannot cross merchants (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("integrations", "0001_initial"), ("merchants", "0002_wall")]

    operations = [
        TenantTable("Connection"),
        TenantTable("InboundEvent"),
        TenantKeys("Connection"),
        TenantKeys("InboundEvent"),
    ]
