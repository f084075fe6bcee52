import django.db.models.deletion
import kit.ids
import kit.tenancy
import merchants.models
from django.db import migrations, models

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0004_heartbeat"),
        ("merchants", "0002_wall"),
    ]

    operations = [
        migrations.CreateModel(
            name="BulkUpload",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("received_at", models.DateTimeField()),
                ("received_by", models.CharField(max_length=60)),
                ("count", models.PositiveIntegerField()),
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
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="BulkLine",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("external_id", models.CharField(blank=True, max_length=120)),
                ("body", models.BinaryField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[("WAITING", "Waiting"), ("DONE", "Done"), ("REFUSED", "Refused")],
                        default="WAITING",
                        max_length=10,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_try_at", models.DateTimeField()),
                ("handled_at", models.DateTimeField(null=True)),
                ("order_id", models.UUIDField(null=True)),
                ("problem", models.JSONField(null=True)),
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
                    "upload",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="integrations.bulkupload",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "WAITING")),
                        fields=["merchant", "next_try_at"],
                        name="bulk_line_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "upload", "number"), name="bulk_line_number"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("handled_at", None), ("state", "WAITING")),
                            models.Q(
                                models.Q(("state", "WAITING"), _negated=True),
                                ("body", None),
                                ("handled_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="bulk_line_handled",
                    ),
                ],
            },
        ),
        TenantTable("BulkUpload"),
        TenantTable("BulkLine"),
        TenantKeys("BulkUpload"),
        TenantKeys("BulkLine"),
    ]
