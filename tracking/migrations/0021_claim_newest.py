from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracking", "0020_click_program")]

    operations = [
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(fields=["merchant", "-claimed_at", "-id"], name="claim_newest"),
        ),
    ]
