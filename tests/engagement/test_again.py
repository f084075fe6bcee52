"""A mail is sent once more: written anew, to the same person, and not too often."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail

from advocates.actions.magic import make_magic_link
from advocates.models import Advocate, Customer
from engagement.actions.again import MOST_A_DAY, NotSent, can_send_again, send_again
from engagement.models import Message
from merchants.events import SYSTEM
from merchants.models import Event, Outbox, Role, User
from referral_saas.dashboard.paths import public
from tests.cast import World, at_work, workspace_of
from tests.dashboard.desk import as_role, base, owner, signed_in, text_of
from tests.dashboard.test_people_pages import cost
from tests.engagement.post import a_shop, deliver, html_of
from tests.once import for_a_file

pytestmark = pytest.mark.django_db


def welcomed() -> World:
    """Dana got her mail."""
    shop = a_shop()
    deliver(shop, "advocate.enrolled")
    return shop


built, world = for_a_file(welcomed)


def the_mail(world: World, kind: str = "welcome") -> Message:
    with at_work(world.merchant):
        return Message.objects.select_related("customer").filter(kind=kind).earliest("at")


def kept(world: World) -> list[object]:
    with at_work(world.merchant):
        return [list(model.objects.order_by("pk").values()) for model in (Message, Event)]


def mails_path(world: World) -> str:
    with at_work(world.merchant):
        return f"{base(world)}/customers/{public(world.advocate.customer)}/mails"


def test_it_is_written_anew_to_where_the_person_is_now(world):
    first, path = the_mail(world), mails_path(world)
    client = as_role(world, Role.SUPPORT)
    assert "Welcome, with their link" in text_of(client.get(path))
    with at_work(world.merchant):
        Customer.objects.update(email="dana@new.example", email_key="dana@new.example", name="Dana Neu")
    answer = client.post(f"{base(world)}/messages/{public(first)}/again")
    assert answer["Location"] == path
    [sent] = deliver(world, "mail.asked_again")
    assert (sent.to, world.link.code in html_of(sent)) == (["dana@new.example"], True)
    with at_work(world.merchant):
        told = Event.objects.get(code="mail.asked_again")
        assert (told.subject_id, told.data["mail"]) == (first.customer_id, "welcome")
        second = Message.objects.exclude(pk=first.pk).get()
        assert (second.kind, second.state, second.customer_id) == ("welcome", "SENT", first.customer_id)
    page = text_of(client.get(path))
    assert page.count("Welcome, with their link") == 2


def test_not_twice_within_the_hour_whichever_of_them_is_pressed(world):
    first = the_mail(world)
    with at_work(world.merchant) as now:
        send_again(message=first, by=SYSTEM, now=now)
    deliver(world, "mail.asked_again")
    with at_work(world.merchant):
        second = Message.objects.exclude(pk=first.pk).get()
    before, client = kept(world), owner(world)
    for message in (first, second):
        page = client.post(f"{base(world)}/messages/{public(message)}/again", follow=True)
        assert "within the last hour" in text_of(page)
    assert kept(world) == before
    with at_work(world.merchant) as now:
        send_again(message=second, by=SYSTEM, now=now + timedelta(hours=1))
        assert Event.objects.filter(code="mail.asked_again").count() == 2


def test_five_a_day_are_enough(world):
    first = the_mail(world)
    with at_work(world.merchant) as now:
        for n in range(MOST_A_DAY):
            send_again(message=first, by=SYSTEM, now=now + timedelta(hours=n))
        with pytest.raises(NotSent, match="enough_today"):
            send_again(message=first, by=SYSTEM, now=now + timedelta(hours=MOST_A_DAY))
        send_again(message=first, by=SYSTEM, now=now + timedelta(hours=25))


def test_what_has_moved_on_is_kept_from_being_sent(world):
    first = the_mail(world)
    with at_work(world.merchant) as now:
        send_again(message=first, by=SYSTEM, now=now)
        Advocate.objects.update(state="BANNED")
    before = len(mail.outbox)
    deliver(world, "mail.asked_again")
    with at_work(world.merchant):
        second = Message.objects.exclude(pk=first.pk).get()
        assert (second.state, second.reason, len(mail.outbox)) == ("SKIPPED", "advocate_banned", before)


def test_what_has_a_button_of_its_own_or_was_never_sent_is_not_sent_again(world):
    with at_work(world.merchant) as now:
        make_magic_link(advocate=world.advocate, now=now)
    deliver(world, "advocate.magic_link")
    way_in, welcome = the_mail(world, "magic_link"), the_mail(world)
    with at_work(world.merchant) as now:
        Message.objects.filter(pk=welcome.pk).update(state="SKIPPED", reason="unsubscribed")
    before = kept(world)
    for message in (way_in, the_mail(world)):
        assert not can_send_again(message)
        page = owner(world).post(f"{base(world)}/messages/{public(message)}/again", follow=True)
        assert "cannot be sent again" in text_of(page)
    assert kept(world) == before
    assert "Send again" not in text_of(owner(world).get(mails_path(world)))


def test_what_is_still_tried_by_itself_is_not_sent_beside_that(world):
    first = the_mail(world)
    path = f"{base(world)}/messages/{public(first)}/again"
    with at_work(world.merchant):
        Message.objects.filter(pk=first.pk).update(state="FAILED", reason="refused")
        Outbox.objects.filter(pk=first.outbox_id).update(state="WAITING")
    before = kept(world)
    assert "it is tried again by itself" in text_of(owner(world).post(path, follow=True))
    assert kept(world) == before
    with at_work(world.merchant):
        Outbox.objects.filter(pk=first.outbox_id).update(state="FAILED")
    owner(world).post(path)
    with at_work(world.merchant):
        assert Event.objects.filter(code="mail.asked_again").count() == 1


def test_who_may_not_and_whose_mail_it_is_not(world):
    first, before = the_mail(world), kept(world)
    path = f"{base(world)}/messages/{public(first)}/again"
    for role in (Role.ANALYST, Role.FINANCE, Role.REVIEWER):
        assert as_role(world, role).post(path).status_code == 404
    workspace_of("charlie@halcyon.example", "Halcyon")
    charlie = signed_in(User.objects.get(email="charlie@halcyon.example"))
    for foreign in (path, path.replace(base(world), "/w/halcyon")):
        assert charlie.post(foreign).status_code == 404
    assert charlie.get(mails_path(world).replace(base(world), "/w/halcyon")).status_code == 404
    assert kept(world) == before


def test_the_page_costs_the_same_with_many(world):
    client, path, first = owner(world), mails_path(world), the_mail(world)
    client.get(path)
    few = cost(client, path)
    with at_work(world.merchant) as now:
        same = {"customer": first.customer, "kind": "welcome", "state": "SENT", "at": now}
        Message.objects.bulk_create([Message(outbox_id=public_key(n), **same) for n in range(20)])
    assert cost(client, path) == few <= 20


def public_key(number: int) -> str:
    return f"0199a0a0-0000-7000-8000-{number:012d}"
