"""The wall around the sums of rewards, and the triggers that keep them.

Asked of every statement that writes rewards, once for all its rows: what stands now less what stood before, in as many
rows as sums were moved. A statement that moves none (a next try, a reason) leaves none. Rows are only ever added, so
that no two transactions wait for each other; rewards.actions.sums folds them.
"""

from django.db import migrations

from kit.rls import TenantKeys, TenantTable

UP = """
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

INSERT INTO rewards_rewardsum (id, merchant_id, program_id, side, unit, state, rewards, amount_minor, clawed_back_minor)
SELECT gen_random_uuid(), merchant_id, program_id, side, unit, state,
    count(*), sum(amount_minor), sum(clawed_back_minor)
FROM rewards_reward GROUP BY merchant_id, program_id, side, unit, state;
"""

DOWN = """
DROP TRIGGER sums_follow_new ON rewards_reward;
DROP TRIGGER sums_follow_changed ON rewards_reward;
DROP TRIGGER sums_follow_gone ON rewards_reward;
DROP FUNCTION rewards_sums_follow();
"""


class Migration(migrations.Migration):
    dependencies = [("rewards", "0017_sums"), ("programs", "0002_wall")]

    operations = [TenantTable("RewardSum"), TenantKeys("RewardSum"), migrations.RunSQL(UP, DOWN)]
