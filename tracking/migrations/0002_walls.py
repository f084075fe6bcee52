"""The wall around touches, orders, referrals and what is known about fraud (kit/rls.py).

Clicks lie in monthly partitions: CreateModel knows no such table, so it is made here.
"""

from django.conf import settings
from django.db import migrations

from kit.rls import (
    APPEND_ONLY,
    TENANT_MATCHES,
    ControlTable,
    TenantKeys,
    TenantTable,
    composite_key_sql,
)

APPENDED = ("OrderFact",)
TABLES = (
    "Claim",
    "Order",
    "Referral",
    "Leak",
    "Introduction",
    "Assignment",
    "FraudPolicy",
    "ListEntry",
    "OrderTrace",
    "AdvocateTrace",
    "Reassessment",
    "Review",
    "Breaker",
    "DayStat",
    "LinkDay",
    "OfferAsked",
)
KEPT_OR_DELETED = (
    "Salt",
    "SetAside",
)
CONTROL_KEPT_OR_DELETED = ("StrayEntry",)
KEYED = (
    "Claim",
    "Order",
    "OrderFact",
    "Referral",
    "Leak",
    "Introduction",
    "Assignment",
    "FraudPolicy",
    "ListEntry",
    "OrderTrace",
    "AdvocateTrace",
    "Reassessment",
    "Review",
    "Breaker",
    "DayStat",
    "LinkDay",
    "OfferAsked",
)
#: Bounds of id alone: a uuid7 begins with its milliseconds.
TABLE = """
CREATE TABLE tracking_click (
    id uuid NOT NULL PRIMARY KEY,
    merchant_id uuid NOT NULL,
    link_id uuid NOT NULL,
    program_id uuid NOT NULL,
    channel varchar(10) NOT NULL,
    variant varchar(40) NOT NULL,
    at timestamptz NOT NULL,
    device varchar(20) NOT NULL,
    agent varchar(40) NOT NULL,
    referrer varchar(100) NOT NULL,
    salt integer NOT NULL CHECK (salt >= 0),
    address varchar(22) NOT NULL,
    network varchar(22) NOT NULL
) PARTITION BY RANGE (id);
CREATE INDEX click_newest ON tracking_click (merchant_id, at, id);
CREATE INDEX click_link ON tracking_click (merchant_id, link_id, at);
"""

#: Reached by what calls it as the owner alone. A partition is a table of its own to whoever names it: it stands behind
#: the same wall before it is attached, and nobody has a right to it. Attaching lets reading and writing go on.
ONE_PARTITION = """
CREATE FUNCTION make_click_partition(first_day date) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    made text := 'tracking_click_' || to_char(first_day, 'YYYY_MM');
    next_day date := first_day + interval '1 month';
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('make_click_partition', 0));
    IF to_regclass('public.' || made) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE public.%%I (LIKE public.tracking_click INCLUDING CONSTRAINTS)', made);
    EXECUTE format('ALTER TABLE public.%%I ENABLE ROW LEVEL SECURITY', made);
    EXECUTE format('ALTER TABLE public.%%I FORCE ROW LEVEL SECURITY', made);
    EXECUTE format($sql$CREATE POLICY tenant ON public.%%I TO %(runtime)s
        USING (%(matches)s) WITH CHECK (%(matches)s)$sql$, made);
    EXECUTE format('CREATE POLICY migrations ON public.%%I TO %(owner)s USING (true) WITH CHECK (true)', made);
    EXECUTE format('ALTER TABLE public.tracking_click ATTACH PARTITION public.%%I FOR VALUES FROM (%%L) TO (%%L)',
        made, public.click_bound(first_day), public.click_bound(next_day));
    RETURN true;
END $function$;
REVOKE ALL ON FUNCTION make_click_partition(date) FROM PUBLIC;
"""

#: The first uuid of a day, UTC.
BOUND = """
CREATE FUNCTION click_bound(day date) RETURNS uuid
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $function$
    SELECT (lpad(to_hex((extract(epoch FROM day) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$function$;
REVOKE ALL ON FUNCTION click_bound(date) FROM PUBLIC;
"""

#: The one thing the runtime role may have done to the tables, and it has nothing to say in it: the month before, for
#: what still waits at midnight, this one and three to come.
PARTITIONS = """
CREATE FUNCTION make_click_partitions() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    this_month date := date_trunc('month', now() AT TIME ZONE 'UTC');
    made integer := 0;
BEGIN
    FOR ahead IN -1..3 LOOP
        IF public.make_click_partition((this_month + make_interval(months => ahead))::date) THEN
            made := made + 1;
        END IF;
    END LOOP;
    RETURN made;
END $function$;
REVOKE ALL ON FUNCTION make_click_partitions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_click_partitions() TO %(runtime)s;
"""

WALL = """
ALTER TABLE tracking_click ENABLE ROW LEVEL SECURITY;
ALTER TABLE tracking_click FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tracking_click TO %(runtime)s USING (%(matches)s) WITH CHECK (%(matches)s);
CREATE POLICY migrations ON tracking_click TO %(owner)s USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON tracking_click TO %(runtime)s;
"""
FIRST = "SELECT make_click_partitions()"
#: Room beside the daily figures: they are added to all day, and a row that finds room on its page touches no index.
#: Nothing refers to them, so they need no key for that.
ROOM = """
ALTER TABLE tracking_daystat SET (fillfactor = 50);
ALTER TABLE tracking_linkday SET (fillfactor = 50);
ALTER TABLE tracking_daystat DROP CONSTRAINT tracking_daystat_tenant_key;
ALTER TABLE tracking_linkday DROP CONSTRAINT tracking_linkday_tenant_key;
"""


def clicks(apps, schema_editor):
    quote = schema_editor.quote_name
    roles = {"runtime": quote(settings.RUNTIME_ROLE), "owner": quote(settings.OWNER_ROLE), "matches": TENANT_MATCHES}
    # The program of a click is held by its figures: the statement that records clicks adds them to DayStat, whose key
    # names the same program of the same merchant, once for each day and program instead of once for each click.
    key = composite_key_sql("tracking_click", "link_id", "advocates_link")
    for sql in [TABLE, key, WALL % roles, BOUND, ONE_PARTITION % roles, PARTITIONS % roles, FIRST]:
        schema_editor.execute(sql, params=None)


class Migration(migrations.Migration):
    replaces = [
        ("tracking", "0024_offers_asked_wall"),
    ]
    dependencies = [
        ("tracking", "0001_tables"),
        ("advocates", "0002_walls"),
        ("merchants", "0002_walls"),
        ("programs", "0002_walls"),
    ]

    operations = [
        *(TenantTable(name, grants=APPEND_ONLY) for name in APPENDED),
        *(TenantTable(name) for name in TABLES),
        *(TenantTable(name, grants="SELECT, INSERT, DELETE") for name in KEPT_OR_DELETED),
        *(ControlTable(name, grants="SELECT, INSERT, DELETE") for name in CONTROL_KEPT_OR_DELETED),
        *(TenantKeys(name) for name in KEYED),
        migrations.RunSQL(ROOM, migrations.RunSQL.noop),
        migrations.RunPython(clicks),
    ]
