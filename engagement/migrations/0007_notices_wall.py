"""The wall around what people of a team do not want to be told of (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantTable


class Migration(migrations.Migration):
    dependencies = [("engagement", "0006_notices")]

    operations = [TenantTable("SwitchedOff")]
