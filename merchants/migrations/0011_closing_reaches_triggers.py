"""Triggers that keep sums name their tables without a schema. The function that deletes has to find them: nobody but the
owner may make anything in ``public``, so nothing there can lead it astray."""

from django.db import migrations

NAME = "delete_of_closed_workspace(uuid, text[], integer)"


class Migration(migrations.Migration):
    dependencies = [("merchants", "0010_closing_wall")]

    operations = [
        migrations.RunSQL(
            f"ALTER FUNCTION {NAME} SET search_path = pg_catalog, public, pg_temp",
            f"ALTER FUNCTION {NAME} SET search_path = pg_catalog, pg_temp",
        )
    ]
