import django.db.models.deletion
from django.db import migrations, models

import kit.ids
import kit.tenancy
import merchants.models


class Migration(migrations.Migration):
    dependencies = [
        ("rewards", "0016_reward_failed"),
        ("programs", "0007_introductions"),
        ("merchants", "0005_click_retention"),
    ]

    operations = [
        migrations.CreateModel(
            name="RewardSum",
            fields=[
                (
                    "id",
                    models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False),
                ),
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
                    "program",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.program",
                    ),
                ),
                (
                    "side",
                    models.CharField(choices=[("ADVOCATE", "Advocate"), ("FRIEND", "Friend")], max_length=10),
                ),
                ("unit", models.CharField(max_length=12)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("HELD", "Held"),
                            ("RELEASED", "Released"),
                            ("FULFILLING", "Being delivered"),
                            ("FULFILLED", "Delivered"),
                            ("CANCELLED", "Cancelled"),
                            ("REVERSED", "Taken back"),
                            ("EXPIRED", "Expired"),
                            ("FAILED", "Failed"),
                        ],
                        max_length=12,
                    ),
                ),
                ("rewards", models.BigIntegerField()),
                ("amount_minor", models.BigIntegerField()),
                ("clawed_back_minor", models.BigIntegerField()),
            ],
            options={"indexes": [models.Index(fields=["merchant", "program"], name="reward_sum_program")]},
        ),
        migrations.AddIndex(
            model_name="reward",
            index=models.Index(fields=["merchant", "program", "-created_at", "-id"], name="reward_program"),
        ),
        migrations.RemoveIndex(model_name="reward", name="reward_ends"),
        migrations.AddIndex(
            model_name="reward",
            index=models.Index(
                condition=models.Q(("state", "FULFILLED"), ("used_at", None)),
                fields=["merchant", "valid_until"],
                name="reward_ends",
            ),
        ),
        migrations.AlterField(
            model_name="reward",
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
