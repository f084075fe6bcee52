"""The wall around offers that somebody asked for by mail (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("tracking", "0023_offers_asked")]

    operations = [TenantTable("OfferAsked"), TenantKeys("OfferAsked")]
