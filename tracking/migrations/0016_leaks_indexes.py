from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracking", "0015_clicks_wall")]

    operations = [
        migrations.AddIndex(
            model_name="linkday",
            index=models.Index(fields=["merchant", "day"], name="link_day_newest"),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("friend__isnull", False)), fields=["merchant", "friend"], name="claim_friend"
            ),
        ),
    ]
