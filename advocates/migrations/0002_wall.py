"""The wall of this app: row-level security, grants and keys that cannot cross merchants (kit/rls.py)."""

from django.db import migrations

from kit.rls import APPEND_ONLY, TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("advocates", "0001_initial"), ("programs", "0002_wall")]

    operations = [
        TenantTable("Customer"),
        TenantTable("Advocate"),
        TenantTable("Link"),
        TenantTable("Share", grants=APPEND_ONLY),
        TenantTable("MagicLink"),
        TenantKeys("Customer"),
        TenantKeys("Advocate"),
        TenantKeys("Link"),
        TenantKeys("Share"),
        TenantKeys("MagicLink"),
    ]
