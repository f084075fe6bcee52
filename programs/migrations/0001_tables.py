import django.db.models.deletion
from django.db import migrations, models

import kit.ids
import kit.tenancy
import merchants.models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("programs", "0001_initial"),
        ("programs", "0002_wall"),
        ("programs", "0003_money"),
        ("programs", "0004_money_wall"),
        ("programs", "0005_kind_pools"),
        ("programs", "0006_links"),
        ("programs", "0007_introductions"),
        ("programs", "0008_setup"),
        ("programs", "0009_setup_wall"),
        ("programs", "0010_drive"),
    ]

    dependencies = [
        ("merchants", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Program",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("slug", models.SlugField(max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[("DRAFT", "Draft"), ("ACTIVE", "Active"), ("PAUSED", "Paused"), ("ENDED", "Ended")],
                        default="DRAFT",
                        max_length=10,
                    ),
                ),
                ("draft", models.JSONField()),
                (
                    "auto_enrol",
                    models.CharField(
                        choices=[
                            ("OFF", "Nobody automatically"),
                            ("INVITE", "Invite by mail after the first paid order"),
                            ("ON", "Enrol after the first paid order"),
                        ],
                        default="OFF",
                        max_length=10,
                    ),
                ),
                ("self_sign_up", models.BooleanField(default=True, verbose_name="customers may join by themselves")),
                ("introduction_days", models.PositiveSmallIntegerField(default=14)),
                ("introduction_mail", models.BooleanField(default=False)),
                (
                    "landing",
                    models.CharField(
                        choices=[
                            ("PAGE", "A page with the offer, then the shop"),
                            ("REDIRECT", "Straight to the shop"),
                        ],
                        default="PAGE",
                        max_length=10,
                    ),
                ),
                ("destination", models.CharField(blank=True, max_length=2048)),
                ("utm", models.JSONField(default=dict)),
                ("own_codes", models.BooleanField(default=False, verbose_name="advocates may choose their own code")),
                ("created_at", models.DateTimeField()),
                ("published_at", models.DateTimeField(null=True)),
                ("paused_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("archived_at", models.DateTimeField(null=True)),
                ("out_of_budget_at", models.DateTimeField(null=True)),
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
                "constraints": [models.UniqueConstraint(fields=("merchant", "slug"), name="program_slug")],
            },
        ),
        migrations.CreateModel(
            name="RewardKind",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "form",
                    models.CharField(
                        choices=[
                            ("PERCENT_CODE", "PERCENT_CODE"),
                            ("FIXED_CODE", "FIXED_CODE"),
                            ("FREE_SHIPPING_CODE", "FREE_SHIPPING_CODE"),
                            ("FREE_PRODUCT_CODE", "FREE_PRODUCT_CODE"),
                            ("STORE_CREDIT", "STORE_CREDIT"),
                            ("POINTS", "POINTS"),
                            ("FREE_TIME", "FREE_TIME"),
                            ("SUBSCRIPTION_CREDIT", "SUBSCRIPTION_CREDIT"),
                            ("CUSTOM_UNIT", "CUSTOM_UNIT"),
                            ("CASH", "CASH"),
                            ("GIFT_CARD", "GIFT_CARD"),
                            ("GIFT", "GIFT"),
                            ("SWAG", "SWAG"),
                            ("PLAN_UPGRADE", "PLAN_UPGRADE"),
                            ("DONATION", "DONATION"),
                            ("ANYTHING", "ANYTHING"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "fulfilment",
                    models.CharField(
                        choices=[
                            ("COUPON_POOL", "COUPON_POOL"),
                            ("COUPON_WEBHOOK", "COUPON_WEBHOOK"),
                            ("SHOPIFY_DISCOUNT", "SHOPIFY_DISCOUNT"),
                            ("WOOCOMMERCE_COUPON", "WOOCOMMERCE_COUPON"),
                            ("STRIPE_PROMOTION", "STRIPE_PROMOTION"),
                            ("STRIPE_BALANCE", "STRIPE_BALANCE"),
                            ("BALANCE", "BALANCE"),
                            ("GIFT_CARD", "GIFT_CARD"),
                            ("PAYOUT", "PAYOUT"),
                            ("SHIPMENT", "SHIPMENT"),
                            ("WEBHOOK", "WEBHOOK"),
                            ("MANUAL", "MANUAL"),
                        ],
                        max_length=20,
                    ),
                ),
                ("unit", models.CharField(max_length=12)),
                ("fair_minor", models.BigIntegerField(null=True)),
                ("valid_days", models.PositiveIntegerField(null=True)),
                ("setting", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("archived_at", models.DateTimeField(null=True)),
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
                        condition=models.Q(("archived_at", None)), fields=("merchant", "name"), name="reward_kind_name"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KindStock",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("size", models.CharField(blank=True, max_length=20)),
                ("left", models.PositiveIntegerField()),
                ("filled", models.PositiveIntegerField(default=0)),
                ("low_told_at", models.DateTimeField(null=True)),
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
                    "kind",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.rewardkind",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant", "kind", "size"), name="kind_stock_size")],
            },
        ),
        migrations.CreateModel(
            name="CodePool",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "purpose",
                    models.CharField(choices=[("OFFER", "Friend offer"), ("REWARD", "Advocate reward")], max_length=10),
                ),
                ("created_at", models.DateTimeField()),
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.program",
                    ),
                ),
                (
                    "kind",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.rewardkind",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "program", "purpose", "kind"), name="code_pool_once", nulls_distinct=False
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", None), ("program__isnull", False)),
                            models.Q(("kind__isnull", False), ("program", None), ("purpose", "REWARD")),
                            _connector="OR",
                        ),
                        name="code_pool_of_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Setup",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("preset", models.CharField(blank=True, max_length=20)),
                ("figures", models.JSONField(default=dict)),
                ("skipped", models.JSONField(default=list)),
                ("terms_read", models.CharField(blank=True, max_length=64)),
                ("kept", models.JSONField(default=list)),
                ("created_at", models.DateTimeField()),
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.program",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant",), name="setup_once")],
            },
        ),
        migrations.CreateModel(
            name="TermsVersion",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("terms", models.JSONField()),
                ("published_at", models.DateTimeField()),
                ("published_by", models.CharField(max_length=60)),
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
                "constraints": [models.UniqueConstraint(fields=("merchant", "program", "number"), name="terms_number")],
            },
        ),
        migrations.AddField(
            model_name="program",
            name="terms",
            field=merchants.models.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="programs.termsversion",
            ),
        ),
        migrations.CreateModel(
            name="PoolCode",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=80)),
                ("position", models.PositiveIntegerField()),
                ("taken_for", models.UUIDField(null=True)),
                ("taken_at", models.DateTimeField(null=True)),
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
                    "pool",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.codepool",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("taken_for", None)),
                        fields=["merchant", "pool", "position"],
                        name="pool_code_free",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "code"), name="pool_code_once"),
                    models.UniqueConstraint(fields=("merchant", "pool", "taken_for"), name="pool_code_holder"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("taken_at", None), ("taken_for", None)),
                            models.Q(("taken_at__isnull", False), ("taken_for__isnull", False)),
                            _connector="OR",
                        ),
                        name="pool_code_taken",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Drive",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("terms_digest", models.CharField(max_length=64)),
                ("reached", models.CharField(blank=True, max_length=10)),
                ("comes_back", models.BooleanField(default=False)),
                ("started_at", models.DateTimeField()),
                ("attributed_at", models.DateTimeField(null=True)),
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
                    "stage",
                    models.ForeignKey(
                        db_index=False,
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
                    models.UniqueConstraint(fields=("merchant", "program", "number"), name="drive_number"),
                    models.UniqueConstraint(fields=("merchant", "stage"), name="drive_stage"),
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="program",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "DRAFT"),
                    models.Q(("published_at__isnull", False), ("terms__isnull", False)),
                    _connector="OR",
                ),
                name="program_published_has_terms",
            ),
        ),
        migrations.AddConstraint(
            model_name="program",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("paused_at__isnull", False), ("state", "PAUSED")),
                    models.Q(("state", "PAUSED"), _negated=True),
                    _connector="OR",
                ),
                name="program_paused_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="program",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", False), ("state", "ENDED")),
                    models.Q(models.Q(("state", "ENDED"), _negated=True), ("ended_at", None)),
                    _connector="OR",
                ),
                name="program_ended_at",
            ),
        ),
        migrations.AddConstraint(
            model_name="program",
            constraint=models.CheckConstraint(
                condition=models.Q(("archived_at", None), ("state__in", ["DRAFT", "ENDED"]), _connector="OR"),
                name="program_archived_is_over",
            ),
        ),
    ]
