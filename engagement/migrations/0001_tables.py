import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kit.ids
import kit.tenancy
import merchants.models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("engagement", "0001_initial"),
        ("engagement", "0002_wall"),
        ("engagement", "0003_team_messages"),
        ("engagement", "0004_promotion"),
        ("engagement", "0005_promotion_wall"),
        ("engagement", "0006_notices"),
    ]

    dependencies = [
        ("advocates", "0001_tables"),
        ("merchants", "0001_tables"),
        ("merchants", "__first__"),
        ("programs", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="StaffLink",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("mark", models.CharField(db_collation="C", max_length=20)),
                ("created_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(null=True)),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.program",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "mark"), name="staff_link_mark"),
                    models.UniqueConstraint(
                        condition=models.Q(("retired_at", None)),
                        fields=("merchant", "program", "name"),
                        name="staff_link_name",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlaceDay",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "place",
                    models.CharField(
                        choices=[
                            ("post-purchase", "post-purchase"),
                            ("account", "account"),
                            ("newsletter", "newsletter"),
                            ("homepage", "homepage"),
                            ("staff", "staff"),
                            ("poster", "poster"),
                            ("app-menu", "app-menu"),
                            ("chat", "chat"),
                            ("social", "social"),
                            ("blog", "blog"),
                            ("phone", "phone"),
                        ],
                        max_length=20,
                    ),
                ),
                ("day", models.DateField()),
                ("opened", models.PositiveIntegerField(default=0)),
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
                    "staff_link",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="engagement.stafflink",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "day", "program", "place", "staff_link"),
                        name="place_day_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Arrival",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "place",
                    models.CharField(
                        choices=[
                            ("post-purchase", "post-purchase"),
                            ("account", "account"),
                            ("newsletter", "newsletter"),
                            ("homepage", "homepage"),
                            ("staff", "staff"),
                            ("poster", "poster"),
                            ("app-menu", "app-menu"),
                            ("chat", "chat"),
                            ("social", "social"),
                            ("blog", "blog"),
                            ("phone", "phone"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                (
                    "advocate",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="advocates.advocate",
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
                (
                    "staff_link",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="engagement.stafflink",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "at"], name="arrival_newest")],
                "constraints": [models.UniqueConstraint(fields=("merchant", "advocate"), name="arrival_once")],
            },
        ),
        migrations.CreateModel(
            name="SwitchedOff",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
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
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant", "user", "kind"), name="switched_off_once")],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=40)),
                ("outbox_id", models.UUIDField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("SENDING", "Being sent"),
                            ("SENT", "Sent"),
                            ("SKIPPED", "Not sent"),
                            ("FAILED", "Failed"),
                        ],
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=60)),
                ("at", models.DateTimeField()),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="advocates.customer",
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
                "indexes": [models.Index(fields=["merchant", "customer", "at"], name="message_customer")],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "outbox_id", "kind", "customer"), name="message_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("customer", None)),
                        fields=("merchant", "outbox_id", "kind"),
                        name="message_team_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PlaceWord",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "place",
                    models.CharField(
                        choices=[
                            ("post-purchase", "post-purchase"),
                            ("account", "account"),
                            ("newsletter", "newsletter"),
                            ("homepage", "homepage"),
                            ("staff", "staff"),
                            ("poster", "poster"),
                            ("app-menu", "app-menu"),
                            ("chat", "chat"),
                            ("social", "social"),
                            ("blog", "blog"),
                            ("phone", "phone"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "says",
                    models.CharField(
                        blank=True, choices=[("DONE", "We do this"), ("NOT_OURS", "This is not for us")], max_length=10
                    ),
                ),
                ("said_at", models.DateTimeField()),
                ("said_by", models.CharField(max_length=60)),
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
                "constraints": [models.UniqueConstraint(fields=("merchant", "place"), name="place_word_once")],
            },
        ),
    ]
