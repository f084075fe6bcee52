from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rewards", "0003_ledger_balances")]

    operations = [
        migrations.AlterField(
            model_name="fulfilmentattempt",
            name="state",
            field=models.CharField(
                choices=[
                    ("CLAIMED", "Under way"),
                    ("SUCCEEDED", "Delivered"),
                    ("RETRY", "To be tried again"),
                    ("UNKNOWN", "Without an answer"),
                    ("FAILED", "Refused"),
                ],
                max_length=10,
            ),
        ),
    ]
