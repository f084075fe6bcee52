import django.db.models.deletion
from django.db import migrations, models

import kit.ids
import kit.tenancy
from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("integrations", "0003_connection_purposes"), ("merchants", "0002_wall")]

    operations = [
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
                ]
            },
        ),
        TenantTable("Heartbeat"),
        TenantKeys("Heartbeat"),
    ]
