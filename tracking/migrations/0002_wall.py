"""The wall of this app: row-level security, grants and keys that cannot cross merchants (kit/rls.py)."""

from django.db import migrations

from kit.rls import APPEND_ONLY, TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("tracking", "0001_initial"), ("advocates", "0002_wall")]

    operations = [
        TenantTable("Click", grants=APPEND_ONLY),
        TenantTable("Claim"),
        TenantTable("Order"),
        TenantTable("OrderFact", grants=APPEND_ONLY),
        TenantTable("Referral"),
        TenantKeys("Click"),
        TenantKeys("Claim"),
        TenantKeys("Order"),
        TenantKeys("OrderFact"),
        TenantKeys("Referral"),
    ]
