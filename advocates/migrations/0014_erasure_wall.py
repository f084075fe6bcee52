"""The wall around marks of erased people (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("advocates", "0013_erasure")]

    operations = [TenantTable("ErasedMark"), TenantKeys("ErasedMark")]
