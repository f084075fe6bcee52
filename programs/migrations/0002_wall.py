"""The wall of this app: row-level security, grants and keys that cannot cross merchants (kit/rls.py)."""

from django.db import migrations

from kit.rls import APPEND_ONLY, TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("programs", "0001_initial"), ("merchants", "0002_wall")]

    operations = [
        TenantTable("Program"),
        TenantTable("TermsVersion", grants=APPEND_ONLY),
        TenantTable("CodePool"),
        TenantTable("PoolCode"),
        TenantKeys("Program"),
        TenantKeys("TermsVersion"),
        TenantKeys("CodePool"),
        TenantKeys("PoolCode"),
    ]
