import django.db.models.deletion
from django.db import migrations, models

import merchants.models


class Migration(migrations.Migration):
    dependencies = [("engagement", "0002_wall")]

    operations = [
        migrations.AlterField(
            model_name="message",
            name="customer",
            field=merchants.models.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="advocates.customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                condition=models.Q(("customer", None)),
                fields=("merchant", "outbox_id", "kind"),
                name="message_team_once",
            ),
        ),
    ]
