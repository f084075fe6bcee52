"""Mail kept in a folder: for the demo, and for sandboxes everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from engagement import mailbox
from engagement.mailbox import MailboxBackend, mails, mails_of
from tests.engagement.post import a_shop, deliver

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.MAILBOX_DIR = tmp_path / "mailbox"
    return settings.MAILBOX_DIR


def put(to: str = "eve@friend.example", subject: str = "Hällo", merchant: str = "nordlicht") -> None:
    message = EmailMultiAlternatives(
        subject, "See http://x.example/a", "n@x.example", [to], headers={"X-Merchant": merchant}
    )
    message.attach_alternative("<html><head></head><body><p>Grüße</p></body></html>", "text/html")
    MailboxBackend().send_messages([message])


def test_a_sandboxs_mail_stays_inside() -> None:
    world = a_shop(sandbox=True)
    assert deliver(world, "advocate.enrolled") == []
    assert mail.outbox == []
    [kept] = mails_of(world.merchant.slug)
    assert (kept.to, kept.merchant) == ("dana@advocate.example", world.merchant.slug)
    assert f"/r/{world.link.code}" in kept.text


def test_newest_first_by_address_and_workspace() -> None:
    put(subject="one")
    put(to="dana@advocate.example", subject="two", merchant="halcyon")
    put(subject="three", merchant="")
    assert [kept.subject for kept in mails()] == ["three", "two", "one"]
    assert [kept.subject for kept in mails(to="EVE@")] == ["three", "one"]
    assert [kept.subject for kept in mails_of("halcyon")] == ["two"]
    assert mails_of("..") == []


@pytest.mark.parametrize("subject", ["Ein Dankeschön für deine Empfehlung, " * 9 + "Dana", "给朋友的礼物" * 40, "a  b"])
def test_a_subject_of_many_lines_is_read_as_it_was_written(subject: str) -> None:
    put(subject=subject)
    [kept] = mails()
    assert (kept.subject, dict(kept.headers)["Subject"]) == (subject, subject)


@pytest.mark.parametrize("subject", ["=?utf-8?b?a?=", "=?nosuch?q?x?=", "=?utf-8?q?=FF?="])
def test_a_subject_that_only_looks_encoded_stays_as_it_is(subject: str) -> None:
    put(subject=subject)
    assert [kept.subject for kept in mails()] == [subject]


def test_what_is_no_mail_of_ours_is_passed_over(folder: Path) -> None:
    put()
    for name in ("notes.eml", "6f1ed002-ab59-4cd3-8d6b-0d5a1d8e4b3c.eml"):
        (folder / name).write_text("Subject: not from here\n\nhello")
    assert [kept.subject for kept in mails()] == ["Hällo"]


def test_one_workspace_cannot_open_anothers_mail() -> None:
    put(merchant="halcyon")
    [kept] = mails()
    from uuid import UUID

    assert mailbox.mail_by_id(UUID(kept.id), merchant_slug="nordlicht") is None
    assert mailbox.mail_by_id(UUID(kept.id), merchant_slug="halcyon") == kept


def test_only_the_newest_are_kept(monkeypatch, folder: Path) -> None:
    monkeypatch.setattr(mailbox, "MOST_KEPT", 2)
    for number in range(4):
        put(subject=str(number))
    assert [kept.subject for kept in mails()] == ["3", "2"]
    assert len(list(folder.rglob("*"))) == 3


def test_the_pages(client: Client) -> None:
    put(subject="<b>Hällo</b>")
    [kept] = mails()
    listed = client.get("/mailbox?to=eve")
    assert "&lt;b&gt;Hällo&lt;/b&gt;" in listed.content.decode()
    page = client.get(f"/mailbox/{kept.id}")
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]
    body = client.get(f"/mailbox/{kept.id}/body")
    assert "Grüße" in body.content.decode()
    assert "sandbox" in body.headers["Content-Security-Policy"]
    assert "script-src" not in body.headers["Content-Security-Policy"]
    assert body.headers["X-Frame-Options"] == "SAMEORIGIN"
    [told] = client.get("/mailbox.json", {"to": "eve@friend.example"}).json()["mails"]
    assert told["links"] == ["http://x.example/a"]


def test_an_empty_mailbox_says_so(client: Client) -> None:
    assert "No mail yet" in client.get("/mailbox").content.decode()
    assert client.get("/mailbox.json").json() == {"mails": []}


@pytest.mark.parametrize("path", ["/mailbox", "/mailbox.json"])
def test_nothing_of_it_in_production(client: Client, settings, path: str) -> None:
    settings.MODE = "production"
    put()
    [kept] = mails()
    assert client.get(path).status_code == 404
    assert client.get(f"/mailbox/{kept.id}").status_code == 404
    assert client.get(f"/mailbox/{kept.id}/body").status_code == 404


def test_accounts_mail_has_both_parts(client: Client) -> None:
    from tests.cast import user

    user("alice@nordlicht.example")
    client.post("/account/password/reset/", {"email": "alice@nordlicht.example"})
    client.post("/account/signup/", {"email": "new@person.example", "password1": "correct horse battery"})
    client.post("/account/signup/", {"email": "alice@nordlicht.example", "password1": "correct horse battery"})
    client.post("/account/password/reset/", {"email": "nobody@person.example"})
    assert [(sent.to[0], sent.subject) for sent in mail.outbox] == [
        ("alice@nordlicht.example", "Choose a new password"),
        ("new@person.example", "Confirm your e-mail address"),
        ("alice@nordlicht.example", "You already have an account"),
        ("nobody@person.example", "There is no account with this address"),
    ]
    for sent in mail.outbox:
        assert "http" in sent.body
        assert "Referral SaaS" in sent.alternatives[0][0]
        assert "<a class" in sent.alternatives[0][0]
