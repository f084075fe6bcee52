"""Balance is asked of every statement that writes entries, once for all its rows, and no longer of every row.

The legs of a posting are written by one statement (rewards.ledger.post_many), so a statement whose rows sum to zero in
each posting and unit leaves every posting at zero. What the statement wrote is read from its transition table, which no
policy filters: nothing has to be seen again at the commit, under whatever tenant that happens. The posting itself is
read under row-level security and fails closed: one that is not visible was not made in this transaction.
"""

from django.db import migrations

UP = """
CREATE FUNCTION rewards_entries_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    SELECT posting_id, unit INTO wrong FROM written
        GROUP BY posting_id, unit HAVING sum(amount_minor) IS DISTINCT FROM 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'posting % does not balance in %', wrong.posting_id, wrong.unit USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    SELECT w.posting_id INTO wrong FROM written w LEFT JOIN rewards_posting p ON p.id = w.posting_id
        WHERE p.made_in IS DISTINCT FROM pg_current_xact_id() LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'posting % is closed: entries belong to the transaction that made it', wrong.posting_id USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER ledger_sums_to_zero ON rewards_ledgerentry;
DROP FUNCTION rewards_posting_balances();

CREATE TRIGGER ledger_sums_to_zero AFTER INSERT ON rewards_ledgerentry
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION rewards_entries_balance();
"""

DOWN = """
DROP TRIGGER ledger_sums_to_zero ON rewards_ledgerentry;
DROP FUNCTION rewards_entries_balance();

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


class Migration(migrations.Migration):
    dependencies = [("rewards", "0011_ledger_lists")]

    operations = [migrations.RunSQL(UP, DOWN)]
