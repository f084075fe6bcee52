from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("merchants", "0011_closing_reaches_triggers"),
    ]

    operations = [
        migrations.AddField(
            model_name="deletedworkspace",
            name="address_hash",
            field=models.CharField(blank=True, default="", max_length=64),
        ),
    ]
