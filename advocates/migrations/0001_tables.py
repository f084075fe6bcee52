import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import kit.ids
import kit.tenancy
import merchants.models


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("advocates", "0001_initial"),
        ("advocates", "0002_wall"),
        ("advocates", "0003_customer_name_search"),
        ("advocates", "0004_money"),
        ("advocates", "0005_links"),
        ("advocates", "0006_links_wall"),
        ("advocates", "0007_by_program"),
        ("advocates", "0008_desk"),
        ("advocates", "0009_desk_wall"),
        ("advocates", "0010_people_sums"),
        ("advocates", "0011_people_sums_wall"),
    ]

    dependencies = [
        ("merchants", "0001_tables"),
        ("merchants", "__first__"),
        ("programs", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Customer",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("email_key", models.CharField(db_collation="C", max_length=254)),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="name")),
                (
                    "name_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.text.Lower("name"),
                        output_field=models.CharField(db_collation="C", max_length=200),
                    ),
                ),
                ("country", models.CharField(blank=True, max_length=2)),
                ("language", models.CharField(blank=True, max_length=10)),
                ("external_id", models.CharField(blank=True, max_length=120)),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("HOOK", "Shop"),
                            ("API", "API"),
                            ("IMPORT", "Import"),
                            ("PORTAL", "Sign-up"),
                            ("CLAIM", "Claimed offer"),
                            ("HAND", "By hand"),
                        ],
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("first_paid_at", models.DateTimeField(null=True)),
                ("imported_orders", models.PositiveIntegerField(default=0)),
                ("unsubscribed_at", models.DateTimeField(null=True)),
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
                    models.Index(fields=["merchant", "-created_at", "-id"], name="customer_newest"),
                    models.Index(fields=["merchant", "name_key", "id"], name="customer_name"),
                    models.Index(
                        condition=models.Q(("external_id", ""), _negated=True),
                        fields=["merchant", "external_id"],
                        name="customer_external",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("merchant", "email_key"), name="customer_email")],
            },
        ),
        migrations.CreateModel(
            name="Advocate",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("INVITED", "Invited"),
                            ("ACTIVE", "Active"),
                            ("PAUSED", "Paused"),
                            ("BANNED", "Banned"),
                        ],
                        default="ACTIVE",
                        max_length=10,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("CUSTOMER", "Customer"),
                            ("EMPLOYEE", "Employee"),
                            ("PARTNER", "Partner"),
                            ("INFLUENCER", "Influencer"),
                        ],
                        default="CUSTOMER",
                        max_length=12,
                    ),
                ),
                ("place", models.CharField(blank=True, max_length=120, verbose_name="place")),
                ("variant", models.CharField(blank=True, max_length=40)),
                ("accepted_at", models.DateTimeField(null=True)),
                ("enrolled_at", models.DateTimeField()),
                ("enrolled_by", models.CharField(max_length=60)),
                ("session_epoch", models.PositiveIntegerField(default=0)),
                ("tier", models.PositiveSmallIntegerField(default=0)),
                ("tier_moved_at", models.DateTimeField(null=True)),
                ("trust_level", models.PositiveSmallIntegerField(default=0)),
                (
                    "accepted_terms",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.termsversion",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="programs.program",
                    ),
                ),
                (
                    "customer",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="advocates.customer",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "-enrolled_at", "-id"], name="advocate_newest"),
                    models.Index(fields=["merchant", "program", "-enrolled_at", "-id"], name="advocate_program"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "program", "customer"), name="advocate_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("accepted_at", None), ("accepted_terms", None)),
                            models.Q(("accepted_at__isnull", False), ("accepted_terms__isnull", False)),
                            _connector="OR",
                        ),
                        name="advocate_accepted",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Link",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("LINK", "Link"),
                            ("COPY", "Copied link"),
                            ("NATIVE", "Share menu"),
                            ("WHATSAPP", "WhatsApp"),
                            ("MAIL", "E-mail"),
                            ("QR", "QR code"),
                        ],
                        default="LINK",
                        max_length=10,
                    ),
                ),
                ("placement", models.CharField(blank=True, max_length=60)),
                ("code", models.CharField(db_collation="C", max_length=40)),
                ("is_vanity", models.BooleanField(default=False)),
                ("destination", models.CharField(blank=True, max_length=2048)),
                ("utm", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(null=True)),
                (
                    "retired_for",
                    models.CharField(
                        blank=True,
                        choices=[("leak", "The code had leaked"), ("hand", "Taken out of use by hand")],
                        max_length=10,
                    ),
                ),
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
                    "replaced_by",
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
                "indexes": [models.Index(fields=["merchant", "advocate", "created_at"], name="link_of_advocate")],
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "code"), name="link_code"),
                    models.UniqueConstraint(
                        condition=models.Q(("replaced_by", None), ("retired_at", None)),
                        fields=("merchant", "advocate", "channel", "placement"),
                        name="link_channel",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("retired_at", None), ("retired_for", "")),
                            models.Q(("retired_at__isnull", False), models.Q(("retired_for", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="link_retired_for",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MagicLink",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
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
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("text", models.TextField(max_length=2000, verbose_name="note")),
                ("at", models.DateTimeField()),
                (
                    "customer",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
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
                (
                    "written_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["merchant", "customer", "-at", "-id"], name="note_newest")],
            },
        ),
        migrations.CreateModel(
            name="PeopleSum",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(choices=[("CUSTOMERS", "Customers"), ("ADVOCATES", "Advocates")], max_length=10),
                ),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("INVITED", "Invited"),
                            ("ACTIVE", "Active"),
                            ("PAUSED", "Paused"),
                            ("BANNED", "Banned"),
                        ],
                        max_length=10,
                    ),
                ),
                ("people", models.BigIntegerField()),
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
                "indexes": [models.Index(fields=["merchant"], name="people_sum")],
            },
        ),
        migrations.CreateModel(
            name="Share",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("LINK", "Link"),
                            ("COPY", "Copied link"),
                            ("NATIVE", "Share menu"),
                            ("WHATSAPP", "WhatsApp"),
                            ("MAIL", "E-mail"),
                            ("QR", "QR code"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
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
            ],
            options={
                "indexes": [
                    models.Index(fields=["merchant", "advocate", "at"], name="share_advocate"),
                    models.Index(fields=["merchant", "at", "advocate"], name="share_newest"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("word", models.CharField(db_collation="C", max_length=30)),
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
                "constraints": [models.UniqueConstraint(fields=("merchant", "word"), name="tag_word")],
            },
        ),
        migrations.CreateModel(
            name="Tagged",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                (
                    "customer",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
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
                (
                    "tag",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="advocates.tag",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("merchant", "tag", "customer"), name="tagged_once")],
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("text", models.CharField(max_length=300, verbose_name="what is to be done")),
                ("due_date", models.DateField()),
                ("made_at", models.DateTimeField()),
                ("done_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="advocates.customer",
                    ),
                ),
                (
                    "done_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
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
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at", None)), fields=["merchant", "due_date", "id"], name="task_open"
                    ),
                    models.Index(
                        condition=models.Q(("done_at__isnull", False)),
                        fields=["merchant", "-done_at", "-id"],
                        name="task_done",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Viewing",
            fields=[
                ("id", models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ("session", models.CharField(max_length=64)),
                ("salt", models.PositiveIntegerField(null=True)),
                ("address", models.CharField(blank=True, max_length=22)),
                ("is_told", models.BooleanField(default=False)),
                ("begun_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("left_at", models.DateTimeField(null=True)),
                (
                    "advocate",
                    merchants.models.TenantForeignKey(
                        db_constraint=False,
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
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
