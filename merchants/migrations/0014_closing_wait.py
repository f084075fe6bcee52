"""The days between asking for a workspace's deletion and the first row that goes, kept by the database itself.

0010 deletes of a workspace alone that is CLOSED and whose day has come, but the role that serves writes both. Here it can
set that day only as far away as ``closing_days()`` says (made by whoever migrates: roles.closing_days_statement), move
it away and take it away. An hour is left to clocks and slow transactions. Nor can it make a real workspace a sandbox,
give it another id, or delete its row before: the row could come anew under the same id with another day.

Sandboxes, stages of test drives among them, may go at once: nobody waits for anything of theirs. The owner of the table
is not bound: it could drop the trigger.
"""

from django.db import migrations

GUARD = """
CREATE FUNCTION merchants_guard_closing() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $function$
DECLARE
    earliest timestamptz;
    refusal text;
BEGIN
    IF pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF NOT (OLD.is_sandbox OR OLD.status = 'CLOSED' AND coalesce(OLD.closes_at <= clock_timestamp(), false)) THEN
            refusal := 'its day has not come';
        END IF;
    ELSIF NEW.id <> OLD.id THEN
        refusal := 'its id stays';
    ELSIF NEW.is_sandbox <> OLD.is_sandbox THEN
        refusal := 'a sandbox stays one, and no other becomes one';
    ELSIF NOT NEW.is_sandbox AND NEW.closes_at IS DISTINCT FROM OLD.closes_at THEN
        earliest := clock_timestamp() + make_interval(days => closing_days()) - interval '1 hour';
        IF NEW.closes_at < least(earliest, coalesce(OLD.closes_at, earliest)) THEN
            refusal := format('it closes no earlier than %s days from now', closing_days());
        END IF;
    END IF;
    IF refusal IS NOT NULL THEN
        RAISE EXCEPTION 'workspace %: %', OLD.id, refusal USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN coalesce(NEW, OLD);
END $function$;
CREATE TRIGGER guard_closing BEFORE UPDATE OF id, is_sandbox, closes_at OR DELETE ON merchants_merchant
    FOR EACH ROW EXECUTE FUNCTION merchants_guard_closing();
"""


class Migration(migrations.Migration):
    dependencies = [("merchants", "0013_accounts")]

    operations = [
        migrations.RunSQL(
            GUARD, "DROP TRIGGER guard_closing ON merchants_merchant; DROP FUNCTION merchants_guard_closing()"
        )
    ]
