"""Rewards are counted in units: currencies are some of them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rewards", "0004_attempt_unknown")]

    operations = [
        migrations.RenameField("Reward", "currency", "unit"),
        migrations.AlterField("Reward", "unit", models.CharField(max_length=12)),
    ]
