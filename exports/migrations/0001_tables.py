import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kit.ids
import kit.tenancy
import merchants.models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("exports", "0001_initial"),
    ]

    dependencies = [
        ("merchants", "0001_tables"),
        ("merchants", "__first__"),
    ]

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("list", models.CharField(max_length=40)),
                ("query", models.TextField(blank=True)),
                ("language", models.CharField(max_length=10)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("OWNER", "Owner"),
                            ("ADMIN", "Admin"),
                            ("MARKETER", "Marketer"),
                            ("REVIEWER", "Reviewer"),
                            ("FINANCE", "Finance"),
                            ("SUPPORT", "Support"),
                            ("ANALYST", "Analyst"),
                        ],
                        max_length=20,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("WAITING", "Begins in a moment"),
                            ("WRITING", "Being written"),
                            ("READY", "Ready"),
                            ("FAILED", "Failed"),
                            ("REMOVED", "Removed"),
                        ],
                        default="WAITING",
                        max_length=10,
                    ),
                ),
                ("listed_at", models.DateTimeField(null=True)),
                ("rows", models.PositiveIntegerField(default=0)),
                ("rows_done", models.PositiveIntegerField(default=0)),
                ("lines", models.PositiveIntegerField(default=0)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_try_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, max_length=40)),
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
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "user", "-asked_at", "-id"], name="export_newest"),
                    models.Index(
                        condition=models.Q(("state__in", ["WAITING", "WRITING"])),
                        fields=["merchant", "next_try_at"],
                        name="export_open",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["READY", "FAILED"])),
                        fields=["merchant", "expires_at"],
                        name="export_ends",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("done_at", None), ("expires_at", None), ("state__in", ["WAITING", "WRITING"])),
                            models.Q(
                                ("done_at__isnull", False),
                                ("expires_at__isnull", False),
                                ("state__in", ["READY", "FAILED", "REMOVED"]),
                            ),
                            _connector="OR",
                        ),
                        name="export_done",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "REMOVED"), _negated=True), ("query", ""), _connector="OR"
                        ),
                        name="export_removed_forgets",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rows_done__lte", models.F("rows"))), name="export_rows_done"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ExportPart",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("keys", models.BinaryField(null=True)),
                ("body", models.BinaryField(null=True)),
                (
                    "export",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="exports.export",
                    ),
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
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "export", "number"), name="export_part_number"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("body__isnull", False), ("keys", None)),
                            models.Q(("body", None), ("keys__isnull", False)),
                            _connector="OR",
                        ),
                        name="export_part_either",
                    ),
                ],
            },
        ),
    ]
