"""The key from a link to the one that took its place (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys


class Migration(migrations.Migration):
    dependencies = [("advocates", "0005_links")]

    operations = [TenantKeys("Link", ["replaced_by"])]
