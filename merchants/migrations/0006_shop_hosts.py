from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("merchants", "0005_click_retention")]

    operations = [
        migrations.AddField(
            model_name="host",
            name="use",
            field=models.CharField(
                choices=[("PAGES", "Links under it"), ("SHOP", "Links may lead to it")], default="PAGES", max_length=5
            ),
        ),
    ]
