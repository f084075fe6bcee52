"""The wall around kinds of reward and their stock (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("programs", "0003_money")]

    operations = [
        TenantTable("RewardKind"),
        TenantTable("KindStock"),
        TenantKeys("RewardKind"),
        TenantKeys("KindStock"),
        TenantKeys("CodePool", ["kind"]),
    ]
