"""The wall around what is known of the places where a shop tells of its program (kit/rls.py)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable


class Migration(migrations.Migration):
    dependencies = [("engagement", "0004_promotion"), ("advocates", "0006_links_wall"), ("programs", "0002_wall")]

    operations = [
        TenantTable("StaffLink"),
        TenantTable("PlaceDay"),
        TenantTable("Arrival"),
        TenantTable("PlaceWord"),
        TenantKeys("StaffLink"),
        TenantKeys("PlaceDay"),
        TenantKeys("Arrival"),
        TenantKeys("PlaceWord"),
    ]
