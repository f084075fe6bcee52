from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracking", "0019_same_address")]

    operations = [
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("state", "OPEN"), _negated=True),
                fields=["merchant", "-decided_at", "-id"],
                name="review_decided",
            ),
        ),
        migrations.AddIndex(
            model_name="review",
            index=models.Index(
                condition=models.Q(("cause", "SAMPLE")),
                fields=["merchant", "-opened_at", "-id"],
                name="review_sample",
            ),
        ),
    ]
