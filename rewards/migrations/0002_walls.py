"""The wall around rewards, payouts and the ledger (kit/rls.py), and what the database itself keeps true of them.

Balance is asked of every statement that writes entries, once for all its rows. The legs of a posting are written by one
statement (rewards.ledger.post_many), so a statement whose rows sum to zero in each posting and unit leaves every
posting at zero. What the statement wrote is read from its transition table, which no policy filters: nothing has to be seen
again at the commit, under whatever tenant that happens. The posting itself is read under row-level security and fails
closed: one that is not visible was not made in this transaction.

The sums of rewards (decision 0017) are asked of every statement that writes rewards, once for all its rows: what stands
now less what stood before, in as many rows as sums were moved. A statement that moves none (a next try, a reason)
leaves none. Rows are only ever added, so that no two transactions wait for each other; rewards.actions.sums folds them.
"""

from django.db import migrations

from kit.rls import APPEND_ONLY, TenantKeys, TenantTable

TABLES = (
    "Reward",
    "RewardBlock",
    "FulfilmentAttempt",
    "Withdrawal",
    "DeliveryAddress",
    "Budget",
    "BonusCampaign",
    "Allowance",
    "PayoutPolicy",
    "PayoutAccount",
    "Payout",
    "PayoutLine",
    "PayoutItem",
    "TaxForm",
    "Surprise",
    "Spend",
    "Setback",
    "RewardSum",
)
APPENDED = (
    "Posting",
    "LedgerEntry",
)
KEYED = (
    "Reward",
    "RewardBlock",
    "FulfilmentAttempt",
    "Posting",
    "LedgerEntry",
    "Withdrawal",
    "DeliveryAddress",
    "Budget",
    "BonusCampaign",
    "Allowance",
    "PayoutPolicy",
    "PayoutAccount",
    "Payout",
    "PayoutLine",
    "PayoutItem",
    "TaxForm",
    "Surprise",
    "Spend",
    "RewardSum",
)
BALANCE = """
ALTER TABLE rewards_posting ADD COLUMN made_in xid8 NOT NULL DEFAULT pg_current_xact_id();

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

CREATE TRIGGER ledger_sums_to_zero AFTER INSERT ON rewards_ledgerentry
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION rewards_entries_balance();
"""
NO_BALANCE = """
DROP TRIGGER ledger_sums_to_zero ON rewards_ledgerentry;
DROP FUNCTION rewards_entries_balance();
ALTER TABLE rewards_posting DROP COLUMN made_in;
"""
SUMS = """
CREATE FUNCTION rewards_sums_follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO rewards_rewardsum
            (id, merchant_id, program_id, side, unit, state, rewards, amount_minor, clawed_back_minor)
        SELECT gen_random_uuid(), merchant_id, program_id, side, unit, state,
            count(*), sum(amount_minor), sum(clawed_back_minor)
        FROM stands GROUP BY merchant_id, program_id, side, unit, state;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO rewards_rewardsum
            (id, merchant_id, program_id, side, unit, state, rewards, amount_minor, clawed_back_minor)
        SELECT gen_random_uuid(), merchant_id, program_id, side, unit, state,
            -count(*), -sum(amount_minor), -sum(clawed_back_minor)
        FROM stood GROUP BY merchant_id, program_id, side, unit, state;
    ELSE
        INSERT INTO rewards_rewardsum
            (id, merchant_id, program_id, side, unit, state, rewards, amount_minor, clawed_back_minor)
        SELECT gen_random_uuid(), merchant_id, program_id, side, unit, state,
            sum(share), sum(share * amount_minor), sum(share * clawed_back_minor)
        FROM (
            SELECT 1 AS share, merchant_id, program_id, side, unit, state,
                amount_minor, clawed_back_minor FROM stands
            UNION ALL
            SELECT -1, merchant_id, program_id, side, unit, state, amount_minor, clawed_back_minor
            FROM stood
        ) moved
        GROUP BY merchant_id, program_id, side, unit, state
        HAVING sum(share) <> 0 OR sum(share * amount_minor) <> 0 OR sum(share * clawed_back_minor) <> 0;
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER sums_follow_new AFTER INSERT ON rewards_reward
    REFERENCING NEW TABLE AS stands FOR EACH STATEMENT EXECUTE FUNCTION rewards_sums_follow();
CREATE TRIGGER sums_follow_changed AFTER UPDATE ON rewards_reward
    REFERENCING OLD TABLE AS stood NEW TABLE AS stands FOR EACH STATEMENT EXECUTE FUNCTION rewards_sums_follow();
CREATE TRIGGER sums_follow_gone AFTER DELETE ON rewards_reward
    REFERENCING OLD TABLE AS stood FOR EACH STATEMENT EXECUTE FUNCTION rewards_sums_follow();
"""
NO_SUMS = """
DROP TRIGGER sums_follow_new ON rewards_reward;
DROP TRIGGER sums_follow_changed ON rewards_reward;
DROP TRIGGER sums_follow_gone ON rewards_reward;
DROP FUNCTION rewards_sums_follow();
"""


class Migration(migrations.Migration):
    replaces = [
        ("rewards", "0018_sums_wall"),
    ]
    dependencies = [
        ("rewards", "0001_tables"),
        ("advocates", "0002_walls"),
        ("merchants", "0002_walls"),
        ("programs", "0002_walls"),
        ("tracking", "0002_walls"),
    ]

    operations = [
        *(TenantTable(name) for name in TABLES),
        *(TenantTable(name, grants=APPEND_ONLY) for name in APPENDED),
        *(TenantKeys(name) for name in KEYED),
        migrations.RunSQL(BALANCE, NO_BALANCE),
        migrations.RunSQL(SUMS, NO_SUMS),
    ]
