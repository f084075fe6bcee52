"""A click's program is held by its figures, and no longer asked for by the row of the click.

The statement that records clicks adds them to DayStat, whose composite key names the same program of the same merchant:
once for each day and program instead of once for each click, which cost as much as all of the rest of the row.
"""

from django.db import migrations

from kit.rls import composite_key_sql


class Migration(migrations.Migration):
    dependencies = [("tracking", "0020_review_lists")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE tracking_click DROP CONSTRAINT tracking_click_program_id_tenant",
            composite_key_sql("tracking_click", "program_id", "programs_program"),
        )
    ]
