"""The wall around surprises and what people spend of their balance (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("rewards", "0008_gifts"), ("programs", "0005_kind_pools")]

    operations = [
        *(TenantTable(name) for name in ("Surprise", "Spend")),
        *(TenantKeys(name) for name in ("Surprise", "Spend")),
        TenantKeys("DeliveryAddress", ["kind"]),
    ]
