import django.db.models.deletion
from django.db import migrations, models

import kit.ids
import kit.tenancy
import merchants.models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("integrations", "0001_initial"),
        ("integrations", "0002_wall"),
        ("integrations", "0003_connection_purposes"),
        ("integrations", "0004_heartbeat"),
        ("integrations", "0005_bulk"),
    ]

    dependencies = [
        ("merchants", "0001_tables"),
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
            name="Connection",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("SHOPIFY", "Shopify"),
                            ("WOOCOMMERCE", "WooCommerce"),
                            ("STRIPE", "Stripe"),
                            ("GIFT_CARDS", "Gift cards"),
                            ("WEBHOOK", "Webhook"),
                        ],
                        max_length=12,
                    ),
                ),
                ("purposes", models.JSONField(default=list)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("address", models.CharField(max_length=300, verbose_name="address")),
                ("credentials", models.TextField()),
                ("hook_token", models.CharField(blank=True, max_length=80)),
                ("reports_shipping", models.BooleanField(default=True, verbose_name="the shop reports shipping")),
                (
                    "health",
                    models.CharField(
                        choices=[
                            ("UNKNOWN", "Nothing received yet"),
                            ("GOOD", "Working"),
                            ("FAILING", "Failing"),
                            ("OFF", "Switched off"),
                        ],
                        default="UNKNOWN",
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("last_event_at", models.DateTimeField(null=True)),
                ("last_error", models.CharField(blank=True, max_length=300)),
                ("last_error_at", models.DateTimeField(null=True)),
                ("removed_at", models.DateTimeField(null=True)),
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
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at", None)),
                        fields=("merchant", "kind", "address"),
                        name="connection_address",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("placement", models.CharField(max_length=60)),
                ("page_host", models.CharField(max_length=260)),
                ("day", models.DateField()),
                ("first_at", models.DateTimeField()),
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
                    models.UniqueConstraint(fields=("merchant", "day", "placement", "page_host"), name="heartbeat_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="InboundEvent",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("topic", models.CharField(max_length=60)),
                ("delivery_id", models.CharField(max_length=120)),
                ("delivery_count", models.PositiveIntegerField(default=1)),
                ("triggered_at", models.DateTimeField(null=True)),
                ("received_at", models.DateTimeField()),
                ("body", models.BinaryField(null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("WAITING", "Waiting"),
                            ("HANDLED", "Handled"),
                            ("IGNORED", "Not for us"),
                            ("SET_ASIDE", "Set aside"),
                        ],
                        default="WAITING",
                        max_length=10,
                    ),
                ),
                ("handled_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_try_at", models.DateTimeField()),
                ("error", models.CharField(blank=True, max_length=300)),
                ("result", models.CharField(blank=True, max_length=60)),
                ("order_id", models.UUIDField(null=True)),
                (
                    "connection",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="integrations.connection",
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
                "indexes": [
                    models.Index(
                        condition=models.Q(("handled_at", None)),
                        fields=["merchant", "next_try_at"],
                        name="inbound_waiting",
                    ),
                    models.Index(fields=["merchant", "connection", "-received_at"], name="inbound_newest"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "connection", "delivery_id"), name="inbound_delivery"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("handled_at", None), ("state", "WAITING")),
                            models.Q(models.Q(("state", "WAITING"), _negated=True), ("handled_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="inbound_handled_at",
                    ),
                ],
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
    ]
