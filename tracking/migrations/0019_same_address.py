from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracking", "0018_figures_room")]

    operations = [
        migrations.AddIndex(
            model_name="ordertrace",
            index=models.Index(
                condition=models.Q(("address", ""), _negated=True),
                fields=["merchant", "address", "-at"],
                name="order_trace_address",
            ),
        ),
    ]
