"""How the rows of a workspace may be deleted: by one narrow function of the database, and once its time is over.

The ledger, the log, frozen terms and facts are append-only to the runtime role, and stay so. The function acts as the
owner of the tables. It looks for itself whether the workspace is closed and its day has come, holds its row, so that
nobody writes for it meanwhile, and deletes at most so many rows of tables that it finds in the catalogue: those that
carry ``merchant_id`` behind a forced wall. Several tables at once are those whose keys point at each other; one
statement takes them whole. A table that points at itself loses those first that nothing points at any more.
"""

from django.conf import settings
from django.db import migrations

from kit.rls import ControlTable

DELETE = """
CREATE FUNCTION delete_of_closed_workspace(workspace uuid, tables text[], most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    known text[];
    leaf text;
    parts text;
    deleted bigint;
BEGIN
    PERFORM FROM public.merchants_merchant
        WHERE id = workspace AND status = 'CLOSED' AND closes_at <= clock_timestamp() FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'workspace %% is not to be deleted', workspace USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT array_agg(c.relname::text) INTO known FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'merchant_id' AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
            AND c.relforcerowsecurity;
    IF cardinality(tables) = 0 OR NOT tables <@ known THEN
        RAISE EXCEPTION 'not all of %% are tables of a merchant', tables USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF cardinality(tables) > 1 THEN
        SELECT string_agg(format('d%%s AS (DELETE FROM public.%%I WHERE merchant_id = $1 RETURNING 1)', n, t), ', '),
               string_agg(format('(SELECT count(*) FROM d%%s)', n), ' + ')
            INTO parts, leaf FROM unnest(tables) WITH ORDINALITY AS u(t, n);
        EXECUTE format('WITH %%s SELECT %%s', parts, leaf) INTO deleted USING workspace;
        RETURN deleted;
    END IF;
    SELECT coalesce(string_agg(format(
            ' AND NOT EXISTS (SELECT FROM public.%%I other WHERE other.merchant_id = $1 AND other.%%I = own.id'
            ' AND other.id <> own.id)', tables[1], a.attname), ''), '')
        INTO leaf FROM pg_constraint k
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[2]
        WHERE k.contype = 'f' AND k.conrelid = k.confrelid AND cardinality(k.conkey) = 2
            AND k.conrelid = format('public.%%I', tables[1])::regclass;
    EXECUTE format('DELETE FROM public.%%1$I WHERE merchant_id = $1 AND id IN '
        '(SELECT own.id FROM public.%%1$I own WHERE own.merchant_id = $1%%2$s LIMIT $2)', tables[1], leaf)
        USING workspace, most;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END $function$;
REVOKE ALL ON FUNCTION delete_of_closed_workspace(uuid, text[], integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION delete_of_closed_workspace(uuid, text[], integer) TO %(runtime)s;
"""


def make_function(apps, schema_editor):
    runtime = schema_editor.quote_name(settings.RUNTIME_ROLE)
    schema_editor.execute(DELETE % {"runtime": runtime}, params=None)


def drop_function(apps, schema_editor):
    schema_editor.execute("DROP FUNCTION delete_of_closed_workspace(uuid, text[], integer)", params=None)


class Migration(migrations.Migration):
    dependencies = [("merchants", "0009_closing")]

    operations = [
        ControlTable("DeletedWorkspace", grants="SELECT, INSERT, UPDATE"),
        migrations.RunPython(make_function, drop_function),
    ]
