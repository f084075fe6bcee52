from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("rewards", "0015_setbacks_wall")]

    operations = [
        migrations.AddIndex(
            model_name="reward",
            index=models.Index(condition=models.Q(("state", "FAILED")), fields=["merchant"], name="reward_failed"),
        ),
    ]
