"""The wall around what was left on friends' pages (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("leads", "0003_asked")]

    operations = [TenantTable("LeadAsked"), TenantKeys("LeadAsked")]
