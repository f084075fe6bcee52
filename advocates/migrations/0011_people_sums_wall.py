"""The wall around the numbers of people, and the triggers that keep them (as rewards/migrations/0018 does for rewards)."""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable

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
INSERT INTO advocates_peoplesum (id, merchant_id, kind, state, people)
SELECT gen_random_uuid(), merchant_id, 'CUSTOMERS', '', count(*) FROM advocates_customer GROUP BY merchant_id;
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
INSERT INTO advocates_peoplesum (id, merchant_id, kind, state, people)
SELECT gen_random_uuid(), merchant_id, 'ADVOCATES', state, count(*) FROM advocates_advocate
GROUP BY merchant_id, state;
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
    dependencies = [("advocates", "0010_people_sums")]

    operations = [TenantTable("PeopleSum"), TenantKeys("PeopleSum"), migrations.RunSQL(CUSTOMERS + ADVOCATES, DOWN)]
