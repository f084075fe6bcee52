"""The wall around people and their links (kit/rls.py), and the triggers that keep their numbers (decision 0017)."""

from django.db import migrations

from kit.rls import APPEND_ONLY, TenantKeys, TenantTable

TABLES = (
    "Customer",
    "Advocate",
    "Link",
    "MagicLink",
    "Note",
    "Tag",
    "Tagged",
    "Task",
    "Viewing",
    "PeopleSum",
)
APPENDED = ("Share",)
KEYED = (
    "Customer",
    "Advocate",
    "Link",
    "Share",
    "MagicLink",
    "Note",
    "Tag",
    "Tagged",
    "Task",
    "Viewing",
    "PeopleSum",
)
CUSTOMERS = """
CREATE FUNCTION advocates_count_customers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO advocates_peoplesum (id, merchant_id, kind, state, people)
    SELECT gen_random_uuid(), merchant_id, 'CUSTOMERS', '', count(*) * (CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END)
    FROM moved GROUP BY merchant_id;
    RETURN NULL;
END $$;
CREATE TRIGGER count_customers_new AFTER INSERT ON advocates_customer
    REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION advocates_count_customers();
CREATE TRIGGER count_customers_gone AFTER DELETE ON advocates_customer
    REFERENCING OLD TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION advocates_count_customers();
"""
ADVOCATES = """
CREATE FUNCTION advocates_count_advocates() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        INSERT INTO advocates_peoplesum (id, merchant_id, kind, state, people)
        SELECT gen_random_uuid(), merchant_id, 'ADVOCATES', state, sum(share)
        FROM (
            SELECT 1 AS share, merchant_id, state FROM stands
            UNION ALL
            SELECT -1, merchant_id, state FROM stood
        ) moved
        GROUP BY merchant_id, state HAVING sum(share) <> 0;
    ELSIF TG_OP = 'INSERT' THEN
        INSERT INTO advocates_peoplesum (id, merchant_id, kind, state, people)
        SELECT gen_random_uuid(), merchant_id, 'ADVOCATES', state, count(*) FROM stands GROUP BY merchant_id, state;
    ELSE
        INSERT INTO advocates_peoplesum (id, merchant_id, kind, state, people)
        SELECT gen_random_uuid(), merchant_id, 'ADVOCATES', state, -count(*) FROM stood GROUP BY merchant_id, state;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER count_advocates_new AFTER INSERT ON advocates_advocate
    REFERENCING NEW TABLE AS stands FOR EACH STATEMENT EXECUTE FUNCTION advocates_count_advocates();
CREATE TRIGGER count_advocates_changed AFTER UPDATE ON advocates_advocate
    REFERENCING OLD TABLE AS stood NEW TABLE AS stands FOR EACH STATEMENT EXECUTE FUNCTION advocates_count_advocates();
CREATE TRIGGER count_advocates_gone AFTER DELETE ON advocates_advocate
    REFERENCING OLD TABLE AS stood FOR EACH STATEMENT EXECUTE FUNCTION advocates_count_advocates();
"""
DOWN = """
DROP TRIGGER count_customers_new ON advocates_customer;
DROP TRIGGER count_customers_gone ON advocates_customer;
DROP FUNCTION advocates_count_customers();
DROP TRIGGER count_advocates_new ON advocates_advocate;
DROP TRIGGER count_advocates_changed ON advocates_advocate;
DROP TRIGGER count_advocates_gone ON advocates_advocate;
DROP FUNCTION advocates_count_advocates();
"""


class Migration(migrations.Migration):
    replaces = [
        ("advocates", "0012_name_order"),
    ]
    dependencies = [
        ("advocates", "0001_tables"),
        ("merchants", "0002_walls"),
        ("programs", "0002_walls"),
    ]

    operations = [
        *(TenantTable(name) for name in TABLES),
        *(TenantTable(name, grants=APPEND_ONLY) for name in APPENDED),
        *(TenantKeys(name) for name in KEYED),
        migrations.RunSQL(CUSTOMERS + ADVOCATES, DOWN),
    ]
