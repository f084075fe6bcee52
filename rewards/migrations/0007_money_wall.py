"""The wall around budgets, bonus campaigns, payouts and what goes with them (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable

TABLES = (
    "Withdrawal",
    "DeliveryAddress",
    "Budget",
    "BonusCampaign",
    "Allowance",
    "PayoutPolicy",
    "PayoutAccount",
    "Payout",
    "PayoutLine",
    "PayoutItem",
    "TaxForm",
)


class Migration(migrations.Migration):
    dependencies = [("rewards", "0006_money"), ("programs", "0004_money_wall")]

    operations = [
        *(TenantTable(name) for name in TABLES),
        *(TenantKeys(name) for name in TABLES),
        TenantKeys("Reward", ["kind"]),
    ]
