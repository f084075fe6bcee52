import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import kit.ids
import kit.tenancy
import merchants.models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("rewards", "0001_initial"),
        ("rewards", "0002_wall"),
        ("rewards", "0003_ledger_balances"),
        ("rewards", "0004_attempt_unknown"),
        ("rewards", "0005_unit"),
        ("rewards", "0006_money"),
        ("rewards", "0007_money_wall"),
        ("rewards", "0008_gifts"),
        ("rewards", "0009_gifts_wall"),
        ("rewards", "0010_payout_lines"),
        ("rewards", "0011_ledger_lists"),
        ("rewards", "0012_ledger_by_statement"),
        ("rewards", "0013_revived"),
        ("rewards", "0014_setbacks"),
        ("rewards", "0015_setbacks_wall"),
        ("rewards", "0016_reward_failed"),
        ("rewards", "0017_sums"),
    ]

    dependencies = [
        ("advocates", "0001_tables"),
        ("merchants", "0001_tables"),
        ("merchants", "__first__"),
        ("programs", "0001_tables"),
        ("tracking", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Payout",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("unit", models.CharField(max_length=3)),
                ("cut_off_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PREVIEW", "Preview"),
                            ("AWAITING_APPROVAL", "Waiting for a second person"),
                            ("CONFIRMED", "Confirmed"),
                            ("CLOSED", "Closed"),
                            ("CANCELLED", "Cancelled"),
                        ],
                        default="PREVIEW",
                        max_length=20,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("made_by", models.CharField(max_length=60)),
                ("asked_at", models.DateTimeField(null=True)),
                ("asked_by", models.CharField(blank=True, max_length=60)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("confirmed_by", models.CharField(blank=True, max_length=60)),
                ("ended_at", models.DateTimeField(null=True)),
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
                "indexes": [models.Index(fields=["merchant", "-made_at", "-id"], name="payout_newest")],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "number"), name="payout_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["PREVIEW", "AWAITING_APPROVAL"])),
                        fields=("merchant", "unit"),
                        name="payout_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_at__isnull", False), ("state__in", ["CONFIRMED", "CLOSED"])),
                            models.Q(
                                models.Q(("state__in", ["CONFIRMED", "CLOSED"]), _negated=True), ("confirmed_at", None)
                            ),
                            _connector="OR",
                        ),
                        name="payout_confirmed_at",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("asked_by", ""),
                            ("confirmed_by", ""),
                            models.Q(("asked_by", models.F("confirmed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="payout_two_people",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PayoutAccount",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "method",
                    models.CharField(
                        choices=[("IBAN", "Bank account (IBAN)"), ("PAYPAL", "PayPal"), ("OTHER", "Another way")],
                        max_length=10,
                    ),
                ),
                ("sealed", models.TextField()),
                ("hint", models.CharField(max_length=60)),
                ("fingerprint", models.CharField(max_length=64)),
                ("given_at", models.DateTimeField()),
                (
                    "customer",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
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
                "indexes": [models.Index(fields=["merchant", "fingerprint"], name="payout_account_same")],
                "constraints": [models.UniqueConstraint(fields=("merchant", "customer"), name="payout_account_once")],
            },
        ),
        migrations.CreateModel(
            name="PayoutLine",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("amount_minor", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("INCLUDED", "Included"),
                            ("EXCLUDED", "Left out"),
                            ("PAID", "Paid"),
                            ("FAILED", "Failed"),
                        ],
                        default="INCLUDED",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=60)),
                ("reference", models.CharField(blank=True, max_length=120)),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[("IBAN", "Bank account (IBAN)"), ("PAYPAL", "PayPal"), ("OTHER", "Another way")],
                        max_length=10,
                    ),
                ),
                ("sealed", models.TextField(blank=True)),
                ("hint", models.CharField(blank=True, max_length=60)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, max_length=60)),
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
                    "payout",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="rewards.payout",
                    ),
                ),
                (
                    "recipient",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="advocates.customer",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "payout", "recipient"), name="payout_line_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "PAID"), _negated=True), ("amount_minor__gte", 0), _connector="OR"
                        ),
                        name="payout_line_paid_is_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PayoutPolicy",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("minimum_minor", models.BigIntegerField(default=0, verbose_name="smallest payout")),
                (
                    "cycle",
                    models.CharField(
                        choices=[("WEEKLY", "Every week"), ("MONTHLY", "Every month"), ("QUARTERLY", "Every quarter")],
                        default="MONTHLY",
                        max_length=10,
                    ),
                ),
                (
                    "cut_off_days",
                    models.PositiveSmallIntegerField(default=0, verbose_name="days between cut-off and payout"),
                ),
                ("approval_over_minor", models.BigIntegerField(null=True, verbose_name="second person above")),
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
                    models.UniqueConstraint(fields=("merchant",), name="payout_policy_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("minimum_minor__gte", 0),
                            models.Q(("approval_over_minor", None), ("approval_over_minor__gte", 0), _connector="OR"),
                        ),
                        name="payout_policy_amounts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("at", models.DateTimeField()),
                (
                    "claim",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracking.claim",
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
                    "order",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracking.order",
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
                "indexes": [models.Index(fields=["merchant", "-at", "-id"], name="posting_newest")],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "account",
                    models.CharField(
                        choices=[
                            ("REWARD_COST", "Cost of rewards"),
                            ("OFFER_COST", "Cost of offers"),
                            ("HELD", "Held"),
                            ("PAYABLE", "Payable"),
                            ("FULFILLED", "Fulfilled"),
                            ("CLAWED_BACK", "Clawed back"),
                            ("RECOVERED", "Recovered"),
                            ("EXPIRED", "Expired"),
                            ("DISCOUNT_GRANTED", "Discount granted"),
                            ("ALLOTTED", "Allotted"),
                            ("BUDGET", "Budget free"),
                            ("COMMITTED", "Budget committed"),
                        ],
                        max_length=20,
                    ),
                ),
                ("unit", models.CharField(max_length=12)),
                ("amount_minor", models.BigIntegerField()),
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
                (
                    "posting",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="rewards.posting",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "posting"], name="ledger_entry_posting"),
                    models.Index(fields=["merchant", "account", "unit"], name="ledger_entry_account"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor", 0), _negated=True), name="ledger_entry_not_zero"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Reward",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("side", models.CharField(choices=[("ADVOCATE", "Advocate"), ("FRIEND", "Friend")], max_length=10)),
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
                ("amount_minor", models.BigIntegerField()),
                ("full_minor", models.BigIntegerField(default=0)),
                ("clawed_back_minor", models.BigIntegerField(default=0)),
                ("fair_minor", models.BigIntegerField(null=True)),
                ("reserved_minor", models.BigIntegerField(default=0)),
                ("chosen", models.CharField(blank=True, max_length=40)),
                ("note", models.CharField(blank=True, max_length=500)),
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
                        default="HELD",
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=40)),
                ("release_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                ("released_at", models.DateTimeField(null=True)),
                ("fulfilled_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("reversed_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("expired_at", models.DateTimeField(null=True)),
                ("rejected_at", models.DateTimeField(null=True)),
                ("valid_until", models.DateTimeField(null=True)),
                ("used_at", models.DateTimeField(null=True)),
                ("is_revived", models.BooleanField(default=False)),
                ("next_try_at", models.DateTimeField(null=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("voucher", models.CharField(blank=True, max_length=120)),
                (
                    "advocate",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="advocates.advocate",
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
                    "order",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracking.order",
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
                    "recipient",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="advocates.customer",
                    ),
                ),
                (
                    "referral",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracking.referral",
                    ),
                ),
                (
                    "terms",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.termsversion",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "HELD")), fields=["merchant", "release_at"], name="reward_due"
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["RELEASED", "FULFILLING"])),
                        fields=["merchant", "next_try_at"],
                        name="reward_to_fulfil",
                    ),
                    models.Index(condition=models.Q(("state", "FAILED")), fields=["merchant"], name="reward_failed"),
                    models.Index(fields=["merchant", "-created_at", "-id"], name="reward_newest"),
                    models.Index(fields=["merchant", "program", "-created_at", "-id"], name="reward_program"),
                    models.Index(fields=["merchant", "advocate"], name="reward_advocate"),
                    models.Index(fields=["merchant", "recipient"], name="reward_recipient"),
                    models.Index(
                        condition=models.Q(("voucher", ""), _negated=True),
                        fields=["merchant", "voucher"],
                        name="reward_voucher",
                    ),
                    models.Index(
                        condition=models.Q(("is_revived", True)), fields=["merchant", "order"], name="reward_revived"
                    ),
                    models.Index(
                        condition=models.Q(("state", "FULFILLED"), ("used_at", None)),
                        fields=["merchant", "valid_until"],
                        name="reward_ends",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "referral", "side"), name="reward_per_side"),
                    models.CheckConstraint(condition=models.Q(("amount_minor__gte", 0)), name="reward_amount_positive"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("clawed_back_minor__gte", 0), ("clawed_back_minor__lte", models.F("amount_minor"))
                        ),
                        name="reward_clawed_back",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("released_at", None), ("state__in", ["HELD"])),
                            models.Q(
                                ("released_at__isnull", False),
                                ("state__in", ["RELEASED", "FULFILLING", "FULFILLED", "REVERSED", "FAILED"]),
                            ),
                            ("state__in", ["CANCELLED", "EXPIRED"]),
                            _connector="OR",
                        ),
                        name="reward_released_at",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("fulfilled_at__isnull", False), ("state__in", ["FULFILLED", "REVERSED"])),
                            models.Q(
                                models.Q(("state__in", ["FULFILLED", "REVERSED", "EXPIRED"]), _negated=True),
                                ("fulfilled_at", None),
                            ),
                            ("state", "EXPIRED"),
                            _connector="OR",
                        ),
                        name="reward_fulfilled_at",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("expired_at__isnull", False), ("state", "EXPIRED")),
                            models.Q(models.Q(("state", "EXPIRED"), _negated=True), ("expired_at", None)),
                            _connector="OR",
                        ),
                        name="reward_expired_at",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("order__isnull", False), ("referral__isnull", False), ("terms__isnull", False)),
                            models.Q(
                                ("order", None),
                                ("referral", None),
                                ("terms", None),
                                models.Q(("note", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="reward_for_something",
                    ),
                    models.CheckConstraint(condition=models.Q(("reserved_minor__gte", 0)), name="reward_reserved"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cancelled_at__isnull", False), ("state", "CANCELLED")),
                            models.Q(models.Q(("state", "CANCELLED"), _negated=True), ("cancelled_at", None)),
                            _connector="OR",
                        ),
                        name="reward_cancelled_at",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reversed_at__isnull", False), ("state", "REVERSED")),
                            models.Q(models.Q(("state", "REVERSED"), _negated=True), ("reversed_at", None)),
                            _connector="OR",
                        ),
                        name="reward_reversed_at",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("failed_at__isnull", False), ("state", "FAILED")),
                            models.Q(models.Q(("state", "FAILED"), _negated=True), ("failed_at", None)),
                            _connector="OR",
                        ),
                        name="reward_failed_at",
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="posting",
            name="reward",
            field=merchants.models.TenantForeignKey(
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="rewards.reward",
            ),
        ),
        migrations.CreateModel(
            name="PayoutItem",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("amount_minor", models.BigIntegerField()),
                ("is_correction", models.BooleanField(default=False)),
                ("is_live", models.BooleanField(default=True)),
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
                    "line",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="rewards.payoutline",
                    ),
                ),
                (
                    "reward",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="rewards.reward",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "line"], name="payout_item_line"),
                    models.Index(fields=["merchant", "reward"], name="payout_item_reward"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("amount_minor", 0), _negated=True), name="payout_item_not_zero"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_correction", True), ("amount_minor__gt", 0), _connector="OR"),
                        name="payout_item_only_corrections_take",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_correction", False), ("is_live", True)),
                        fields=("merchant", "reward"),
                        name="payout_item_pays_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FulfilmentAttempt",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveSmallIntegerField()),
                ("key", models.CharField(max_length=120)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("CLAIMED", "Under way"),
                            ("SUCCEEDED", "Delivered"),
                            ("RETRY", "To be tried again"),
                            ("UNKNOWN", "Without an answer"),
                            ("FAILED", "Refused"),
                        ],
                        max_length=10,
                    ),
                ),
                ("lease_until", models.DateTimeField()),
                ("started_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("detail", models.CharField(blank=True, max_length=300)),
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
                    "reward",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="rewards.reward",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "reward", "number"), name="attempt_number"),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "CLAIMED")), fields=("merchant", "reward"), name="attempt_one_open"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliveryAddress",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                ("street", models.CharField(max_length=200, verbose_name="street and number")),
                ("more", models.CharField(blank=True, max_length=200, verbose_name="further details")),
                ("postcode", models.CharField(max_length=20, verbose_name="postcode")),
                ("city", models.CharField(max_length=120, verbose_name="city")),
                ("country", models.CharField(max_length=2, verbose_name="country")),
                ("size", models.CharField(blank=True, max_length=20, verbose_name="size")),
                ("pieces", models.PositiveIntegerField(default=1)),
                ("given_at", models.DateTimeField()),
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
                    "reward",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="rewards.reward",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant", "reward"), name="delivery_address_once")],
            },
        ),
        migrations.CreateModel(
            name="RewardBlock",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("REVIEW", "In review"),
                            ("DISPUTE", "Payment disputed"),
                            ("BUDGET", "Budget used up"),
                            ("CONNECTION", "Connection off"),
                            ("TAX_FORM", "Tax form missing"),
                            ("CHOICE", "Choice open"),
                            ("ADDRESS", "Address missing"),
                            ("MANUAL", "Stopped by hand"),
                        ],
                        max_length=12,
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("since", models.DateTimeField()),
                ("by", models.CharField(max_length=60)),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lifted_by", models.CharField(blank=True, max_length=60)),
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
                    "reward",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="rewards.reward",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)),
                        fields=("merchant", "reward", "kind"),
                        name="reward_block_open_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RewardSum",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("side", models.CharField(choices=[("ADVOCATE", "Advocate"), ("FRIEND", "Friend")], max_length=10)),
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
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "program"], name="reward_sum_program")],
            },
        ),
        migrations.CreateModel(
            name="Setback",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "work",
                    models.CharField(
                        choices=[
                            ("ASSESSMENT", "A referral is to be checked again"),
                            ("REVIEW", "A review is to be reminded of or closed"),
                            ("REVIVED", "An order is to be settled again, since a code was used after its end"),
                            ("UNSHIPPED", "Your team is to be told of an order that nobody ships"),
                        ],
                        max_length=12,
                    ),
                ),
                ("about", models.UUIDField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("error", models.CharField(max_length=300)),
                ("since", models.DateTimeField()),
                ("broke_at", models.DateTimeField()),
                ("next_try_at", models.DateTimeField()),
                ("set_aside_at", models.DateTimeField(null=True)),
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
                    models.UniqueConstraint(fields=("merchant", "work", "about"), name="setback_once"),
                    models.CheckConstraint(
                        condition=models.Q(("attempts__gte", 1), ("set_aside_at", None), _connector="OR"),
                        name="setback_tried",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Spend",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("unit", models.CharField(max_length=12)),
                ("amount_minor", models.BigIntegerField()),
                ("reason", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
                ("by", models.CharField(max_length=60)),
                (
                    "customer",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
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
                "indexes": [models.Index(fields=["merchant", "customer", "unit", "at"], name="spend_customer")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("amount_minor__gt", 0)), name="spend_positive")
                ],
            },
        ),
        migrations.CreateModel(
            name="Surprise",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("worth_minor", models.BigIntegerField()),
                ("message", models.CharField(blank=True, max_length=500, verbose_name="words for the recipient")),
                ("given_at", models.DateTimeField()),
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
                    "reward",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="rewards.reward",
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
                    models.Index(fields=["merchant", "user", "given_at"], name="surprise_giver"),
                    models.Index(fields=["merchant", "-given_at", "-id"], name="surprise_newest"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "reward"), name="surprise_once"),
                    models.CheckConstraint(condition=models.Q(("worth_minor__gte", 0)), name="surprise_worth"),
                ],
            },
        ),
        migrations.CreateModel(
            name="TaxForm",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("country", models.CharField(max_length=2)),
                ("asked_at", models.DateTimeField()),
                ("collected_at", models.DateTimeField(null=True)),
                ("collected_by", models.CharField(blank=True, max_length=60)),
                (
                    "customer",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
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
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "customer", "country"), name="tax_form_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("WAITING", "To be asked"),
                            ("DISABLED", "Disabled unused"),
                            ("USED", "Used already"),
                            ("NOT_FOUND", "Not known there"),
                            ("IMPOSSIBLE", "Cannot be disabled"),
                        ],
                        default="WAITING",
                        max_length=12,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_try_at", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("detail", models.CharField(blank=True, max_length=300)),
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
                    "reward",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="rewards.reward",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "WAITING")),
                        fields=["merchant", "next_try_at"],
                        name="withdrawal_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "reward"), name="withdrawal_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("state", "WAITING")),
                            models.Q(models.Q(("state", "WAITING"), _negated=True), ("ended_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="withdrawal_ended",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Allowance",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("monthly_minor", models.BigIntegerField(verbose_name="a month")),
                ("set_at", models.DateTimeField()),
                ("set_by", models.CharField(max_length=60)),
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
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "user"), name="allowance_once"),
                    models.CheckConstraint(condition=models.Q(("monthly_minor__gte", 0)), name="allowance_amount"),
                ],
            },
        ),
        migrations.CreateModel(
            name="BonusCampaign",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                (
                    "side",
                    models.CharField(
                        choices=[("ADVOCATE", "Advocate"), ("FRIEND", "Friend"), ("BOTH", "Both")],
                        default="ADVOCATE",
                        max_length=10,
                    ),
                ),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("multiplier_bp", models.PositiveIntegerField(default=10000)),
                ("extra_minor", models.BigIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("created_by", models.CharField(max_length=60)),
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
                "indexes": [models.Index(fields=["merchant", "program", "starts_at"], name="bonus_program")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gte", models.F("starts_at"))), name="bonus_ends_later"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("extra_minor__gte", 0), ("multiplier_bp__gte", 10000), ("multiplier_bp__lte", 100000)
                        ),
                        name="bonus_is_one",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Budget",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("limit_minor", models.BigIntegerField(verbose_name="limit")),
                ("is_hard", models.BooleanField(default=True, verbose_name="pause the offer when it is used up")),
                ("reserved_minor", models.BigIntegerField(default=0)),
                ("warned_at", models.DateTimeField(null=True)),
                ("reached_at", models.DateTimeField(null=True)),
                ("set_at", models.DateTimeField()),
                ("set_by", models.CharField(max_length=60)),
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
                    models.UniqueConstraint(fields=("merchant", "program"), name="budget_once"),
                    models.CheckConstraint(
                        condition=models.Q(("limit_minor__gte", 0), ("reserved_minor__gte", 0)), name="budget_amounts"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_hard", False), ("reserved_minor__lte", models.F("limit_minor")), _connector="OR"
                        ),
                        name="budget_hard",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(fields=["merchant", "reward"], name="posting_reward"),
        ),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(
                condition=models.Q(("order__isnull", False)), fields=["merchant", "order"], name="posting_order"
            ),
        ),
    ]
