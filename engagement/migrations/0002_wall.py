"""The wall of this app: row-level security, grants and keys that cannot cross merchants (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("engagement", "0001_initial"), ("advocates", "0002_wall")]

    operations = [
        TenantTable("Message"),
        TenantKeys("Message"),
    ]
