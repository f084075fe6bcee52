import django.db.models.deletion
from django.db import migrations, models

import merchants.models


class Migration(migrations.Migration):
    """Lists of one program read their own index; it takes the place of the key's."""

    dependencies = [("advocates", "0006_links_wall"), ("programs", "0007_introductions")]

    operations = [
        migrations.AddIndex(
            model_name="advocate",
            index=models.Index(fields=["merchant", "program", "-enrolled_at", "-id"], name="advocate_program"),
        ),
        migrations.AlterField(
            model_name="advocate",
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
