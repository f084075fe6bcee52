"""At the door of the dashboard: guessing, asking who is known, and bending where somebody is sent."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from engagement import mailbox
from merchants.models import User
from tests.cast import PASSWORD, user

pytestmark = pytest.mark.django_db
LOGIN, RESET, SIGNUP = "/account/login/", "/account/password/reset/", "/account/signup/"


@pytest.fixture(autouse=True)
def fresh_counters(live_redis: Any) -> None:
    """Every test begins with nothing counted."""


@pytest.fixture(autouse=True)
def letters(settings: Any) -> list[Any]:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    return mail.outbox


def words(answer: Any) -> str:
    """The page without what differs from visit to visit, and without what was typed."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return re.sub(r"(alice|nobody)@\w+\.example", "somebody", text)


def log_in(client: Client, email: str, password: str, **more: str) -> Any:
    return client.post(LOGIN, {"login": email, "password": password, **more})


def test_guessing_a_password_is_stopped_and_the_right_one_too() -> None:  # hostile 117
    user("alice@nordlicht.example")
    client = Client()
    for _guess in range(6):
        log_in(client, "alice@nordlicht.example", "wrong password")
    late = log_in(client, "alice@nordlicht.example", PASSWORD)
    assert late.status_code != 302
    assert "_auth_user_id" not in client.session


def test_another_spelling_of_our_host_gives_no_further_guesses() -> None:
    user("alice@nordlicht.example")
    told = {"login": "alice@nordlicht.example", "password": "wrong password"}
    for guess in range(5):
        Client().post(LOGIN, told, headers={"Host": f"localhost:{5000 + guess}"}, REMOTE_ADDR=f"192.0.2.{guess}")
    late = Client().post(LOGIN, told | {"password": PASSWORD}, headers={"Host": "LOCALHOST"}, REMOTE_ADDR="192.0.2.9")
    assert late.status_code == 200


def test_guessing_from_one_address_is_stopped_for_all_accounts() -> None:  # hostile 117
    client = Client()
    seen = [log_in(client, f"nobody{n}@halcyon.example", "wrong password").status_code for n in range(32)]
    assert 429 in seen


def test_a_known_address_and_an_unknown_one_get_the_same_answers(letters: list[Any]) -> None:  # hostile 117
    user("alice@nordlicht.example")
    for path, told in [
        (LOGIN, {"login": "{}", "password": "wrong password"}),
        (RESET, {"email": "{}"}),
        (SIGNUP, {"email": "{}", "password1": "a very long secret"}),
    ]:
        pages = []
        for email in ("alice@nordlicht.example", "nobody@halcyon.example"):
            fields = {name: value.format(email) for name, value in told.items()}
            pages.append(Client().post(path, fields, follow=True))
        assert pages[0].redirect_chain == pages[1].redirect_chain
        assert words(pages[0]) == words(pages[1]), path


@pytest.mark.parametrize("host", ["evil.localhost", "127.0.0.1"])
def test_links_in_mails_lead_home_whatever_host_was_asked(host: str, letters: list[Any]) -> None:  # hostile 106
    user("alice@nordlicht.example")
    Client().post(RESET, {"email": "alice@nordlicht.example"}, headers={"Host": host})
    Client().post(SIGNUP, {"email": "new@shop.example", "password1": "a very long secret"}, headers={"Host": host})
    links = [link for letter in letters for link in mailbox._HREF.findall(letter.body)]
    assert len(letters) == 2
    assert links
    assert all(link.startswith(settings.PUBLIC_URL + "/") for link in links), links


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
        "\thttps://evil.example",
        "///evil.example",
    ],
)
def test_nobody_is_sent_away_after_logging_in_or_out(target: str) -> None:  # hostile 50
    user("alice@nordlicht.example")
    client = Client()
    page = client.get(LOGIN, {"next": target})
    assert "evil.example" not in re.sub(r'name="next" value="[^"]*"', "", page.content.decode())
    inside = log_in(client, "alice@nordlicht.example", PASSWORD, next=target)
    assert inside["Location"] == "/"
    out = client.post("/account/logout/", {"next": target})
    assert out["Location"] == "/"


def test_the_session_of_before_is_not_the_session_of_after() -> None:
    """A session that somebody else planted in the browser stays outside."""
    user("alice@nordlicht.example")
    client = Client()
    client.get(LOGIN, {"next": "/"})
    session: Any = client.session
    session["planted"] = True
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    log_in(client, "alice@nordlicht.example", PASSWORD)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != session.session_key
    planted = Client()
    planted.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    assert planted.get("/workspaces/new").status_code == 302


def test_a_new_password_ends_all_other_sessions() -> None:  # hostile 118
    alice = user("alice@nordlicht.example")
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        log_in(client, alice.email, PASSWORD)
    told = {"oldpassword": PASSWORD, "password1": "quite another secret", "password2": "quite another secret"}
    assert here.post("/account/password/change/", told).status_code == 302
    assert elsewhere.get("/workspaces/new")["Location"].startswith(LOGIN)
    assert here.get("/workspaces/new").status_code == 200


def test_a_link_for_a_new_password_works_once_and_dies_with_the_password(letters: list[Any]) -> None:
    alice = user("alice@nordlicht.example")
    Client().post(RESET, {"email": alice.email})
    (link,) = [link for link in mailbox._HREF.findall(letters[0].body) if "reset" in link]
    path = link.removeprefix(settings.PUBLIC_URL)
    first = Client()
    form = first.get(path, follow=True)
    new = {"password1": "quite another secret", "password2": "quite another secret"}
    assert first.post(form.redirect_chain[-1][0], new).status_code == 302
    again = Client()
    late = again.get(path, follow=True)
    again.post(
        late.redirect_chain[-1][0] if late.redirect_chain else path,
        {"password1": "third secret here", "password2": "third secret here"},
    )
    assert User.objects.get(pk=alice.pk).check_password("quite another secret")


def test_cookies_of_the_door_are_closed_to_scripts_and_other_sites() -> None:
    user("alice@nordlicht.example")
    client = Client()
    client.get(LOGIN)
    log_in(client, "alice@nordlicht.example", PASSWORD)
    session, token = client.cookies[settings.SESSION_COOKIE_NAME], client.cookies[settings.CSRF_COOKIE_NAME]
    assert (session["httponly"], session["samesite"], token["samesite"]) == (True, "Lax", "Lax")


def test_pages_of_the_account_are_never_kept() -> None:
    user("alice@nordlicht.example")
    client = Client()
    log_in(client, "alice@nordlicht.example", PASSWORD)
    for path in ("/", "/workspaces/new", "/account/email/", "/account/password/change/", "/account/logout/"):
        answer = client.get(path)
        assert "no-store" in answer.headers.get("Cache-Control", ""), path
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
