import django.db.models.deletion
from django.db import migrations, models

import merchants.models


class Migration(migrations.Migration):
    """Lists of one program read their own index; it takes the place of the key's."""

    dependencies = [("tracking", "0021_claim_newest"), ("programs", "0007_introductions")]

    operations = [
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["merchant", "program", "-attributed_at", "-id"], name="referral_program"),
        ),
        migrations.AlterField(
            model_name="referral",
            name="program",
            field=merchants.models.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="programs.program",
            ),
        ),
    ]
