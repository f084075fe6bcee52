"""Clicks in monthly partitions, with what came along in the rows that stood; the tables of the daily figures.

A table cannot be turned into a partitioned one: it is made anew beside the old one, which goes once its rows are over.
"""

import django.db.models.deletion
from django.conf import settings

import kit.ids
import kit.tenancy
import merchants.models
from django.db import migrations, models

from kit.rls import TENANT_MATCHES, composite_key_sql


ASIDE = """
ALTER TABLE tracking_click RENAME TO tracking_click_before;
DROP INDEX click_link;
ALTER TABLE tracking_click_before DROP CONSTRAINT tracking_click_pkey;
"""

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

#: Partitions for the months that the standing rows are of, and for those to come; then the rows.
FILL = """
SELECT make_click_partition(month) FROM (
    SELECT DISTINCT date_trunc('month', to_timestamp(('x' || substr(id::text, 1, 8) || substr(id::text, 10, 4))
        ::bit(48)::bigint / 1000.0) AT TIME ZONE 'UTC')::date AS month FROM tracking_click_before
) months ORDER BY month;
SELECT make_click_partitions();
INSERT INTO tracking_click (
    id, merchant_id, link_id, program_id, channel, variant, at, device, agent, referrer, salt, address, network
)
SELECT click.id, click.merchant_id, click.link_id, click.program_id, link.channel, click.variant, click.at, click.device,
    '', '', 0, '', '' FROM tracking_click_before click JOIN advocates_link link ON link.id = click.link_id;
DROP TABLE tracking_click_before;
"""


def partition(apps, schema_editor):
    quote = schema_editor.quote_name
    roles = {"runtime": quote(settings.RUNTIME_ROLE), "owner": quote(settings.OWNER_ROLE), "matches": TENANT_MATCHES}
    keys = [
        composite_key_sql("tracking_click", "link_id", "advocates_link"),
        composite_key_sql("tracking_click", "program_id", "programs_program"),
    ]
    for sql in [ASIDE, TABLE, *keys, WALL % roles, BOUND, ONE_PARTITION % roles, PARTITIONS % roles, FILL]:
        schema_editor.execute(sql, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('advocates', '0006_links_wall'),
        ('merchants', '0004_links_wall'),
        ('programs', '0007_introductions'),
        ('tracking', '0013_fraud_wall'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(partition)],
            state_operations=[
                migrations.RemoveIndex(
                    model_name='click',
                    name='click_program',
                ),
                migrations.AddField(
                    model_name='click',
                    name='address',
                    field=models.CharField(blank=True, max_length=22),
                ),
                migrations.AddField(
                    model_name='click',
                    name='agent',
                    field=models.CharField(blank=True, max_length=40),
                ),
                migrations.AddField(
                    model_name='click',
                    name='channel',
                    field=models.CharField(blank=True, max_length=10),
                ),
                migrations.AddField(
                    model_name='click',
                    name='network',
                    field=models.CharField(blank=True, max_length=22),
                ),
                migrations.AddField(
                    model_name='click',
                    name='referrer',
                    field=models.CharField(blank=True, max_length=100),
                ),
                migrations.AddField(
                    model_name='click',
                    name='salt',
                    field=models.PositiveIntegerField(default=0),
                ),
                migrations.AlterField(
                    model_name='click',
                    name='link',
                    field=merchants.models.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='advocates.link'),
                ),
                migrations.AlterField(
                    model_name='click',
                    name='merchant',
                    field=models.ForeignKey(db_constraint=False, db_index=False, default=kit.tenancy.current_merchant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant'),
                ),
                migrations.AlterField(
                    model_name='click',
                    name='program',
                    field=merchants.models.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.program'),
                ),
                migrations.AddIndex(
                    model_name='click',
                    index=models.Index(fields=['merchant', 'at', 'id'], name='click_newest'),
                ),
            ],
        ),
        migrations.CreateModel(
            name='DayStat',
            fields=[
                ('id', models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('channel', models.CharField(blank=True, max_length=10)),
                ('variant', models.CharField(blank=True, max_length=40)),
                ('clicks', models.PositiveIntegerField()),
                ('merchant', models.ForeignKey(db_index=False, default=kit.tenancy.current_merchant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
                ('program', merchants.models.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs.program')),
            ],
        ),
        migrations.CreateModel(
            name='LinkDay',
            fields=[
                ('id', models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('day', models.DateField()),
                ('clicks', models.PositiveIntegerField()),
                ('link', merchants.models.TenantForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='advocates.link')),
                ('merchant', models.ForeignKey(db_index=False, default=kit.tenancy.current_merchant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='Salt',
            fields=[
                ('id', models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('secret', models.TextField()),
                ('from_at', models.DateTimeField()),
                ('until_at', models.DateTimeField()),
                ('destroy_at', models.DateTimeField()),
                ('merchant', models.ForeignKey(db_index=False, default=kit.tenancy.current_merchant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='SetAside',
            fields=[
                ('id', models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('stream_id', models.CharField(max_length=40)),
                ('reason', models.CharField(max_length=40)),
                ('entry', models.TextField()),
                ('at', models.DateTimeField()),
                ('merchant', models.ForeignKey(db_index=False, default=kit.tenancy.current_merchant_id, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='merchants.merchant')),
            ],
        ),
        migrations.CreateModel(
            name='StrayEntry',
            fields=[
                ('id', models.UUIDField(default=kit.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('stream_id', models.CharField(max_length=40, unique=True)),
                ('reason', models.CharField(max_length=40)),
                ('entry', models.TextField()),
                ('seen_at', models.DateTimeField()),
            ],
        ),
        migrations.AddConstraint(
            model_name='daystat',
            constraint=models.UniqueConstraint(fields=('merchant', 'day', 'program', 'channel', 'variant'), name='day_stat'),
        ),
        migrations.AddConstraint(
            model_name='linkday',
            constraint=models.UniqueConstraint(fields=('merchant', 'link', 'day'), name='link_day'),
        ),
        migrations.AddConstraint(
            model_name='salt',
            constraint=models.UniqueConstraint(fields=('merchant', 'number'), name='salt_number'),
        ),
        migrations.AddConstraint(
            model_name='setaside',
            constraint=models.UniqueConstraint(fields=('merchant', 'stream_id'), name='set_aside_once'),
        ),
    ]
