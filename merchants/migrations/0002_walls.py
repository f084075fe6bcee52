"""The wall around what belongs to a merchant (kit/rls.py), and what the control plane keeps outside it."""

from django.db import migrations

from kit.rls import APPEND_ONLY, ControlTable, DoorTable, TenantKeys, TenantTable

CONTROL = (
    "User",
    "Merchant",
    "Membership",
    "Invitation",
    "Session",
    "SecondFactor",
    "RecoveryCode",
)
CONTROL_KEPT_OR_DELETED = ("WakeUp",)
DOORS = ("Door",)
TABLES = (
    "Workspace",
    "ApiKey",
    "Outbox",
    "IdempotentRequest",
    "Host",
)
APPENDED = ("Event",)
KEYED = (
    "Workspace",
    "ApiKey",
    "Event",
    "Outbox",
    "IdempotentRequest",
    "Host",
)


class Migration(migrations.Migration):
    replaces = [
        ("merchants", "0008_sign_in_wall"),
    ]
    dependencies = [
        ("merchants", "0001_tables"),
    ]

    operations = [
        *(ControlTable(name) for name in CONTROL),
        *(ControlTable(name, grants="SELECT, INSERT, DELETE") for name in CONTROL_KEPT_OR_DELETED),
        *(DoorTable(name, grants="SELECT, INSERT, DELETE") for name in DOORS),
        *(TenantTable(name) for name in TABLES),
        *(TenantTable(name, grants=APPEND_ONLY) for name in APPENDED),
        *(TenantKeys(name) for name in KEYED),
    ]
