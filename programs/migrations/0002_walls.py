"""The wall around programs and what they give (kit/rls.py)."""

from django.db import migrations

from kit.rls import APPEND_ONLY, TenantKeys, TenantTable

TABLES = (
    "Program",
    "CodePool",
    "PoolCode",
    "RewardKind",
    "KindStock",
    "Setup",
    "Drive",
)
APPENDED = ("TermsVersion",)
KEYED = (
    "Program",
    "TermsVersion",
    "CodePool",
    "PoolCode",
    "RewardKind",
    "KindStock",
    "Setup",
    "Drive",
)


class Migration(migrations.Migration):
    replaces = [
        ("programs", "0011_drive_wall"),
    ]
    dependencies = [
        ("programs", "0001_tables"),
        ("merchants", "0002_walls"),
    ]

    operations = [
        *(TenantTable(name) for name in TABLES),
        *(TenantTable(name, grants=APPEND_ONLY) for name in APPENDED),
        *(TenantKeys(name) for name in KEYED),
    ]
