"""Touches, orders, referrals, fraud. The table of clicks is made in partitions, by 0002_walls: here it is only known."""

import django.db.models.deletion
from django.db import migrations, models

import kit.ids
import kit.tenancy
import merchants.models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("tracking", "0001_initial"),
        ("tracking", "0002_wall"),
        ("tracking", "0003_order_number"),
        ("tracking", "0004_money"),
        ("tracking", "0005_money_wall"),
        ("tracking", "0006_claim_tier"),
        ("tracking", "0007_unshipped"),
        ("tracking", "0008_leaks"),
        ("tracking", "0009_leaks_wall"),
        ("tracking", "0010_introductions"),
        ("tracking", "0011_introductions_wall"),
        ("tracking", "0012_fraud"),
        ("tracking", "0013_fraud_wall"),
        ("tracking", "0014_clicks"),
        ("tracking", "0015_clicks_wall"),
        ("tracking", "0016_leaks_indexes"),
        ("tracking", "0017_needs_worth"),
        ("tracking", "0018_figures_room"),
        ("tracking", "0019_same_address"),
        ("tracking", "0020_review_lists"),
        ("tracking", "0020_click_program"),
        ("tracking", "0021_claim_newest"),
        ("tracking", "0022_by_program"),
        ("tracking", "0023_offers_asked"),
    ]

    dependencies = [
        ("advocates", "0001_tables"),
        ("merchants", "0001_tables"),
        ("programs", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="StrayEntry",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("stream_id", models.CharField(max_length=40, unique=True)),
                ("reason", models.CharField(max_length=40)),
                ("entry", models.TextField()),
                ("seen_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("click_id", models.UUIDField(null=True)),
                ("tier", models.PositiveSmallIntegerField(default=0)),
                ("variant", models.CharField(blank=True, max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PREPARING", "Code is being prepared"),
                            ("ISSUED", "Code given"),
                            ("REFUSED", "No code could be given"),
                            ("USED", "Used"),
                        ],
                        max_length=10,
                    ),
                ),
                ("code", models.CharField(blank=True, db_collation="C", max_length=80)),
                ("code_is_own", models.BooleanField(default=False)),
                ("claimed_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                ("name_shown", models.BooleanField(default=False)),
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
                    "friend",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="advocates.customer",
                    ),
                ),
                (
                    "link",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="advocates.link",
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
                    "program",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.program",
                    ),
                ),
                (
                    "terms",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.termsversion",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "advocate", "claimed_at"], name="claim_advocate"),
                    models.Index(
                        condition=models.Q(("friend__isnull", False)),
                        fields=["merchant", "friend"],
                        name="claim_friend",
                    ),
                    models.Index(fields=["merchant", "program", "claimed_at"], name="claim_program"),
                    models.Index(fields=["merchant", "-claimed_at", "-id"], name="claim_newest"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("friend__isnull", False)),
                        fields=("merchant", "program", "friend"),
                        name="claim_per_friend",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("friend", None)),
                        fields=("merchant", "program", "click_id"),
                        name="claim_per_click",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("code_is_own", True), models.Q(("code", ""), _negated=True)),
                        fields=("merchant", "code"),
                        name="claim_own_code",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "USED"), ("used_at__isnull", False)),
                            models.Q(models.Q(("state", "USED"), _negated=True), ("used_at", None)),
                            _connector="OR",
                        ),
                        name="claim_used_at",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DayStat",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("channel", models.CharField(blank=True, max_length=10)),
                ("variant", models.CharField(blank=True, max_length=40)),
                ("clicks", models.PositiveIntegerField()),
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
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "day", "program", "channel", "variant"), name="day_stat"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="FraudPolicy",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("medium_at", models.PositiveSmallIntegerField(default=40, verbose_name="review from")),
                ("high_at", models.PositiveSmallIntegerField(default=80, verbose_name="hold until decided from")),
                ("weights", models.JSONField(blank=True, default=dict)),
                ("medium_releases", models.BooleanField(default=True, verbose_name="release what nobody looked at")),
                ("remind_days", models.PositiveSmallIntegerField(default=14, verbose_name="remind after days")),
                ("void_days", models.PositiveSmallIntegerField(default=60, verbose_name="refuse after days")),
                (
                    "breaker_per_hour",
                    models.PositiveIntegerField(default=200, null=True, verbose_name="stop above so many in an hour"),
                ),
                (
                    "sample_percent",
                    models.PositiveSmallIntegerField(default=2, verbose_name="passed ones to look at, in percent"),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.program",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "program"), name="fraud_policy_once"),
                    models.CheckConstraint(
                        condition=models.Q(("high_at__gt", models.F("medium_at")), ("medium_at__gte", 1)),
                        name="fraud_policy_thresholds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("remind_days__gte", 1), ("void_days__gt", models.F("remind_days"))),
                        name="fraud_policy_days",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sample_percent__lte", 100),
                            models.Q(("breaker_per_hour", None), ("breaker_per_hour__gte", 1), _connector="OR"),
                        ),
                        name="fraud_policy_rates",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Leak",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("COUPON_SITE", "On a coupon site"),
                            ("TYPED", "Typed by strangers"),
                            ("NETWORKS", "Many networks at once"),
                            ("VELOCITY", "Far more visits than ever"),
                        ],
                        max_length=12,
                    ),
                ),
                ("seen", models.JSONField(default=dict)),
                ("since", models.DateTimeField()),
                ("found_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("OPEN", "To decide"), ("ROTATED", "Link replaced"), ("DISMISSED", "Left as it is")],
                        default="OPEN",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=60)),
                (
                    "link",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="advocates.link",
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
                    "new_link",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="advocates.link",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "-found_at", "-id"], name="leak_newest"),
                    models.Index(fields=["merchant", "link"], name="leak_link"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["OPEN", "ROTATED"])),
                        fields=("merchant", "link"),
                        name="leak_undecided_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("new_link", None), ("state", "OPEN")),
                            models.Q(("decided_at__isnull", False), ("new_link__isnull", False), ("state", "ROTATED")),
                            models.Q(("decided_at__isnull", False), ("new_link", None), ("state", "DISMISSED")),
                            _connector="OR",
                        ),
                        name="leak_decided",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LinkDay",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("clicks", models.PositiveIntegerField()),
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
                "indexes": [models.Index(fields=["merchant", "day"], name="link_day_newest")],
                "constraints": [models.UniqueConstraint(fields=("merchant", "link", "day"), name="link_day")],
            },
        ),
        migrations.CreateModel(
            name="ListEntry",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("list", models.CharField(choices=[("BLOCK", "Blocked"), ("TRUST", "Trusted")], max_length=5)),
                (
                    "field",
                    models.CharField(
                        choices=[
                            ("EMAIL", "E-mail address"),
                            ("DOMAIN", "Mail domain"),
                            ("NETWORK", "Network address"),
                            ("COUNTRY", "Country"),
                            ("REFERRER", "Website they came from"),
                            ("ADVOCATE", "Advocate's e-mail address"),
                        ],
                        max_length=10,
                    ),
                ),
                ("pattern", models.CharField(max_length=200, verbose_name="pattern")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("by", models.CharField(max_length=60)),
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
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "list", "field", "pattern"), name="list_entry_once"),
                    models.CheckConstraint(
                        condition=models.Q(("pattern", ""), _negated=True), name="list_entry_pattern"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OfferAsked",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=254)),
                ("name", models.CharField(blank=True, max_length=200)),
                ("name_shown", models.BooleanField(default=False)),
                ("click_id", models.UUIDField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_try_at", models.DateTimeField()),
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
                "indexes": [models.Index(fields=["merchant", "next_try_at"], name="offer_asked_due")],
            },
        ),
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("platform", models.CharField(max_length=20)),
                ("external_id", models.CharField(db_collation="C", max_length=120)),
                ("number", models.CharField(blank=True, max_length=120)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("base_minor", models.BigIntegerField(default=0)),
                ("net_base_minor", models.BigIntegerField(default=0)),
                ("placed_at", models.DateTimeField(null=True)),
                ("paid_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("is_test", models.BooleanField(default=False)),
                ("contradicts_itself", models.BooleanField(default=False)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("AWAITED", "Order not seen yet"),
                            ("NOT_REFERRED", "Not referred"),
                            ("ATTRIBUTED", "Attributed"),
                            ("BLOCKED", "Blocked"),
                        ],
                        default="AWAITED",
                        max_length=15,
                    ),
                ),
                ("decision", models.JSONField(default=dict)),
                ("evidence_key", models.CharField(blank=True, max_length=64)),
                ("received_at", models.DateTimeField()),
                ("settled_at", models.DateTimeField(null=True)),
                ("unshipped_told_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        null=True,
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
                "indexes": [
                    models.Index(fields=["merchant", "-received_at", "-id"], name="order_newest"),
                    models.Index(fields=["merchant", "number"], name="order_number"),
                    models.Index(fields=["merchant", "external_id"], name="order_external"),
                    models.Index(fields=["merchant", "customer", "placed_at"], name="order_customer"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "platform", "external_id"), name="order_natural_key")
                ],
            },
        ),
        migrations.CreateModel(
            name="Introduction",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("said_code", models.CharField(blank=True, max_length=40)),
                ("said_name", models.CharField(blank=True, max_length=80)),
                ("friend_name", models.CharField(blank=True, max_length=80)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("ASKED", "Asked, nobody found yet"),
                            ("NAMED", "Waiting for the advocate"),
                            ("CONFIRMED", "Confirmed by the advocate"),
                            ("DENIED", "The advocate said no"),
                            ("EXPIRED", "Nobody answered in time"),
                        ],
                        default="ASKED",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("said_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField()),
                (
                    "advocate",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
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
                    "order",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracking.order",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "advocate", "said_at"], name="introduction_advocate"),
                    models.Index(
                        condition=models.Q(("state__in", ["ASKED", "NAMED"])),
                        fields=["merchant", "expires_at"],
                        name="introduction_open",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "order"), name="introduction_per_order"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state__in", ["ASKED", "EXPIRED"]),
                            models.Q(("advocate__isnull", False), ("said_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="introduction_named",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at__isnull", False), ("state__in", ["CONFIRMED", "DENIED"])),
                            models.Q(
                                models.Q(("state__in", ["CONFIRMED", "DENIED"]), _negated=True), ("answered_at", None)
                            ),
                            _connector="OR",
                        ),
                        name="introduction_answered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Assignment",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("reason", models.CharField(max_length=500)),
                ("with_rewards", models.BooleanField(default=True)),
                ("by", models.CharField(max_length=60)),
                ("at", models.DateTimeField()),
                ("undone_by", models.CharField(blank=True, max_length=60)),
                ("undone_at", models.DateTimeField(null=True)),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracking.order",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)), fields=("merchant", "order"), name="assignment_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("undone_at", None), ("undone_by", "")),
                            models.Q(("undone_at__isnull", False), models.Q(("undone_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="assignment_undone",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderFact",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("SNAPSHOT", "Order"),
                            ("REFUND", "Refund"),
                            ("PARCEL", "Parcel"),
                            ("DELIVERY", "Delivery"),
                            ("DISPUTE", "Dispute"),
                        ],
                        max_length=10,
                    ),
                ),
                ("key", models.CharField(max_length=120)),
                ("as_of", models.DateTimeField()),
                ("digest", models.CharField(max_length=64)),
                ("data", models.JSONField()),
                ("received_at", models.DateTimeField()),
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracking.order",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "order", "kind", "key", "as_of", "digest"), name="order_fact"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderTrace",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("salt", models.PositiveIntegerField(default=0)),
                ("address", models.CharField(blank=True, db_collation="C", max_length=22)),
                ("network", models.CharField(blank=True, db_collation="C", max_length=22)),
                ("earlier", models.JSONField(default=dict)),
                ("agent", models.CharField(blank=True, max_length=40)),
                ("fingerprint", models.CharField(blank=True, db_collation="C", max_length=64)),
                ("referrer", models.CharField(blank=True, max_length=100)),
                ("referrer_told", models.BooleanField(default=False)),
                ("listed", models.JSONField(default=list)),
                (
                    "customer",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        null=True,
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
                (
                    "order",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracking.order",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "customer", "at"], name="order_trace_customer"),
                    models.Index(
                        condition=models.Q(("fingerprint", ""), _negated=True),
                        fields=["merchant", "fingerprint"],
                        name="order_trace_card",
                    ),
                    models.Index(
                        condition=models.Q(("address", ""), _negated=True),
                        fields=["merchant", "address", "-at"],
                        name="order_trace_address",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("merchant", "order"), name="order_trace_once")],
            },
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("variant", models.CharField(blank=True, max_length=40)),
                (
                    "matched_by",
                    models.CharField(
                        choices=[
                            ("CODE", "Code at checkout"),
                            ("TOKEN", "Link"),
                            ("EMAIL", "E-mail of the claim"),
                            ("MANUAL", "By hand"),
                            ("BOUND", "Further order of the friend"),
                            ("INTRODUCED", "Said by the friend, confirmed by the advocate"),
                        ],
                        max_length=10,
                    ),
                ),
                ("how", models.CharField(blank=True, max_length=40)),
                ("touched_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PENDING", "Waiting"),
                            ("QUALIFIED", "Qualified"),
                            ("NOT_QUALIFIED", "Not qualified"),
                            ("BLOCKED", "Blocked"),
                        ],
                        max_length=15,
                    ),
                ),
                ("reasons", models.JSONField(default=list)),
                ("over_cap", models.BooleanField(default=False)),
                ("granted", models.JSONField(default=dict)),
                ("attributed_at", models.DateTimeField()),
                ("ordered_at", models.DateTimeField(null=True)),
                ("assessment", models.JSONField(default=dict)),
                ("has_review", models.BooleanField(default=False)),
                ("without_rewards", models.BooleanField(default=False)),
                ("worth_minor", models.BigIntegerField(null=True)),
                ("needs_worth", models.BooleanField(default=False)),
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
                    "follows",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracking.referral",
                    ),
                ),
                (
                    "friend",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="advocates.customer",
                    ),
                ),
                (
                    "link",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="advocates.link",
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
                    "terms",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.termsversion",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "-attributed_at", "-id"], name="referral_newest"),
                    models.Index(fields=["merchant", "program", "-attributed_at", "-id"], name="referral_program"),
                    models.Index(
                        condition=models.Q(("needs_worth", True)), fields=["merchant"], name="referral_needs_worth"
                    ),
                    models.Index(fields=["merchant", "advocate", "attributed_at"], name="referral_advocate"),
                    models.Index(fields=["merchant", "program", "ordered_at"], name="referral_pace"),
                    models.Index(fields=["merchant", "advocate", "ordered_at"], name="referral_haste"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "order"), name="referral_per_order"),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("follows", None), ("friend__isnull", False), ("state__in", ["PENDING", "QUALIFIED"])
                        ),
                        fields=("merchant", "program", "friend"),
                        name="referral_friend_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reassessment",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("cause", models.CharField(max_length=20)),
                ("asked_at", models.DateTimeField()),
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
                    "referral",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracking.referral",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "referral", "cause"), name="reassessment_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "level",
                    models.CharField(
                        choices=[("PASS", "Passed"), ("MEDIUM", "Medium"), ("HIGH", "High")], max_length=6
                    ),
                ),
                ("score", models.PositiveSmallIntegerField(default=0)),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("SCORE", "Signals"),
                            ("ERROR", "Could not be judged"),
                            ("BREAKER", "Too many at once"),
                            ("LIST", "On a list"),
                            ("SAMPLE", "Sample"),
                            ("APPEAL", "Second look"),
                            ("HAND", "Stopped by hand"),
                        ],
                        max_length=7,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("OPEN", "Open"),
                            ("CLEARED", "Cleared"),
                            ("REFUSED", "Refused"),
                            ("LAPSED", "Not needed any more"),
                            ("VOIDED", "Refused because nobody decided"),
                        ],
                        default="OPEN",
                        max_length=7,
                    ),
                ),
                ("opened_at", models.DateTimeField()),
                ("answer_by", models.DateTimeField(null=True)),
                ("reminded_at", models.DateTimeField(null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=60)),
                ("advocate_ok", models.BooleanField(null=True)),
                ("friend_ok", models.BooleanField(null=True)),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                ("told", models.BooleanField(default=False)),
                ("undone_at", models.DateTimeField(null=True)),
                ("appeal_text", models.CharField(blank=True, max_length=1000)),
                ("appealed_at", models.DateTimeField(null=True)),
                ("appeal_answered_at", models.DateTimeField(null=True)),
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
                    "referral",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tracking.referral",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", "OPEN")), fields=["merchant", "opened_at"], name="review_open"
                    ),
                    models.Index(fields=["merchant", "-opened_at", "-id"], name="review_newest"),
                    models.Index(fields=["merchant", "advocate", "decided_at"], name="review_advocate"),
                    models.Index(
                        condition=models.Q(("state", "OPEN"), _negated=True),
                        fields=["merchant", "-decided_at", "-id"],
                        name="review_decided",
                    ),
                    models.Index(
                        condition=models.Q(("cause", "SAMPLE")),
                        fields=["merchant", "-opened_at", "-id"],
                        name="review_sample",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "referral"), name="review_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", ""), ("state", "OPEN")),
                            models.Q(
                                models.Q(("state", "OPEN"), _negated=True),
                                ("decided_at__isnull", False),
                                models.Q(("decided_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="review_decided",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["REFUSED", "VOIDED"]), _negated=True),
                            ("advocate_ok", False),
                            ("friend_ok", False),
                            _connector="OR",
                        ),
                        name="review_refused",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("appealed_at__isnull", False),
                            models.Q(("appeal_answered_at", None), ("appeal_text", "")),
                            _connector="OR",
                        ),
                        name="review_appeal",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Salt",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("number", models.PositiveIntegerField()),
                ("secret", models.TextField()),
                ("from_at", models.DateTimeField()),
                ("until_at", models.DateTimeField()),
                ("destroy_at", models.DateTimeField()),
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
                "constraints": [models.UniqueConstraint(fields=("merchant", "number"), name="salt_number")],
            },
        ),
        migrations.CreateModel(
            name="SetAside",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("stream_id", models.CharField(max_length=40)),
                ("reason", models.CharField(max_length=40)),
                ("entry", models.TextField()),
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
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant", "stream_id"), name="set_aside_once")],
            },
        ),
        migrations.CreateModel(
            name="AdvocateTrace",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("salt", models.PositiveIntegerField(default=0)),
                ("address", models.CharField(blank=True, db_collation="C", max_length=22)),
                ("network", models.CharField(blank=True, db_collation="C", max_length=22)),
                ("earlier", models.JSONField(default=dict)),
                ("agent", models.CharField(blank=True, max_length=40)),
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
                "indexes": [models.Index(fields=["merchant", "advocate", "-at"], name="advocate_trace_newest")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("merchant", "advocate", "salt", "address", "agent"), name="advocate_trace_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Breaker",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("tripped_at", models.DateTimeField(null=True)),
                ("counted", models.PositiveIntegerField(default=0)),
                ("reset_at", models.DateTimeField(null=True)),
                ("reset_by", models.CharField(blank=True, max_length=60)),
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
                "constraints": [models.UniqueConstraint(fields=("merchant", "program"), name="breaker_once")],
            },
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Click",
                    fields=[
                        (
                            "id",
                            models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False),
                        ),
                        ("channel", models.CharField(blank=True, max_length=10)),
                        ("variant", models.CharField(blank=True, max_length=40)),
                        ("at", models.DateTimeField()),
                        ("device", models.CharField(blank=True, max_length=20)),
                        ("agent", models.CharField(blank=True, max_length=40)),
                        ("referrer", models.CharField(blank=True, max_length=100)),
                        ("salt", models.PositiveIntegerField(default=0)),
                        ("address", models.CharField(blank=True, max_length=22)),
                        ("network", models.CharField(blank=True, max_length=22)),
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
                        (
                            "merchant",
                            models.ForeignKey(
                                db_constraint=False,
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
                        "indexes": [
                            models.Index(fields=["merchant", "at", "id"], name="click_newest"),
                            models.Index(fields=["merchant", "link", "at"], name="click_link"),
                        ],
                    },
                ),
            ],
        ),
    ]
