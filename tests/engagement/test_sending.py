"""Once per event, to people who want it; strangers' names stay text."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client

from advocates.actions.standing import ban_advocate, pause_advocate
from advocates.models import Customer
from engagement.models import Message
from engagement.steps.mail import handle
from merchants.models import Merchant, Outbox, Workspace
from merchants.steps import outbox
from tests.cast import World, at_work
from tests.engagement.post import a_shop, claim, deliver, html_of, rows_of, skipped
from tests.facts import snapshot

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert(1)</script> {{7*7}} {% load x %} ${7*7} "><img src=x>'


@pytest.fixture
def world() -> World:
    return a_shop()


class LostConnection(EmailBackend):
    """A mail server that refuses until it is told to stop."""

    refusing = True

    def send_messages(self, messages):  # type: ignore[no-untyped-def]
        if LostConnection.refusing:
            raise ConnectionRefusedError("no mail server at dana@advocate.example")
        return super().send_messages(messages)


def test_handled_twice_is_sent_once(world: World) -> None:
    assert len(deliver(world, "advocate.enrolled")) == 1
    assert deliver(world, "advocate.enrolled") == []
    with at_work(world.merchant):
        assert list(Message.objects.values_list("kind", "state")) == [("welcome", "SENT")]


def test_the_outbox_tries_again_after_a_refusal(world: World, settings) -> None:
    settings.EMAIL_BACKEND = "tests.engagement.test_sending.LostConnection"
    LostConnection.refusing = True
    outbox.sweep(world.merchant.tenant_ref())
    assert mail.outbox == []
    with at_work(world.merchant):
        assert list(Message.objects.values_list("state", "reason")) == [("FAILED", "ConnectionRefusedError")]
        [row] = Outbox.objects.filter(event__code="advocate.enrolled")
        assert (row.state, row.attempts) == ("WAITING", 1)
        assert "dana@" not in row.error
        Outbox.objects.update(due_at=row.due_at - timedelta(hours=1))
    LostConnection.refusing = False
    outbox.sweep(world.merchant.tenant_ref())
    assert [sent.to for sent in mail.outbox] == [["dana@advocate.example"]]
    with at_work(world.merchant):
        assert list(Message.objects.values_list("state", "reason")) == [("SENT", "")]


def test_sent_but_not_noted_goes_out_again_under_the_same_id(world: World) -> None:
    [first] = deliver(world, "advocate.enrolled")
    with at_work(world.merchant):
        Message.objects.update(state="SENDING", sent_at=None)
    [second] = deliver(world, "advocate.enrolled")
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_unsubscribing_keeps_news_away_and_not_what_is_owed(world: World, client: Client) -> None:
    [welcome] = deliver(world, "advocate.enrolled")
    way_out = welcome.extra_headers["List-Unsubscribe"].strip("<>").partition("localhost:8000")[2]
    assert client.get(way_out).status_code == 200
    with at_work(world.merchant):
        assert Customer.objects.get(pk=world.advocate.customer_id).unsubscribed_at is None, "looking changes nothing"
    assert client.post(way_out, {"List-Unsubscribe": "One-Click"}).status_code == 200
    world.take(snapshot(world.now, token=world.click()))
    assert deliver(world, "reward.held") == []
    assert skipped(world) == [("reward_pending", "unsubscribed")]
    client.post(way_out, {"do": "subscribe"})
    with at_work(world.merchant):
        assert Customer.objects.get(pk=world.advocate.customer_id).unsubscribed_at is None


def test_unsubscribe_needs_our_signature(client: Client) -> None:
    assert client.get("/mail/unsubscribe/forged").status_code == 404
    assert client.post("/mail/unsubscribe/forged").status_code == 404


def test_banned_advocates_hear_nothing_paused_ones_what_they_asked_for(world: World) -> None:
    with at_work(world.merchant) as now:
        pause_advocate(advocate=world.advocate, by="system", now=now)
    assert deliver(world, "advocate.enrolled") == []
    assert skipped(world) == [("welcome", "advocate_paused")]
    other = a_shop(name="Halcyon")
    with at_work(other.merchant) as now:
        ban_advocate(advocate=other.advocate, by="system", now=now)
    assert deliver(other, "advocate.enrolled") == []
    assert skipped(other) == [("welcome", "advocate_banned")]


def test_mail_speaks_the_recipients_language(world: World) -> None:
    with at_work(world.merchant):
        Customer.objects.update(language="de-AT")
    world.take(snapshot(world.now, token=world.click()))
    [sent] = deliver(world, "reward.held")
    assert 'lang="de"' in html_of(sent)
    assert "20,00\xa0€" in sent.body


def test_strangers_names_are_shown_and_never_run() -> None:  # hostile 110
    world = a_shop(name=HOSTILE)
    [sent] = deliver(world, "advocate.enrolled")
    assert HOSTILE in sent.subject
    assert HOSTILE in sent.body
    html = html_of(sent)
    assert "<script" not in html
    assert "<img" not in html
    assert "{{7*7}}" in html
    assert "{% load x %}" in html
    assert sent.message()["From"]


def test_line_breaks_in_names_add_no_header(world: World) -> None:  # hostile 113
    Merchant.objects.filter(pk=world.merchant.pk).update(name="Nord\r\nBcc: spy@evil.example\u2028x")
    with at_work(world.merchant):
        Customer.objects.update(name="Dana\r\nBcc: spy@evil.example")
    [sent] = deliver(world, "advocate.enrolled")
    assert sent.subject == "You have a link: recommend Nord Bcc: spy@evil.example x"
    raw = sent.message()
    assert raw["Bcc"] is None
    assert "\n" not in str(raw["From"])


def test_a_link_is_no_name(world: World) -> None:
    with at_work(world.merchant):
        Customer.objects.update(name="https://evil.example/win now")
    [sent] = deliver(world, "advocate.enrolled")
    assert "evil.example" not in sent.body


def test_a_brand_colour_that_is_none_is_not_used(world: World) -> None:
    with at_work(world.merchant):
        Workspace.objects.update(brand_colour="red;}x{")
    [sent] = deliver(world, "advocate.enrolled")
    assert "#1f5f4a" in html_of(sent)
    assert "red;}" not in html_of(sent)


def test_events_of_another_merchant_are_out_of_reach(world: World) -> None:
    other = a_shop(name="Halcyon")
    for row in rows_of(world, "advocate.enrolled"):
        handle(outbox_id=row, ref=other.merchant.tenant_ref())
    assert mail.outbox == []


def test_a_friend_without_consent_stays_a_friend(world: World) -> None:
    claim(world, name_shown=False)
    world.take(snapshot(world.now, token=world.click()))
    [sent] = deliver(world, "reward.held")
    assert "A friend bought" in sent.body
