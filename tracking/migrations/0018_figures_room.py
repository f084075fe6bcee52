"""Room beside the daily figures: they are added to all day, and a row that finds room on its page touches no index.

Nothing refers to them, so they need no key for that.
"""

from django.db import migrations

ROOM = """
ALTER TABLE tracking_daystat SET (fillfactor = 50);
ALTER TABLE tracking_linkday SET (fillfactor = 50);
ALTER TABLE tracking_daystat DROP CONSTRAINT tracking_daystat_tenant_key;
ALTER TABLE tracking_linkday DROP CONSTRAINT tracking_linkday_tenant_key;
"""


class Migration(migrations.Migration):
    dependencies = [("tracking", "0017_needs_worth")]

    operations = [migrations.RunSQL(ROOM, migrations.RunSQL.noop)]
