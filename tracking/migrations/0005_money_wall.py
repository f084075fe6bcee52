"""A referral follows one of the same merchant (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys


class Migration(migrations.Migration):
    dependencies = [("tracking", "0004_money")]

    operations = [TenantKeys("Referral", ["follows"])]
