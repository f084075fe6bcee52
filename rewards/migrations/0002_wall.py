"""The wall of this app: row-level security, grants and keys that cannot cross merchants (kit/rls.py)."""

from django.db import migrations

from kit.rls import APPEND_ONLY, TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("rewards", "0001_initial"), ("tracking", "0002_wall")]

    operations = [
        TenantTable("Reward"),
        TenantTable("RewardBlock"),
        TenantTable("FulfilmentAttempt"),
        TenantTable("Posting", grants=APPEND_ONLY),
        TenantTable("LedgerEntry", grants=APPEND_ONLY),
        TenantKeys("Reward"),
        TenantKeys("RewardBlock"),
        TenantKeys("FulfilmentAttempt"),
        TenantKeys("Posting"),
        TenantKeys("LedgerEntry"),
    ]
