"""The wall around introductions and assignments (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("tracking", "0010_introductions")]

    operations = [
        *(TenantTable(name) for name in ("Introduction", "Assignment")),
        *(TenantKeys(name) for name in ("Introduction", "Assignment")),
    ]
