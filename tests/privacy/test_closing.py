"""A workspace is closed and deleted: only its owner asks, everybody in it is told, and nothing of it is left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test import Client

from demo.drive.web import BROWSER
from engagement.models import Message
from kit.clock import database_now
from kit.ids import uuid7
from kit.rls import tenant_keys
from merchants.actions.team import NotAllowed
from merchants.events import SYSTEM
from merchants.models import DeletedWorkspace, Event, Membership, Merchant, Role, TenantModel, Workspace
from merchants.selectors import memberships_of
from merchants.steps import outbox
from merchants.wakeups import sweep_due, wake
from privacy.actions.closing import OtherName, close_workspace, keep_workspace
from privacy.deleting import groups_in_order
from privacy.selectors import closing_days
from privacy.steps import closing
from privacy.steps.closing import GRACE, follow_all
from programs.actions.lifecycle import NotPossible, resume_program
from programs.models import Program
from rewards.models import FulfilmentAttempt, LedgerEntry, Reward
from tests.cast import PASSWORD, a_world, at_work, member, user, workspace_of
from tests.dashboard.desk import base, owner, signed_in, text_of
from tests.once import for_a_file
from tests.rewards.cash import Till, a_till
from tests.rows import rows_of

pytestmark = pytest.mark.django_db


def a_till_with_a_reward() -> Till:
    till = a_till()
    till.earn(2000)
    return till


built, till = for_a_file(a_till_with_a_reward)


def seat(merchant: Merchant) -> Membership:
    found = Membership.objects.filter(merchant=merchant, role=Role.OWNER).first()
    assert found is not None
    return found


def close(merchant: Merchant) -> Merchant:
    with at_work(merchant) as now:
        return close_workspace(typed_name=merchant.name, by=seat(merchant), now=now)


def later(merchant: Merchant, **by: float) -> None:
    """As if so much time had gone by."""
    gone = timedelta(**by)
    found = Merchant.objects.get(pk=merchant.pk)
    if found.closes_at:
        Merchant.objects.filter(pk=merchant.pk).update(closes_at=found.closes_at - gone)
    for trace in DeletedWorkspace.objects.all():
        DeletedWorkspace.objects.filter(pk=trace.pk).update(begun_at=trace.begun_at - gone)


def codes(merchant: Merchant) -> list[str]:
    with at_work(merchant):
        rows = Event.objects.filter(code__startswith="workspace.").exclude(code="workspace.opened")
        return list(rows.order_by("seq").values_list("code", flat=True))


def test_asked_for_it_pauses_and_promises_go_on_and_kept_it_is_as_before(till):
    world = till.world
    merchant = close(world.merchant)
    assert merchant.closes_at - database_now() > timedelta(days=29)
    with at_work(world.merchant) as now:
        program = Program.objects.get()
        assert (program.state, Workspace.objects.get().closing_paused) == ("PAUSED", [str(program.pk)])
        with pytest.raises(NotPossible):
            resume_program(program=program, by=SYSTEM, now=now)
    page = Client().get(f"/r/{world.link.code}", headers={"User-Agent": BROWSER})
    assert "paus" in text_of(page).lower()
    till.earn(1000)  # a token from before
    with at_work(world.merchant) as now:
        keep_workspace(by=seat(world.merchant), now=now)
    with at_work(world.merchant):
        assert Program.objects.get().state == "ACTIVE"
    assert Merchant.objects.get(pk=world.merchant.pk).closes_at is None
    assert codes(world.merchant) == ["workspace.closing", "workspace.kept"]
    follow_all()
    assert DeletedWorkspace.objects.count() == 0


def test_only_an_owner_and_only_by_the_right_name(till):
    merchant = till.world.merchant
    member(merchant, "adam@nordlicht.example", Role.ADMIN)
    with at_work(merchant) as now:
        admin = Membership.objects.get(merchant=merchant, role=Role.ADMIN)
        with pytest.raises(NotAllowed):
            close_workspace(typed_name=merchant.name, by=admin, now=now)
        with pytest.raises(OtherName):
            close_workspace(typed_name="Nordlicht", by=seat(merchant), now=now)
    assert Merchant.objects.get(pk=merchant.pk).closes_at is None
    assert codes(merchant) == []


def test_owners_are_mailed_at_once_and_seven_and_one_day_before(till):
    merchant = till.world.merchant
    member(merchant, "otto@nordlicht.example", Role.OWNER)
    member(merchant, "mia@nordlicht.example", Role.MARKETER)
    with at_work(merchant) as now:
        close_workspace(typed_name=merchant.name, by=seat(merchant), now=now)
    told = []
    for days in (0, 20, 3.5, 1, 5.2, 0.1):
        later(merchant, days=days)
        follow_all()
        for _ in range(3):
            outbox.sweep(merchant.tenant_ref())
        with at_work(merchant):
            told.append(Message.objects.filter(kind="workspace_closing", state="SENT").count())
    assert told == [2, 2, 4, 4, 6, 6]


def test_the_doors_shut_and_an_hour_later_everything_is_gone(till):
    world = till.world
    till.make()
    merchant, other = world.merchant, a_world(owner="charlie@halcyon.example", name="Halcyon").merchant
    kept, alice = rows_of(other), user("alice@nordlicht.example")
    before = {table: count for table, count in rows_of(merchant).items() if count}
    close(merchant)
    later(merchant, days=31)
    assert follow_all() == 0
    assert Client().get(f"/w/{merchant.slug}").status_code == 302
    assert merchant.slug not in {one.merchant.slug for one in memberships_of(alice)}
    assert Client().get(f"/r/{world.link.code}", headers={"User-Agent": BROWSER}).status_code == 404
    assert follow_all() == 0
    assert {table: count for table, count in rows_of(merchant).items() if count}.keys() >= before.keys()
    later(merchant, hours=2)
    while follow_all():  # stages of test drives go after the workspace that points at them
        pass
    assert not Merchant.objects.filter(pk=merchant.pk).exists()
    assert not any(rows_of(merchant).values())
    assert rows_of(other) == kept
    trace = DeletedWorkspace.objects.get(workspace=merchant.pk)
    assert trace.ended_at is not None
    assert trace.rows["rewards_ledgerentry"] == before["rewards.LedgerEntry"]
    assert merchant.slug not in str(DeletedWorkspace.objects.filter(pk=trace.pk).values().get())
    again = a_world(owner="eve@other.example", name=merchant.name).merchant  # old links are still in mails and chats
    assert again.slug.startswith(f"{merchant.slug}-")
    assert type(alice).objects.filter(pk=alice.pk).exists()


def test_died_half_way_the_next_one_goes_on(till):
    merchant = till.world.merchant
    close(merchant)
    later(merchant, days=31)
    follow_all()
    later(merchant, hours=2)
    found = Merchant.objects.get(pk=merchant.pk)
    assert not closing.delete_rows(found, ends_at=0)  # its time is over after the first statement that deleted
    trace = DeletedWorkspace.objects.get(workspace=merchant.pk)
    assert (len(trace.rows), trace.ended_at) == (1, None)
    assert follow_all() == 1
    assert not Merchant.objects.filter(pk=merchant.pk).exists()


def test_while_something_is_being_given_nothing_is_shut(till):
    merchant = till.world.merchant
    close(merchant)
    later(merchant, days=31)
    with at_work(merchant) as now:
        reward = Reward.objects.filter(state="RELEASED").get()
        FulfilmentAttempt.objects.create(
            reward=reward, number=1, key="k", state="CLAIMED", started_at=now,
            lease_until=database_now() + timedelta(seconds=30),
        )  # fmt: skip
    follow_all()
    assert Merchant.objects.get(pk=merchant.pk).status == "ACTIVE"
    with at_work(merchant):
        FulfilmentAttempt.objects.update(lease_until=database_now() - timedelta(seconds=1))
    follow_all()
    assert Merchant.objects.get(pk=merchant.pk).status == "CLOSED"


def test_no_sweep_comes_for_a_closed_workspace(till):
    merchant = till.world.merchant
    with at_work(merchant):
        wake("fulfil", due_at=database_now())
    close(merchant)
    later(merchant, days=31)
    Merchant.objects.filter(pk=merchant.pk).update(status="CLOSED")
    assert sweep_due("fulfil") == 0


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(DatabaseError), transaction.atomic():
        yield


def test_the_database_itself_deletes_of_no_other_workspace(till):
    merchant = till.world.merchant

    def delete(*tables: str) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("SELECT delete_of_closed_workspace(%s, %s, 100)", [merchant.pk, list(tables)])
            return cursor.fetchone()[0]

    with refused():
        delete("rewards_ledgerentry")
    Merchant.objects.filter(pk=merchant.pk).update(closes_at=database_now() - timedelta(days=1))
    with refused():  # its day has come, and its doors are open
        delete("rewards_ledgerentry")
    Merchant.objects.filter(pk=merchant.pk).update(status="CLOSED", closes_at=database_now() + timedelta(days=1))
    with refused():
        delete("rewards_ledgerentry")
    Merchant.objects.filter(pk=merchant.pk).update(closes_at=database_now())
    for table in ("merchants_user", "merchants_membership", "pg_class", "tracking_click_2026_11", 'x"; DROP'):
        with refused():
            delete(table)
    assert delete("rewards_ledgerentry") > 0
    with at_work(merchant):
        assert LedgerEntry.objects.count() == 0


def test_the_serving_role_cannot_bring_the_day_of_a_real_workspace_nearer():
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht", sandbox=False)
    row = Merchant.objects.filter(pk=merchant.pk)
    with at_work(merchant) as now:
        day = close_workspace(typed_name=merchant.name, by=seat(merchant), now=now).closes_at
    soon = database_now() + timedelta(days=29)
    for change in ({"closes_at": soon}, {"is_sandbox": True}, {"id": uuid7()}):
        with refused():
            row.update(**change)
    row.update(status="CLOSED", closes_at=day + timedelta(days=5))
    for way in (row._raw_delete, lambda using: row.update(closes_at=day - timedelta(hours=1))):
        with refused():
            way("default")
    row.update(closes_at=None)
    with refused():
        row.update(closes_at=soon)
    assert row.values_list("closes_at", "is_sandbox").get() == (None, False)


def test_a_shorter_time_in_the_settings_counts_with_the_next_migrate(settings):
    settings.WORKSPACE_CLOSING_DAYS = 7
    assert closing_days() == 30
    settings.WORKSPACE_CLOSING_DAYS = 40
    assert closing_days() == 40


def test_who_points_at_others_goes_before_them():
    place = {table: at for at, group in enumerate(groups_in_order()) for table in group}
    for model in apps.get_models():
        if issubclass(model, TenantModel):
            for _, target in tenant_keys(model):
                assert place[model._meta.db_table] <= place[target], (model, target)
    circles = [group for group in groups_in_order() if len(group) > 1]
    assert circles == [["programs_program", "programs_termsversion"]]


def test_every_table_of_a_merchant_has_its_turn():
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'merchant_id'
               WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relforcerowsecurity"""
        )
        there = {name for (name,) in cursor.fetchall()}
    assert {table for group in groups_in_order() for table in group} == there
    assert timedelta(hours=1) <= GRACE


def test_the_page_asks_for_name_and_password_and_the_banner_leads_back(till):
    world, client = till.world, owner(till.world)
    path = f"{base(world)}/settings/close"
    page = text_of(client.get(path))
    assert "€20.00 due and not given yet" in page
    told = {"typed_name": world.merchant.name, "password": PASSWORD, "understood": "on"}
    for wrong in ({"typed_name": "x"}, {"password": "x"}, {"understood": ""}):
        assert client.post(path, told | wrong).status_code == 422
    assert Merchant.objects.get(pk=world.merchant.pk).closes_at is None
    assert client.post(path, told).status_code == 302
    assert "This workspace is being deleted" in text_of(client.get(base(world)))
    admin = signed_in(member(world.merchant, "adam@nordlicht.example", Role.ADMIN))
    assert admin.get(path).status_code == admin.post(path, told).status_code == 404
    assert client.post(f"{path}/keep").status_code == 302
    assert Merchant.objects.get(pk=world.merchant.pk).closes_at is None
