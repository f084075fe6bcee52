import django.db.models.deletion
from django.db import migrations, models

import kit.ids
import kit.tenancy
import merchants.models


class Migration(migrations.Migration):
    dependencies = [
        ("advocates", "0007_by_program"),
        ("merchants", "0005_click_retention"),
        ("tracking", "0022_by_program"),
    ]

    operations = [
        migrations.CreateModel(
            name="OfferAsked",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "merchant",
                    models.ForeignKey(
                        db_index=False,
                        default=kit.tenancy.current_merchant_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="merchants.merchant",
                    ),
                ),
                (
                    "link",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="advocates.link",
                    ),
                ),
                ("email", models.EmailField(max_length=254)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("name_shown", models.BooleanField(default=False)),
                ("click_id", models.UUIDField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_try_at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["merchant", "next_try_at"], name="offer_asked_due")]},
        ),
    ]
