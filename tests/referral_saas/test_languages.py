"""Whose language counts where: of the account, of this browser, of an advocate, of whoever reads a mail."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import translation

from advocates.models import Advocate, Customer
from engagement.desk import Recipient, language_of
from merchants.models import User, Workspace
from tests import once
from tests.cast import PASSWORD, World, a_world, at_work, user
from tests.portal.world import portal, signed_in

GERMAN = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
LOGIN = "/account/login/"

built, world = once.for_a_file(a_world)


@pytest.fixture(autouse=True)
def _redis(live_redis: Any) -> Iterator[None]:
    """Signing in and asking for mails is counted there. The language of the last page stays in force in its thread
    until the next page: what comes after these tests begins in English."""
    with translation.override("en"):
        yield


def spoken(answer: Any) -> str:
    """As the page says it and as its head does, which must be the same."""
    page = answer.content.decode().partition('<html lang="')[2].partition('"')[0]
    assert page == answer.headers["Content-Language"]
    return page


def alice(client: Client) -> User:
    client.force_login(person := user("alice@nordlicht.example"))
    return person


def test_before_signing_in_the_browser_is_asked_and_a_choice_in_it_goes_first(world: World) -> None:
    client = Client(headers=GERMAN)
    page = client.get(LOGIN)
    assert (spoken(page), "Accept-Language" in page.headers["Vary"]) == ("de", True)
    assert "Willkommen" in page.content.decode()
    assert client.get(LOGIN, headers={"Accept-Language": "fr, tlh"}).headers["Content-Language"] == "en"
    answer = client.post("/language", {"language": "en", "next": f"{LOGIN}?next=/w/x"})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{LOGIN}?next=/w/x")
    assert spoken(client.get(LOGIN)) == "en"


@pytest.mark.parametrize(
    ("told", "leads"),
    [
        ({"language": "tlh", "next": "/x"}, "/x"),
        ({"next": "https://evil.example/"}, "/"),
        ({"language": "", "next": "//evil.example"}, "/"),
        ({}, "/"),
    ],
)
def test_a_switch_knows_our_languages_and_leads_to_our_pages_alone(told: dict[str, str], leads: str) -> None:
    client = Client()
    answer = client.post("/language", told)
    assert (answer.status_code, answer.headers["Location"]) == (303, leads)
    assert settings.LANGUAGE_COOKIE_NAME not in client.cookies


def test_whoever_signs_up_keeps_the_language_of_that_page(db: None) -> None:
    told = {"email": "gerda@neu.example", "password1": PASSWORD}
    Client(headers=GERMAN).post("/account/signup/", told)
    assert User.objects.get(email="gerda@neu.example").language == "de"
    assert mail.outbox[-1].subject == "E-Mail-Adresse bestätigen"


@pytest.mark.parametrize(
    ("path", "told", "subject"),
    [
        ("/account/password/reset/", {}, "Neues Passwort wählen"),
        ("/account/signup/", {"password1": PASSWORD}, "Sie haben schon ein Konto"),
    ],
)
def test_a_mail_about_an_account_is_in_its_language_wherever_it_was_asked_for(
    world: World, path: str, told: dict[str, str], subject: str
) -> None:
    User.objects.filter(email="alice@nordlicht.example").update(language="de")
    Client(headers={"Accept-Language": "en"}).post(path, {"email": "alice@nordlicht.example", **told})
    assert [letter.subject for letter in mail.outbox] == [subject]


def test_signed_in_the_account_says_it_on_every_browser(world: World) -> None:
    client = Client(headers={"Accept-Language": "en"})
    person, home = alice(client), f"/w/{world.merchant.slug}/"
    assert spoken(client.get(home)) == "en"
    client.post("/language", {"language": "de", "next": home})
    person.refresh_from_db()
    assert person.language == "de"
    other = Client(headers={"Accept-Language": "en"})
    alice(other)
    assert spoken(other.get(home)) == "de"
    assert spoken(other.get("/account/sessions/")) == "de"
    assert spoken(Client(headers={"Accept-Language": "en"}).get(LOGIN)) == "en"


def test_a_language_that_is_spoken_no_more_is_the_browsers(world: World) -> None:
    client = Client(headers=GERMAN)
    alice(client)
    User.objects.update(language="tlh")
    assert spoken(client.get(f"/w/{world.merchant.slug}/")) == "de"


def test_a_friends_page_asks_the_browser_and_no_account(world: World) -> None:
    assert world.link is not None
    client = Client(headers=GERMAN | {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0"})
    alice(client)
    page = client.get(f"/r/{world.link.code}")
    assert (spoken(page), "Accept-Language" in page.headers["Vary"]) == ("de", True)


def test_who_asks_for_none_of_ours_reads_the_language_of_the_shop(world: World) -> None:
    assert world.link is not None
    with at_work(world.merchant):
        Workspace.objects.update(language="it")
    friend, join = f"/r/{world.link.code}", portal(world, f"join/{world.program.slug}")
    for address in (friend, join):
        read = [
            spoken(Client().get(address, headers={"Accept-Language": asked})) for asked in ("", "fr, *", "en", "xx")
        ]
        assert read == ["it", "it", "en", "it"], address
    assert spoken(Client().get("/r/NOSUCH22")) == "en"
    client = Client()
    client.post("/language", {"language": "pl"})
    assert spoken(client.get(friend)) == "pl"


def test_an_advocate_reads_their_own_choice_else_what_the_browser_asks_for(world: World) -> None:
    client = signed_in(world)
    assert spoken(client.get(portal(world))) == "en"
    assert spoken(client.get(portal(world), headers=GERMAN)) == "de"
    client.post(portal(world, "settings/save"), {"name": "Dana", "language": "de", "wants_mail": "on"})
    assert spoken(client.get(portal(world))) == "de"
    assert "Teilen" in client.get(portal(world)).content.decode()


def test_whoever_joins_keeps_the_language_of_that_page_and_nobody_known_is_changed(world: World) -> None:
    join, accepted = portal(world, f"join/{world.program.slug}"), {"accept": "on"}
    client = Client(headers=GERMAN)
    client.post(join, accepted | {"name": "Neu", "email": "neu@advocate.example"})
    client.post(join, accepted | {"name": "Dana", "email": "dana@advocate.example"})
    with at_work(world.merchant):
        said = dict(Customer.objects.values_list("email", "language"))
        assert (said["neu@advocate.example"], said["dana@advocate.example"]) == ("de", "")
        assert Advocate.objects.filter(customer__email="neu@advocate.example").exists()


@pytest.mark.parametrize(
    ("theirs", "shops", "read"),
    [("de", "en", "de"), ("", "de", "de"), ("de-AT", "en", "de"), ("tlh", "de", "de"), ("", "tlh", "en")],
)
def test_a_mail_is_in_its_readers_language_else_in_the_shops(world: World, theirs: str, shops: str, read: str) -> None:
    with at_work(world.merchant):
        place = Workspace(language=shops)
    assert language_of(Recipient("eve@friend.example", language=theirs), place) == read
