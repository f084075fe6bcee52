"""The wall around what is known and decided about fraud (kit/rls.py); referrals learn when their order was placed."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable

TABLES = (
    "FraudPolicy",
    "ListEntry",
    "OrderTrace",
    "AdvocateTrace",
    "Reassessment",
    "Review",
    "Breaker",
)
FILL = """UPDATE tracking_referral referral SET ordered_at = orders.placed_at FROM tracking_order orders
          WHERE orders.id = referral.order_id"""


class Migration(migrations.Migration):
    dependencies = [("tracking", "0012_fraud")]

    operations = [
        *(TenantTable(name) for name in TABLES),
        *(TenantKeys(name) for name in TABLES),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
