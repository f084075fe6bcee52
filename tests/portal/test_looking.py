"""Somebody of the team sees an advocate's portal as the advocate does: read-only, logged, and mixed with nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from advocates.actions.standing import ban_advocate
from advocates.models import Advocate, Viewing
from demo.drive.web import BROWSER
from engagement.mailbox import mails_of
from engagement.models import Message
from kit.clock import database_now
from merchants.events import SYSTEM
from merchants.models import Event, Membership, Merchant, Role, TenantModel, User
from merchants.steps import outbox
from referral_saas.dashboard.paths import public
from referral_saas.portal import urls
from tests.cast import World, a_world, at_work, enrolled, workspace_of
from tests.dashboard.desk import as_role, base, text_of
from tests.dashboard.desk import signed_in as logged_in
from tests.portal.world import portal, signed_in

pytestmark = pytest.mark.django_db
IP = "203.0.113.9"


@pytest.fixture
def anna(world: World) -> Client:
    """Of support."""
    return as_role(world, Role.SUPPORT)


def look_as(client: Client, world: World, advocate: Advocate | None = None, **form: str) -> Any:
    path = f"{base(world)}/advocates/{public(advocate or world.advocate)}/view-as"
    return client.post(path, form, REMOTE_ADDR=IP)


def everything(world: World) -> dict[str, str]:
    tables = [model._meta.db_table for model in apps.get_models() if issubclass(model, TenantModel)]
    sql = "SELECT coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '') FROM {} t"
    with at_work(world.merchant), connection.cursor() as cursor:
        return {table: _one(cursor, sql.format(table)) for table in tables}


def _one(cursor: Any, sql: str) -> str:
    cursor.execute(sql)
    return str(cursor.fetchone()[0])


def events(world: World, code: str) -> list[Event]:
    with at_work(world.merchant):
        return list(Event.objects.filter(code=code).order_by("pk"))


# --- what a look shows and leaves behind ------------------------------------------------------------------------------


def test_it_shows_the_real_portal_under_a_banner_and_is_logged(world, anna):
    answer = look_as(anna, world)
    assert (answer.status_code, answer["Location"]) == (303, portal(world))
    cookie = answer.cookies[f"looking_{world.merchant.slug}"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (portal(world), True, "Lax")
    page = anna.get(portal(world))
    assert "You see what Dana sees. Nothing can be changed. Leave" in text_of(page)
    assert (world.link.code in text_of(page), "Sign out" in text_of(page)) == (True, False)
    assert set(page.cookies) <= {"csrftoken", "sessionid"}
    for rest in ("friends", "rewards", "links", "settings", "terms", "qr"):
        page = anna.get(portal(world, rest))
        assert (page.status_code, "You see what Dana sees" in text_of(page)) == (200, True), rest
    assert anna.get(portal(world, "qr.svg"))["Cache-Control"] == "no-store, private"
    with at_work(world.merchant):
        row = Viewing.objects.get()
        anna_id = User.objects.get(email="support@nordlicht.example").pk
        assert (row.advocate_id, row.user_id, row.is_told, row.left_at) == (world.advocate.pk, anna_id, False, None)
        assert (len(row.address), row.salt is not None, anna.session.session_key in row.session) == (22, True, False)
        assert IP not in str(vars(row))
    [told] = events(world, "advocate.viewed")
    assert (told.subject_id, told.by) == (world.advocate.pk, f"user:{anna_id}")
    assert told.data == {"viewing": str(row.pk), "until": row.ends_at.isoformat(), "told": False}


def test_leaving_leads_back_is_logged_and_forgets_the_cookie(world, anna):
    look_as(anna, world)
    answer = anna.post(portal(world, "stop-looking"))
    assert answer["Location"] == f"{base(world)}/advocates/{public(world.advocate)}"
    with at_work(world.merchant):
        row = Viewing.objects.get()
        assert row.left_at is not None
    [left] = events(world, "advocate.view_left")
    assert left.data == {"viewing": str(row.pk)}
    assert "You see what" not in text_of(anna.get(portal(world)))
    page = text_of(anna.get(answer["Location"]))
    assert ("Somebody looked at their portal" in page, "Left their portal again" in page) == (True, True)


def test_pressed_twice_it_is_one_look_and_another_one_ends_it(world, anna):
    otto = enrolled(world.merchant, world.program, "otto@advocate.example", "Otto Brand")
    for _ in range(2):
        look_as(anna, world)
    assert len(events(world, "advocate.viewed")) == 1
    look_as(anna, world, otto)
    assert "You see what Otto sees" in text_of(anna.get(portal(world)))
    with at_work(world.merchant):
        rows = list(Viewing.objects.order_by("pk").values_list("advocate_id", "left_at"))
    assert [(key, left is None) for key, left in rows] == [(world.advocate.pk, False), (otto.pk, True)]
    assert len(events(world, "advocate.view_left")) == 1


@pytest.mark.parametrize(("form", "number"), [({"tell": "on"}, 1), ({}, 0)])
def test_the_advocate_is_told_by_mail_where_that_is_ticked(world, anna, form, number):
    outbox.sweep(world.merchant.tenant_ref())
    look_as(anna, world, **form)
    outbox.sweep(world.merchant.tenant_ref())
    with at_work(world.merchant):
        told = list(Message.objects.filter(kind="portal_viewed").values_list("state", "customer_id"))
    assert told == [("SENT", world.advocate.customer_id)] * number
    if told:
        mail = mails_of(world.merchant.slug, limit=1)[0]
        assert (mail.to, mail.subject) == ("dana@advocate.example", "Nordlicht Kaffee looked at your portal")
        assert ("Nothing was changed" in mail.text, "support@nordlicht" in mail.text) == (True, False)


# --- nothing can be changed -------------------------------------------------------------------------------------------

VALUES = {
    "token": "x",
    "program": "freunde",
    "channel": "copy",
    "mark": "till",
    "advocate_id": "0199a0a0-0000-7000-8000-000000000001",
}
ACTIONS = {
    *("sign-in", "enter", "join", "switch", "sign-out", "sign-out-everywhere", "answer", "address", "choice"),
    *("second-look", "give-account", "accept", "share", "add-link", "choose-code", "retire-link", "save-settings"),
}


def test_every_post_is_refused_before_any_page_is_asked(world, anna):
    look_as(anna, world)
    before, refused, values = everything(world), set(), VALUES | {"public_id": public(world.link)}
    for pattern in urls.urlpatterns:
        if pattern.name == "stop-looking":
            continue
        rest = str(pattern.pattern).removeprefix("<slug:slug>/")
        path = portal(world, re.sub(r"<\w+:(\w+)>", lambda found: values[found[1]], rest))
        answer = anna.post(path, {"name": "Eve", "version": "1", "accept": "on"})
        assert answer.status_code in (403, 405), path
        if answer.status_code == 403:
            refused.add(pattern.name)
            assert "Nothing was changed" in text_of(answer)
    assert refused >= ACTIONS
    assert everything(world) == before
    assert anna.get(portal(world)).status_code == 200


def test_the_page_to_join_is_seen_and_not_counted(world, anna):
    look_as(anna, world)
    before = everything(world)
    page = anna.get(portal(world, f"join/{world.program.slug}/website"), headers={"User-Agent": BROWSER})
    assert (page.status_code, "You see what Dana sees" in text_of(page)) == (200, True)
    assert everything(world) == before


def test_an_invited_or_paused_advocates_portal_can_be_seen_a_banned_ones_not(world, anna):
    with at_work(world.merchant) as now:
        Advocate.objects.update(state="INVITED")
    look_as(anna, world)
    assert "You see what Dana sees" in text_of(anna.get(portal(world)))
    with at_work(world.merchant) as now:
        Advocate.objects.update(state="PAUSED")
    assert anna.get(portal(world)).status_code == 200
    with at_work(world.merchant) as now:
        ban_advocate(advocate=world.advocate, by=SYSTEM, now=now)
    assert anna.get(portal(world)).status_code == 410
    before = everything(world)
    answer = anna.post(f"{base(world)}/advocates/{public(world.advocate)}/view-as", follow=True)
    assert "cannot open the portal" in text_of(answer)
    assert everything(world) == before


# --- it mixes with nothing --------------------------------------------------------------------------------------------


def test_an_advocates_own_session_in_the_same_browser_is_untouched(world):
    otto = enrolled(world.merchant, world.program, "otto@advocate.example", "Otto Brand")
    both = signed_in(world, otto)
    both.force_login(User.objects.get(email="alice@nordlicht.example"))
    own = both.cookies[f"advocate_{world.merchant.slug}"].value
    look_as(both, world)
    assert "You see what Dana sees" in text_of(both.get(portal(world)))
    with at_work(world.merchant):
        Viewing.objects.update(ends_at=database_now())
    over = both.get(portal(world))
    assert (over.status_code, "Looking is over" in text_of(over)) == (410, True)
    before = everything(world)
    for rest in ("sign-out-everywhere", "settings/save", "sign-out"):
        assert both.post(portal(world, rest), {"name": "Eve"}).status_code == 410
    assert everything(world) == before
    assert both.cookies[f"advocate_{world.merchant.slug}"].value == own
    assert both.post(portal(world, "stop-looking")).status_code == 303
    page = text_of(both.get(portal(world, "settings")))
    assert ("You see what" in page, "Looking is over" in page) == (False, False)
    assert 'value="Otto Brand"' in both.get(portal(world, "settings")).content.decode()


def test_it_ends_at_once_with_the_seat_the_permission_or_the_log_in(world, anna):
    look_as(anna, world)
    cookie = anna.cookies[f"looking_{world.merchant.slug}"].value
    seat = Membership.objects.get(user__email="support@nordlicht.example")

    def sees(client: Client) -> bool:
        return client.get(portal(world)).status_code == 200

    assert sees(anna)
    Membership.objects.filter(pk=seat.pk).update(role=Role.ANALYST)
    assert not sees(anna)
    elsewhere = workspace_of("charlie@halcyon.example", "Halcyon")
    Membership.objects.create(merchant=elsewhere, user=seat.user, role=Role.OWNER)
    assert not sees(anna), "a seat in another workspace is none here"
    Membership.objects.filter(pk=seat.pk).update(role=Role.ADMIN)
    assert sees(anna)
    Merchant.objects.filter(pk=world.merchant.pk).update(needs_second_factor=True)
    assert not sees(anna), "nobody looks without the second factor that is asked of everybody"
    Merchant.objects.filter(pk=world.merchant.pk).update(needs_second_factor=False)
    for other in (logged_in(seat.user), logged_in(User.objects.get(email="alice@nordlicht.example")), Client()):
        other.cookies[f"looking_{world.merchant.slug}"] = cookie
        assert other.get(portal(world)).status_code == 410
        assert other.post(portal(world, "sign-out")).status_code == 410
    Membership.objects.filter(pk=seat.pk).delete()
    assert not sees(anna)
    Membership.objects.create(merchant=world.merchant, user=seat.user, role=Role.SUPPORT)
    assert sees(anna)
    anna.logout()
    anna.cookies[f"looking_{world.merchant.slug}"] = cookie
    assert not sees(anna)


def test_the_time_is_up_after_half_an_hour(world, anna):
    look_as(anna, world)
    with at_work(world.merchant):
        row = Viewing.objects.get()
        assert timedelta(minutes=29) < row.ends_at - database_now() <= timedelta(minutes=30)
        Viewing.objects.update(ends_at=database_now())
    assert anna.get(portal(world)).status_code == 410
    assert anna.post(portal(world, "stop-looking")).status_code == 303
    assert events(world, "advocate.view_left") == []


def test_who_may_not_and_whose_advocate_it_is_not(world, anna):
    halcyon = a_world(owner="charlie@halcyon.example", name="Halcyon")
    before = everything(world), everything(halcyon)
    for role in (Role.MARKETER, Role.REVIEWER, Role.FINANCE, Role.ANALYST):
        client = as_role(world, role)
        assert look_as(client, world).status_code == 404
        assert "view-as" not in client.get(f"{base(world)}/advocates/{public(world.advocate)}").content.decode()
    assert anna.post(f"{base(world)}/advocates/{public(halcyon.advocate)}/view-as").status_code == 404
    assert anna.post(f"{base(halcyon)}/advocates/{public(halcyon.advocate)}/view-as").status_code == 404
    assert look_as(Client(), world)["Location"].startswith("/account/login/")
    assert (everything(world), everything(halcyon)) == before
    look_as(anna, world)
    cookie = anna.cookies[f"looking_{world.merchant.slug}"].value
    for forged in (cookie, cookie[:-2], "", "x", "null"):
        anna.cookies[f"looking_{halcyon.merchant.slug}"] = forged
        page = text_of(anna.get(portal(halcyon)))
        assert ("You see what" in page, halcyon.link.code in page) == (False, False)


def test_what_a_page_costs_while_somebody_looks(world, anna):
    look_as(anna, world)
    for rest in ("", "friends", "rewards", "links", "settings"):
        with CaptureQueriesContext(connection) as caught:
            assert anna.get(portal(world, rest)).status_code == 200
        assert len(caught) <= 20, (rest, len(caught))
