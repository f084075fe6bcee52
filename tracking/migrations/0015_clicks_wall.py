"""The wall around the daily figures, the salts and what was set aside; the figures of the clicks that stand."""

from django.db import migrations

from kit.rls import ControlTable, TenantKeys, TenantTable

KEPT_OR_DELETED = "SELECT, INSERT, DELETE"
FILL = """
INSERT INTO tracking_daystat (id, merchant_id, day, program_id, channel, variant, clicks)
SELECT gen_random_uuid(), click.merchant_id, (click.at AT TIME ZONE place.time_zone)::date, click.program_id,
    click.channel, click.variant, count(*)
FROM tracking_click click JOIN merchants_workspace place ON place.merchant_id = click.merchant_id
GROUP BY click.merchant_id, 3, click.program_id, click.channel, click.variant;
INSERT INTO tracking_linkday (id, merchant_id, link_id, day, clicks)
SELECT gen_random_uuid(), click.merchant_id, click.link_id, (click.at AT TIME ZONE place.time_zone)::date, count(*)
FROM tracking_click click JOIN merchants_workspace place ON place.merchant_id = click.merchant_id
GROUP BY click.merchant_id, click.link_id, 4;
"""


class Migration(migrations.Migration):
    dependencies = [("tracking", "0014_clicks"), ("merchants", "0002_wall")]

    operations = [
        TenantTable("DayStat"),
        TenantTable("LinkDay"),
        TenantTable("Salt", grants=KEPT_OR_DELETED),
        TenantTable("SetAside", grants=KEPT_OR_DELETED),
        ControlTable("StrayEntry", grants=KEPT_OR_DELETED),
        TenantKeys("DayStat"),
        TenantKeys("LinkDay"),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
