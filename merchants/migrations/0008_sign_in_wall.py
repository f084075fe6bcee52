"""Sessions and second factors belong to people and to no merchant (kit/rls.py)."""

from django.db import migrations

from kit.rls import ControlTable


class Migration(migrations.Migration):
    dependencies = [("merchants", "0007_sign_in")]

    operations = [
        ControlTable("Session"),
        ControlTable("SecondFactor"),
        ControlTable("RecoveryCode"),
    ]
