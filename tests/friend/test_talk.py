"""The form for those who buy after talking: what is kept of it, from whom, and that it tells nobody who is known."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from advocates.models import Customer
from engagement.mailbox import mails_of
from engagement.models import Message
from kit.clock import database_now
from leads.models import Lead, LeadAsked
from leads.steps.asked import sweep
from merchants.models import Event, WakeUp
from merchants.steps import outbox
from programs.actions.lifecycle import pause_program
from tests.cast import World, at_work
from tests.leads.world import ADDRESS, a_b2b_world
from tests.once import for_a_file
from tracking.models import Order

pytestmark = pytest.mark.django_db

built, world = for_a_file(a_b2b_world)
FORM = {"name": " Gwen  Kaufmann ", "company": "Kaufmann GmbH", "email": "Gwen@Buyer.example", "message": "Fifty seats"}


def path(world: World) -> str:
    return f"/r/{world.link.code}"


def token_of(friend: Client, world: World) -> str:
    found = re.search(r'id="talk-token"[^>]*|name="token" value="([^"]+)"', friend.get(path(world)).content.decode())
    assert found
    return str(friend.get(path(world)).context["token"])


def sent(friend: Client, world: World, **told: Any) -> Any:
    return friend.post(f"{path(world)}/talk", FORM | {"token": token_of(friend, world)} | told)


def kept(world: World) -> tuple[int, int, int]:
    with at_work(world.merchant):
        return LeadAsked.objects.count(), Lead.objects.count(), Customer.objects.count()


def test_details_become_a_lead_of_the_links_advocate(world, friend):
    answer = sent(friend, world, tell="on", phone="+49 30 12")
    assert answer.status_code == 200
    assert "will be in touch" in answer.content.decode()
    assert kept(world) == (1, 0, 1)
    with at_work(world.merchant):
        assert WakeUp.objects.filter(kind="leads").exists()
    assert sweep(world.merchant.tenant_ref()) is None
    with at_work(world.merchant):
        lead = Lead.objects.select_related("customer").get()
        assert (lead.name, lead.company, lead.phone) == ("Gwen Kaufmann", "Kaufmann GmbH", "+49 30 12")
        assert (lead.customer.email, lead.customer.source) == (ADDRESS, "LEAD")
        assert (lead.source, lead.stage, lead.name_shown) == ("FORM", "NEW", True)
        assert (lead.advocate_id, lead.decision["how"]) == (world.advocate.pk, "first_touch")
        assert Event.objects.get(code="lead.created").by == "friend"
        assert not Order.objects.exists()
    assert kept(world)[0] == 0


def test_the_page_asks_and_the_shops_offer_stays(world, friend):
    page = friend.get(path(world)).content.decode()
    assert f'action="{path(world)}/talk"' in page
    assert f'action="{path(world)}"' in page
    assert "never what was said" in page
    assert friend.get(f"{path(world)}/talk")["Location"] == path(world)


def test_asked_twice_is_one_lead(world, friend):
    for _ in range(2):
        sent(friend, world)
    sweep(world.merchant.tenant_ref())
    assert kept(world)[:2] == (0, 1)


@pytest.mark.parametrize(
    ("told", "status", "words"),
    [
        ({"email": "nobody"}, 400, "Write a complete e-mail address."),
        ({"name": " "}, 400, "Write your name."),
        ({"token": "v1.forged"}, 200, "Please press the button once more"),
        ({"token": ""}, 200, "Please press the button once more"),
        ({"message": "x" * 2001}, 400, ""),
    ],
)
def test_what_is_not_told_rightly_is_asked_again(world, friend, told, status, words):
    before, answer = kept(world), sent(friend, world, **told)
    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "Kaufmann GmbH" in answer.content.decode()
    assert kept(world) == before


def test_a_program_that_fills_in_everything_is_thanked_and_not_kept(world, friend):
    before, answer = kept(world), sent(friend, world, website="https://spam.example")
    assert "will be in touch" in answer.content.decode()
    assert kept(world) == before


def test_who_is_known_gets_the_same_answer(world, friend):
    def shown(email: str) -> str:
        answer = sent(friend, world, email=email)
        return re.sub(r"v1\.[^\"&]+", "", answer.content.decode())

    assert shown("dana@advocate.example") == shown("nobody@visitor.example")
    sweep(world.merchant.tenant_ref())
    with at_work(world.merchant):
        own = Lead.objects.get(customer__email="dana@advocate.example")
        assert (own.advocate_id, own.decision["reason"]) == (None, "own_purchase")


def test_another_sites_form_is_refused(world, friend):
    before = kept(world)
    answer = friend.post(f"{path(world)}/talk", FORM, headers={"Origin": "https://elsewhere.example"})
    assert (answer.status_code, kept(world)) == (403, before)


def test_too_many_from_one_address_wait(world, friend):
    token = token_of(friend, world)
    answers = [friend.post(f"{path(world)}/talk", FORM | {"token": token}).status_code for _ in range(21)]
    assert answers == [200] * 20 + [429]
    assert kept(world)[0] == 20


def test_where_nobody_is_asked_there_is_no_form(world, friend):
    with at_work(world.merchant):
        type(world.program).objects.update(takes_leads=False)
    assert "/talk" not in friend.get(path(world)).content.decode()
    assert friend.post(f"{path(world)}/talk", FORM).status_code == 404
    assert friend.post("/r/NOSUCHCODE/talk", FORM).status_code == 404


def test_a_paused_program_says_so(world, friend):
    token, before = token_of(friend, world), kept(world)
    with at_work(world.merchant) as now:
        pause_program(program=world.program, by="system", now=now)
    answer = friend.post(f"{path(world)}/talk", FORM | {"token": token})
    assert "taking a break" in answer.content.decode()
    assert kept(world) == before


def test_the_team_is_told_by_mail_once(world, friend):
    ref = world.merchant.tenant_ref()
    sent(friend, world)
    sweep(ref)
    for _ in range(3):
        outbox.sweep(ref)
    with at_work(world.merchant):
        told = Event.objects.filter(code="team.told", data__about="lead.created")
        assert told.count() == 1
        assert [row.state for row in Message.objects.filter(kind="lead_came")] != []
    [mail] = [one for one in mails_of(world.merchant.slug) if "wants to talk" in one.subject]
    assert mail.subject == "Kaufmann GmbH wants to talk to you"
    assert "Dana Muster had recommended you" in mail.text


def test_what_a_stranger_writes_is_no_link_in_a_mail_to_the_team(world, friend):
    ref = world.merchant.tenant_ref()
    answer = sent(friend, world, company="Sign in at https://evil.example now", name="evil.example")
    assert answer.status_code == 200
    sweep(ref)
    for _ in range(3):
        outbox.sweep(ref)
    mail = mails_of(world.merchant.slug)[0]
    assert mail.subject.lower() == f"{FORM['email']} wants to talk to you".lower()
    assert "evil" not in mail.text + mail.html


def test_what_cannot_be_taken_in_is_tried_again_and_never_thrown_away(world, friend):
    sent(friend, world)
    with at_work(world.merchant):
        LeadAsked.objects.update(email="nobody", attempts=40)
    next_at = sweep(world.merchant.tenant_ref())
    with at_work(world.merchant):
        asked = LeadAsked.objects.get()
        assert (asked.attempts, asked.next_try_at, Lead.objects.count()) == (41, next_at, 0)
        LeadAsked.objects.update(email="gwen@buyer.example", next_try_at=database_now())
    sweep(world.merchant.tenant_ref())
    assert kept(world)[:2] == (0, 1)
