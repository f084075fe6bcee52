"""At the door with a second factor: no session without it, nobody else's, and not by guessing."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from kit.totp import code_at, new_secret, step_of
from merchants.models import ApiKey, Membership, Merchant, RecoveryCode, Role, SecondFactor, Session
from merchants.sealing import seal, unseal
from merchants.steps.second_factor import turn_on
from tests.api.conftest import key_of
from tests.cast import PASSWORD, member, user, workspace_of
from tests.races import at_once

pytestmark = pytest.mark.django_db
LOGIN, CHECK = "/account/login/", "/account/two-factor/check/"
HOME, SET_UP, OFF = "/account/two-factor/", "/account/two-factor/set-up/", "/account/two-factor/off/"
CODES, CODES_FILE, CONFIRM = (
    "/account/two-factor/codes/",
    "/account/two-factor/codes.txt",
    "/account/two-factor/confirm/",
)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SECRET = new_secret()


@pytest.fixture(autouse=True)
def fresh_counters(live_redis: Any) -> None:
    """Every test begins with nothing counted."""


def here() -> int:
    return step_of(datetime.now(UTC))


def protected(email: str = "alice@nordlicht.example", secret: str = SECRET) -> list[str]:
    """With the factor turned on so long ago that the codes of now are fresh."""
    now = datetime.now(UTC)
    codes = turn_on(user=user(email), secret=secret, code=code_at(secret, here()), keep_session="", now=now)
    SecondFactor.objects.filter(user=user(email)).update(last_step=here() - 10)
    return codes


def with_password(email: str = "alice@nordlicht.example", **more: str) -> Client:
    client = Client(headers={"User-Agent": FIREFOX})
    client.post(LOGIN, {"login": email, "password": PASSWORD, **more})
    return client


def sure(client: Client) -> Client:
    """The password asked for once more was given."""
    client.get(SET_UP)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get("/workspaces/new").status_code == 200


def test_the_password_alone_opens_nothing() -> None:
    protected()
    client = with_password(next="/workspaces/new")
    assert not is_in(client)
    assert Session.objects.exclude(user=None).count() == 0
    assert client.get(CHECK).status_code == 200
    inside = client.post(CHECK, {"code": code_at(SECRET, here())})
    assert (inside.status_code, inside["Location"]) == (302, "/workspaces/new")
    assert is_in(client)
    assert [(one.user.email, one.device) for one in Session.objects.exclude(user=None)] == [
        ("alice@nordlicht.example", "Firefox/Linux")
    ]


def test_nobody_comes_to_the_code_without_the_password() -> None:
    protected()
    client = Client()
    for answer in (client.get(CHECK), client.post(CHECK, {"code": code_at(SECRET, here())})):
        assert (answer.status_code, answer["Location"]) == (302, LOGIN)
    assert SecondFactor.objects.get().last_step < here() - 5, "nothing was used up"
    assert not is_in(client)


def test_a_code_that_was_seen_over_the_shoulder_is_worth_nothing() -> None:
    protected()
    code = code_at(SECRET, here())
    first, second = with_password(), with_password()
    first.post(CHECK, {"code": code})
    late = second.post(CHECK, {"code": code})
    assert (late.status_code, is_in(first), is_in(second)) == (422, True, False)


def test_another_persons_code_opens_nothing() -> None:
    theirs = new_secret()
    codes = protected("bob@nordlicht.example", theirs)
    protected()
    client = with_password()
    for code in (code_at(theirs, here()), codes[0]):
        assert client.post(CHECK, {"code": code}).status_code == 422
    assert not is_in(client)
    assert not RecoveryCode.objects.exclude(used_at=None).exists()


def test_guessing_codes_is_stopped_and_the_right_one_too() -> None:
    protected()
    client = with_password()
    for _guess in range(6):
        client.post(CHECK, {"code": "000000"})
    late = client.post(CHECK, {"code": code_at(SECRET, here())})
    assert late.status_code == 422
    assert "Too many wrong codes" in late.content.decode()
    assert not is_in(client)
    assert SecondFactor.objects.get().last_step < here() - 5, "nothing was used up"


def test_who_keeps_guessing_keeps_nobody_out_who_has_a_recovery_code() -> None:
    codes = protected()
    guessing, person = with_password(), with_password()
    for _guess in range(6):
        guessing.post(CHECK, {"code": "000000"})
    assert person.post(CHECK, {"code": codes[0]}, REMOTE_ADDR="192.0.2.7").status_code == 302
    assert (is_in(guessing), is_in(person)) == (False, True)


def test_a_right_code_of_ones_own_forgets_no_wrong_password_of_others() -> None:
    """Else whoever has an account could guess at other people's passwords as often as they like from one address."""
    codes = protected()
    user("bob@nordlicht.example")
    client = with_password()
    client.post(CHECK, {"code": codes[0]})
    for number in range(9):
        Client().post(LOGIN, {"login": f"victim{number}@shop.example", "password": "a guess of many"})
    assert client.post(CONFIRM, {"code": codes[1], "next": HOME})["Location"] == HOME
    Client().post(LOGIN, {"login": "victim9@shop.example", "password": "a guess of many"})
    assert not is_in(with_password("bob@nordlicht.example")), "ten wrong ones of an address are enough for a minute"


def test_a_recovery_code_opens_once() -> None:
    codes = protected()
    first, second = with_password(), with_password()
    assert first.post(CHECK, {"code": codes[0]}).status_code == 302
    assert second.post(CHECK, {"code": codes[0]}).status_code == 422
    assert (is_in(first), is_in(second)) == (True, False)
    assert RecoveryCode.objects.exclude(used_at=None).count() == 1


def test_the_person_is_told_by_mail_of_every_change_and_of_nothing_else(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    user("alice@nordlicht.example")
    client = sure(with_password())
    secret, sealed = shown_secret(client.get(SET_UP))
    page = client.post(SET_UP, {"sealed": sealed, "code": code_at(secret, here())})
    codes = re.findall(r"<code>([2-9A-Z-]{19})</code>", page.content.decode())
    again = with_password()
    again.post(CHECK, {"code": "000000"})
    again.post(CHECK, {"code": codes[0]})
    client.post(reverse("new-recovery-codes"))
    client.post(OFF)
    protected()
    SecondFactor.objects.update(wrong_codes=19, wrong_since=datetime.now(UTC))
    guessing = with_password()
    for _guess in range(2):  # told once
        assert "too many wrong codes" in guessing.post(CHECK, {"code": "000000"}).content.decode()
    call_command("reset_second_factor", "alice@nordlicht.example")
    assert [(sent.subject, sent.to) for sent in mail.outbox] == [
        (subject, ["alice@nordlicht.example"])
        for subject in (
            "Two-factor was turned on",
            "A recovery code was used",
            "You have new recovery codes",
            "Two-factor was turned off",
            "Too many wrong codes for your account",
            "Two-factor was reset",
        )
    ]
    assert "9 recovery codes are left" in mail.outbox[1].body
    for sent in mail.outbox:
        assert "http://localhost:8000/account/two-factor/" in sent.body
        assert not any(code in sent.body for code in [secret, *codes])


def test_a_change_stands_where_the_mail_cannot_be_sent(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    codes = protected()
    client = with_password()
    assert client.post(CHECK, {"code": codes[0]}).status_code == 302
    assert is_in(client)


# --- setting it up ------------------------------------------------------------------------------------------------


def shown_secret(page: Any) -> tuple[str, str]:
    (sealed,) = re.findall(r'name="sealed" value="([^"]+)"', page.content.decode())
    return str(unseal(sealed)["secret"]), sealed


def test_setting_it_up_asks_for_the_password_and_shows_the_codes_once() -> None:
    user("alice@nordlicht.example")
    client, elsewhere = with_password(), with_password()
    asked = client.get(SET_UP)
    assert asked["Location"].startswith("/account/reauthenticate/")
    sure(client)
    page = client.get(SET_UP)
    secret, sealed = shown_secret(page)
    assert page["Cache-Control"] == "no-store"
    assert "data:" not in page.content.decode()
    done = client.post(SET_UP, {"sealed": sealed, "code": code_at(secret, here())})
    codes = re.findall(r"<code>([2-9A-Z-]{19})</code>", done.content.decode())
    assert len(codes) == 10
    assert done["Cache-Control"] == "no-store"
    assert unseal(SecondFactor.objects.get().sealed) == {"secret": secret}
    assert (is_in(client), is_in(elsewhere)) == (True, False), "no code was asked for there"
    assert not any(code in client.get(HOME).content.decode() for code in codes)
    saved = client.post(CODES_FILE, {"code": codes})
    assert saved["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert saved.content.decode().split("\r\n")[2:-1] == codes
    assert client.get(SET_UP)["Location"] == HOME


def test_nobody_is_led_elsewhere_afterwards() -> None:
    user("alice@nordlicht.example")
    client = sure(with_password())
    for evil in ("https://evil.example", "//evil.example", "javascript:alert(1)"):
        secret, sealed = shown_secret(page := client.get(SET_UP, {"next": evil}))
        assert f'="{evil}' not in page.content.decode(), "beside the page's own address"
    done = client.post(SET_UP, {"sealed": sealed, "code": code_at(secret, here()), "next": "https://evil.example"})
    assert "evil.example" not in done.content.decode()
    assert SecondFactor.objects.exists()


def test_a_secret_that_was_shown_to_another_is_not_taken() -> None:
    user("alice@nordlicht.example")
    bob = user("bob@nordlicht.example")
    client = sure(with_password())
    mine = seal({"secret": SECRET, "user": str(bob.pk)})
    for sealed in (mine, "nonsense", ""):
        answer = client.post(SET_UP, {"sealed": sealed, "code": code_at(SECRET, here())})
        assert answer.status_code == 422
    assert not SecondFactor.objects.exists()


def test_a_file_of_anything_else_is_not_made() -> None:
    theirs = protected("bob@nordlicht.example", new_secret())
    user("alice@nordlicht.example")
    client = with_password()
    for codes in (theirs, ["AAAA-BBBB-CCCC-DDDD"], ["<script>"], []):
        assert client.post(CODES_FILE, {"code": codes}).status_code == 404


def test_turning_it_off_and_new_codes_ask_again_who_it_is() -> None:
    protected()
    client = with_password()
    client.post(CHECK, {"code": code_at(SECRET, here())})
    before = set(RecoveryCode.objects.values_list("code_hash", flat=True))
    for answer in (client.get(OFF), client.post(OFF), client.post(CODES)):
        assert answer["Location"].startswith("/account/reauthenticate/")
    assert set(RecoveryCode.objects.values_list("code_hash", flat=True)) == before
    wrong = client.post(CONFIRM, {"code": code_at(SECRET, here()), "next": OFF})  # was used to come in
    assert wrong.status_code == 200
    assert client.get(OFF).status_code == 302
    right = client.post(CONFIRM, {"code": code_at(SECRET, here() + 1), "next": OFF})
    assert right["Location"] == OFF
    assert client.get(OFF).status_code == 200
    assert SecondFactor.objects.exists()
    assert client.post(OFF)["Location"] == HOME
    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()


def test_who_waits_at_the_code_with_an_old_password_stays_outside() -> None:
    codes = protected()
    waiting = with_password()
    alice = user("alice@nordlicht.example")
    alice.set_password("quite another secret")
    alice.save()
    assert waiting.post(CHECK, {"code": codes[0]})["Location"] == LOGIN
    assert not is_in(waiting)
    assert not RecoveryCode.objects.exclude(used_at=None).exists()


def test_another_address_asks_again_who_it_is() -> None:
    """Whoever finds a browser signed in could else move the account to a mailbox of theirs."""
    alice = user("alice@nordlicht.example")
    client = with_password()
    before = list(EmailAddress.objects.filter(user=alice).values_list("email", "primary"))
    answer = client.post("/account/email/", {"action_add": "", "email": "mallory@mallory.example"})
    assert answer["Location"].startswith("/account/reauthenticate/")
    assert list(EmailAddress.objects.filter(user=alice).values_list("email", "primary")) == before
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    client.post("/account/email/", {"action_add": "", "email": "alice@elsewhere.example"})
    added = EmailAddress.objects.filter(user=alice, email="alice@elsewhere.example", verified=False, primary=False)
    assert added.exists()


def test_a_new_password_does_not_take_the_second_factor_away() -> None:
    protected()
    alice = user("alice@nordlicht.example")
    alice.set_password("quite another secret")
    alice.save()
    client = Client()
    client.post(LOGIN, {"login": alice.email, "password": "quite another secret"})
    assert not is_in(client)


# --- asked of everybody ---------------------------------------------------------------------------------------------


def test_whoever_lacks_it_is_led_to_set_it_up_before_any_page() -> None:
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    other = workspace_of("alice@nordlicht.example", "Zweite")
    member(merchant, "bob@nordlicht.example", Role.ADMIN)
    Merchant.objects.filter(pk=merchant.pk).update(needs_second_factor=True)
    client = with_password("bob@nordlicht.example")
    for path in ("", "/team", "/audit?code=team.joined", "/settings/edit"):
        answer = client.get(f"/w/{merchant.slug}{path}")
        assert answer["Location"] == f"{SET_UP}?{urlencode({'next': f'/w/{merchant.slug}{path}'})}"
    button = client.post(f"/w/{merchant.slug}/settings/edit", {"name": "Other"})
    assert button["Location"] == f"{SET_UP}?{urlencode({'next': f'/w/{merchant.slug}'})}"
    assert Merchant.objects.get(pk=merchant.pk).name == "Nordlicht"
    sure(client)
    page = client.get(f"{SET_UP}?next=/w/{merchant.slug}")
    secret, sealed = shown_secret(page)
    told = {"sealed": sealed, "code": code_at(secret, here()), "next": f"/w/{merchant.slug}"}
    assert f'href="/w/{merchant.slug}"' in client.post(SET_UP, told).content.decode()
    assert client.get(f"/w/{merchant.slug}").status_code == 200
    assert with_password().get(f"/w/{other.slug}").status_code == 200, "the other workspace does not ask for it"


def test_an_owner_asks_it_on_the_page_of_the_team_and_keys_go_on() -> None:
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht")
    key = key_of(merchant, ApiKey.Kind.SECRET)
    team, ask = f"/w/{merchant.slug}/team", f"/w/{merchant.slug}/team/two-factor"
    alice, bob = (user(f"{who}@nordlicht.example") for who in ("alice", "bob"))
    Membership.objects.create(merchant=merchant, user=bob, role=Role.ADMIN)
    client = Client()
    client.force_login(alice)
    assert "set it up for yourself first" in client.get(team).content.decode()
    assert client.post(ask, {"needed": "yes"})["Location"] == team
    assert not Merchant.objects.get(pk=merchant.pk).needs_second_factor, "refused: she has none herself"
    protected()
    client.force_login(alice)
    other = Client()
    other.force_login(bob)
    assert other.post(ask, {"needed": "yes"}).status_code == 404
    client.post(ask, {"needed": "yes"})
    assert Merchant.objects.get(pk=merchant.pk).needs_second_factor
    assert other.get(team)["Location"].startswith(SET_UP)
    assert "Not yet" in client.get(team).content.decode()
    answer = Client(headers={"Authorization": f"Bearer {key}"}).get("/api/v1/advocates")
    assert answer.status_code == 200
    client.post(ask, {"needed": "no"})
    assert other.get(team).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_one_code_at_two_doors_at_once_opens_one() -> None:
    protected()
    code = code_at(SECRET, here())
    clients = [with_password(), with_password()]
    at_once(*(lambda client=client: client.post(CHECK, {"code": code}) for client in clients))
    assert sorted(is_in(client) for client in clients) == [False, True]
