"""The wall, asked of Postgres itself: every table of a merchant, its policies and keys, what the role may not do."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import ForeignKey

from kit.rls import tenant_keys
from kit.tenancy import NoTenant, TransactionForbidden, TransactionRequired, tenant_scope, tenant_transaction
from merchants.control import CONTROL_TABLES, DOOR_TABLES
from merchants.models import Merchant, TenantModel, Workspace
from merchants.rows import tables_by_triggers
from rewards.actions.settle import settle_order
from rewards.steps.release import sweep

pytestmark = pytest.mark.django_db

#: Rows of the control plane that stand for a merchant themselves, or for none.
OF_NO_MERCHANT = {"merchants_merchant", "merchants_deletedworkspace", "tracking_strayentry"}
#: Held by the key of the figures that are written in the same statement (tracking.models.clicks).
HELD_BY_FIGURES = {("tracking_click", "tracking_click_program_id_tenant")}
APP_MODELS = [model for model in apps.get_models() if issubclass(model, TenantModel)]


def rows(sql: str, *params: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def relations_with_merchant() -> dict[str, tuple[bool, bool]]:
    """Every relation with a merchant_id, partitions and views too: (row security on, forced)."""
    found = rows(
        """SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c
           JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'merchant_id' AND NOT a.attisdropped
           WHERE c.relkind IN ('r', 'p', 'v', 'm') AND c.relnamespace = 'public'::regnamespace"""
    )
    return {name: (on, forced) for name, on, forced in found}


def test_every_relation_of_a_merchant_has_forced_row_security():
    found = relations_with_merchant()
    assert set(CONTROL_TABLES) - OF_NO_MERCHANT <= set(found)
    open_tables = {name for name, (on, forced) in found.items() if not (on and forced)}
    assert open_tables == set(CONTROL_TABLES) - OF_NO_MERCHANT


def test_every_tenant_policy_is_the_plain_comparison():
    policies = rows("SELECT tablename, policyname, qual, with_check FROM pg_policies WHERE policyname = 'tenant'")
    assert {name for name, *_ in policies} == set(relations_with_merchant()) - set(CONTROL_TABLES) - DOOR_TABLES
    wanted = "(merchant_id = (NULLIF(current_setting('app.merchant_id'::text, true), ''::text))::uuid)"
    assert {qual for *_, qual, _ in policies} == {check for *_, check in policies} == {wanted}


def test_every_key_between_merchants_rows_is_composite():
    made = {
        (table, name)
        for table, name in rows(
            """SELECT conrelid::regclass::text, conname FROM pg_constraint
               WHERE contype = 'f' AND array_length(conkey, 1) = 2 AND conparentid = 0"""
        )
    }
    wanted = {
        (model._meta.db_table, f"{model._meta.db_table}_{field.column}_tenant")
        for model in APP_MODELS
        for field, _ in tenant_keys(model)
    }
    assert made == wanted - HELD_BY_FIGURES


def test_partitions_stand_behind_the_wall_of_their_table_and_nobody_has_a_right_to_them():
    """Whoever names a partition passes its table's policies by: it has its own, and no grants at all."""
    assert rows("SELECT make_click_partitions()") == [(0,)]
    partitions = rows(
        """SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
             (SELECT array_agg(policyname::text ORDER BY policyname) FROM pg_policies WHERE tablename = c.relname),
             (SELECT count(*) FROM pg_constraint WHERE conrelid = c.oid AND contype = 'f')
           FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
           WHERE i.inhparent = 'tracking_click'::regclass AND c.relkind = 'r'"""
    )
    assert len(partitions) >= 5
    assert {tuple(map(str, facts)) for _name, *facts in partitions} == {("True", "['migrations', 'tenant']", "1")}
    for name, *_ in partitions:
        for sql in (f"SELECT 1 FROM {name}", f"DELETE FROM {name}", f"DROP TABLE {name}"):
            with pytest.raises(DatabaseError), transaction.atomic():
                rows(sql)


def test_of_the_functions_that_act_as_the_owner_the_runtime_role_has_two_and_cannot_lead_them_astray():
    owned = rows(
        """SELECT proname, pronargs, proconfig, prosecdef, has_function_privilege(oid, 'EXECUTE') FROM pg_proc
           WHERE pronamespace = 'public'::regnamespace AND prosecdef ORDER BY proname"""
    )
    assert owned == [
        ("delete_of_closed_workspace", 3, ["search_path=pg_catalog, public, pg_temp"], True, True),
        ("make_click_partitions", 0, ["search_path=pg_catalog, pg_temp"], True, True),
    ]
    with pytest.raises(DatabaseError), transaction.atomic():
        rows("SELECT make_click_partition('2031-01-01')")


def test_the_tables_that_triggers_write_say_so():
    found = rows(
        """SELECT DISTINCT written[1] FROM pg_proc, regexp_matches(prosrc, 'INSERT INTO ([a-z_]+)', 'g') AS written
           WHERE prorettype = 'trigger'::regtype AND pronamespace = 'public'::regnamespace"""
    )
    assert {name for (name,) in found} == tables_by_triggers() != set()


def test_no_plain_key_points_at_a_merchants_row():
    plain = [
        f"{model.__name__}.{field.name}"
        for model in APP_MODELS
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey) and issubclass(field.related_model, TenantModel) and field.db_constraint
    ]
    assert plain == []


def test_every_unique_constraint_of_a_merchants_rows_begins_with_the_merchant():
    loose = [
        constraint.name
        for model in APP_MODELS
        for constraint in model._meta.constraints
        if getattr(constraint, "fields", None) and constraint.fields[0] != "merchant"
    ]
    assert loose == []


def test_the_runtime_role_can_neither_climb_nor_change_the_wall():
    role = settings.RUNTIME_ROLE
    [(current, is_super, bypasses)] = rows(
        "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )
    assert (current, is_super, bypasses) == (role, False, False)
    assert rows("SELECT 1 FROM pg_class c JOIN pg_roles r ON r.oid = c.relowner WHERE r.rolname = %s", role) == []
    for sql in (
        "ALTER TABLE rewards_reward DISABLE ROW LEVEL SECURITY",
        f'SET ROLE "{settings.OWNER_ROLE}"',
        "UPDATE rewards_ledgerentry SET amount_minor = 1",
        "DELETE FROM rewards_ledgerentry",
        "UPDATE merchants_event SET code = 'x'",
        "UPDATE tracking_orderfact SET key = 'x'",
        "UPDATE tracking_click SET device = 'x'",
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows(sql)


@pytest.mark.parametrize("model", APP_MODELS, ids=lambda model: model._meta.label)
def test_without_a_tenant_there_are_no_rows_whatever_the_manager_says(model):  # hostile 102
    assert rows(f'SELECT count(*) FROM "{model._meta.db_table}"') == [(0,)]
    assert model.objects.count() == 0


def test_another_merchants_rows_cannot_be_written():
    ours, theirs = (Merchant.objects.create(slug=name, name=name) for name in ("ours", "theirs"))
    facts = {"currency": "EUR", "time_zone": "UTC", "shop_url": "https://shop.example"}
    with tenant_scope(ours.tenant_ref()), tenant_transaction():
        Workspace.objects.create(id=ours.pk, **facts)
        with pytest.raises(DatabaseError), transaction.atomic():
            Workspace.objects.create(id=theirs.pk, merchant=theirs, **facts)
        assert Workspace.objects.update(merchant=ours) == 1
        with pytest.raises(DatabaseError), transaction.atomic():
            Workspace.objects.update(merchant=theirs)
    with tenant_scope(theirs.tenant_ref()), tenant_transaction():
        assert Workspace.objects.count() == 0


def test_a_scope_alone_sees_nothing():
    merchant = Merchant.objects.create(slug="ours", name="ours")
    with tenant_scope(merchant.tenant_ref()), tenant_transaction():
        Workspace.objects.create(id=merchant.pk, currency="EUR", time_zone="UTC", shop_url="https://shop.example")
    with tenant_scope(merchant.tenant_ref()):
        assert Workspace.objects.count() == 0


def test_a_transaction_needs_a_tenant_an_action_a_transaction_and_a_step_none():
    with pytest.raises(NoTenant), tenant_transaction():
        pass
    with pytest.raises(TransactionRequired):
        settle_order(order=None, now=None, by="")
    merchant = Merchant.objects.create(slug="ours", name="ours")
    with tenant_scope(merchant.tenant_ref()), tenant_transaction(), pytest.raises(TransactionForbidden):
        sweep(merchant.tenant_ref())


@pytest.mark.django_db(transaction=True)
def test_a_pooled_connection_forgets_the_tenant_at_commit():  # hostile 103
    merchant = Merchant.objects.create(slug="ours", name="ours")
    with tenant_scope(merchant.tenant_ref()), tenant_transaction():
        pass
    assert rows("SELECT coalesce(current_setting('app.merchant_id', true), '')") == [("",)]


@pytest.mark.django_db(transaction=True)
def test_a_read_transaction_cannot_write():
    merchant = Merchant.objects.create(slug="ours", name="ours")
    with pytest.raises(DatabaseError), tenant_scope(merchant.tenant_ref()), tenant_transaction(read_only=True):
        Workspace.objects.create(id=merchant.pk, currency="EUR", time_zone="UTC", shop_url="https://shop.example")
