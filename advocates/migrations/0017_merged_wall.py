"""The wall around merged people (kit/rls.py). What somebody shared stays as it was written, but for whose it is."""

from django.conf import settings
from django.db import migrations

from kit.rls import TenantKeys, TenantTable

TABLES = ("MergedCustomer", "MergedAdvocate")
SHARES = f'GRANT UPDATE (advocate_id) ON advocates_share TO "{settings.RUNTIME_ROLE}"'
BACK = f'REVOKE UPDATE (advocate_id) ON advocates_share FROM "{settings.RUNTIME_ROLE}"'


class Migration(migrations.Migration):
    dependencies = [("advocates", "0016_merged")]

    operations = [
        *(TenantTable(name) for name in TABLES),
        *(TenantKeys(name) for name in TABLES),
        migrations.RunSQL(SHARES, BACK),
    ]
