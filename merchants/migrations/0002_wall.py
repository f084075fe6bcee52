"""The wall of this app: row-level security, grants and keys that cannot cross merchants (kit/rls.py)."""

from django.db import migrations

from kit.rls import APPEND_ONLY, ControlTable, DoorTable, TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("merchants", "0001_initial")]

    operations = [
        ControlTable("User"),
        ControlTable("Merchant"),
        ControlTable("Membership"),
        ControlTable("Invitation"),
        ControlTable("WakeUp", grants="SELECT, INSERT, DELETE"),
        DoorTable("Door", grants="SELECT, INSERT, DELETE"),
        TenantTable("Workspace"),
        TenantTable("ApiKey"),
        TenantTable("Event", grants=APPEND_ONLY),
        TenantTable("Outbox"),
        TenantTable("IdempotentRequest"),
        TenantKeys("Workspace"),
        TenantKeys("ApiKey"),
        TenantKeys("Event"),
        TenantKeys("Outbox"),
        TenantKeys("IdempotentRequest"),
    ]
