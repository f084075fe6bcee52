"""The database refuses a posting that does not balance.

The trigger is deferred to the commit and fails closed: under row-level security a sum over nothing is NULL, and
``NULL <> 0`` would pass. So it demands that the posting's rows visible to the current tenant include the new one, that
every unit sums IS NOT DISTINCT FROM 0, and that the posting itself was made in this very transaction.
"""

from django.db import migrations

UP = """
ALTER TABLE rewards_posting ADD COLUMN made_in xid8 NOT NULL DEFAULT pg_current_xact_id();

CREATE FUNCTION rewards_posting_balances() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    visible boolean;
    unbalanced text;
    made xid8;
BEGIN
    SELECT true INTO visible FROM rewards_ledgerentry WHERE id = NEW.id;
    IF visible IS DISTINCT FROM true THEN
        RAISE EXCEPTION 'ledger entry % is not visible to the tenant that commits it', NEW.id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT made_in INTO made FROM rewards_posting WHERE id = NEW.posting_id;
    IF made IS DISTINCT FROM pg_current_xact_id() THEN
        RAISE EXCEPTION 'posting % is closed: entries belong to the transaction that made it', NEW.posting_id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT unit INTO unbalanced FROM rewards_ledgerentry WHERE posting_id = NEW.posting_id
        GROUP BY unit HAVING sum(amount_minor) IS DISTINCT FROM 0 LIMIT 1;
    IF unbalanced IS NOT NULL THEN
        RAISE EXCEPTION 'posting % does not balance in %', NEW.posting_id, unbalanced USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER ledger_sums_to_zero AFTER INSERT ON rewards_ledgerentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION rewards_posting_balances();
"""

DOWN = """
DROP TRIGGER ledger_sums_to_zero ON rewards_ledgerentry;
DROP FUNCTION rewards_posting_balances();
ALTER TABLE rewards_posting DROP COLUMN made_in;
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0002_wall")]

    operations = [migrations.RunSQL(UP, DOWN)]
