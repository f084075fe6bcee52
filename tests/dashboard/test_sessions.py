"""Where one is signed in: what is kept of it, and that what was signed out is out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from merchants.models import Session, User
from merchants.steps.housekeeping import forget_ended_sessions
from tests.cast import PASSWORD, user
from tests.dashboard.desk import text_of

pytestmark = pytest.mark.django_db
SESSIONS = "/account/sessions/"
AGENTS = {
    "Firefox on Windows": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0 SecretToken/7",
    "Safari on iPhone": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1) AppleWebKit/605.1.15 Version/18 Safari/604.1",
}
ADDRESS = "203.0.113.77"


@pytest.fixture
def alice(live_redis: Any) -> User:
    return user("alice@nordlicht.example")


def signed_in(person: User, device: str = "Firefox on Windows") -> Client:
    client = Client(headers={"User-Agent": AGENTS[device]}, REMOTE_ADDR=ADDRESS)
    client.post("/account/login/", {"login": person.email, "password": PASSWORD})
    return client


def handle_of(client: Client) -> str:
    return str(Session.objects.get(session_key=client.cookies[settings.SESSION_COOKIE_NAME].value).handle)


def is_in(client: Client) -> bool:
    return client.get("/workspaces/new").status_code == 200


def test_what_is_kept_of_a_session(alice: User) -> None:
    client = signed_in(alice)
    (row,) = Session.objects.filter(user=alice)
    assert (row.device, row.began_at <= row.seen_at) == ("Firefox/Windows", True)
    kept = f"{row.__dict__} {client.session.items()}"
    assert ADDRESS not in kept
    assert "SecretToken" not in kept
    assert "140.0" not in kept


def test_the_page_lists_ones_own_and_shows_no_key(alice: User) -> None:
    here, there = signed_in(alice), signed_in(alice, "Safari on iPhone")
    signed_in(user("bob@nordlicht.example"))
    Session.objects.create(
        session_key="old", session_data="", user=alice, expire_date=timezone.now(), device="Opera/Linux",
        began_at=timezone.now(), seen_at=timezone.now(),
    )  # fmt: skip
    page = here.get(SESSIONS)
    said = text_of(page)
    assert said.index("Firefox on Windows This one") < said.index("Safari on iPhone")
    assert said.count("Firefox on Windows") == 1
    assert "Opera" not in said
    for client in (here, there):
        assert client.cookies[settings.SESSION_COOKIE_NAME].value not in page.content.decode()


def test_signing_out_one_elsewhere_is_at_once(alice: User) -> None:
    here, there, third = signed_in(alice), signed_in(alice, "Safari on iPhone"), signed_in(alice)
    assert here.post(f"{SESSIONS}{handle_of(there)}/end/")["Location"] == SESSIONS
    assert [is_in(client) for client in (here, there, third)] == [True, False, True]


def test_signing_out_here_is_logging_out(alice: User) -> None:
    here, there = signed_in(alice), signed_in(alice)
    assert here.post(f"{SESSIONS}{handle_of(here)}/end/")["Location"] == "/"
    assert [is_in(client) for client in (here, there)] == [False, True]
    assert Session.objects.filter(user=alice).count() == 1


def test_signing_out_everywhere_else(alice: User) -> None:
    here, *others = [signed_in(alice) for _each in range(3)]
    bob = signed_in(user("bob@nordlicht.example"))
    assert "2 other places" in text_of(here.post(f"{SESSIONS}end-others/", follow=True))
    assert [is_in(client) for client in (here, *others, bob)] == [True, False, False, True]


def test_another_persons_session_is_out_of_reach(alice: User) -> None:
    here, bob = signed_in(alice), signed_in(user("bob@nordlicht.example"))
    before = list(Session.objects.order_by("pk").values("pk", "user_id", "handle"))
    for handle in (handle_of(bob), uuid4()):
        assert here.post(f"{SESSIONS}{handle}/end/").status_code == 404
    assert list(Session.objects.order_by("pk").values("pk", "user_id", "handle")) == before
    assert is_in(bob)


def test_a_new_password_takes_the_others_off_the_list(alice: User) -> None:
    here, there = signed_in(alice), signed_in(alice)
    told = {"oldpassword": PASSWORD, "password1": "quite another secret", "password2": "quite another secret"}
    began = Session.objects.get(handle=handle_of(here)).began_at
    here.post("/account/password/change/", told)
    (row,) = Session.objects.filter(user=alice)
    assert (row.began_at, row.device, str(row.handle)) == (began, "Firefox/Windows", handle_of(here))
    assert [is_in(client) for client in (here, there)] == [True, False]


def test_last_seen_is_written_again_after_ten_minutes_and_not_before(alice: User) -> None:
    here = signed_in(alice)
    row = Session.objects.get(user=alice)
    fresh = row.seen_at
    here.get("/workspaces/new")
    assert Session.objects.get(user=alice).seen_at == fresh
    long_ago = timezone.now() - timedelta(minutes=11)
    data = here.session.encode({**here.session.decode(row.session_data), "seen": long_ago.isoformat()})
    Session.objects.filter(user=alice).update(seen_at=long_ago, session_data=data)
    here.get("/workspaces/new")
    assert Session.objects.get(user=alice).seen_at > fresh


def test_sessions_that_have_run_out_are_deleted_and_no_other(alice: User) -> None:
    here, now = signed_in(alice), timezone.now()
    for number in range(3):
        times = {"began_at": now, "seen_at": now, "expire_date": now - timedelta(seconds=1)}
        Session.objects.create(session_key=f"over{number}", session_data="", user=alice, **times)
    assert [forget_ended_sessions(), forget_ended_sessions()] == [3, 0]
    assert is_in(here)


def test_a_visitor_who_is_nobody_leaves_no_name() -> None:
    Client().get("/account/login/")
    assert not Session.objects.exclude(user=None).exists()


def test_the_pages_of_an_account_cost_the_same_with_more_rows(alice: User) -> None:
    here = signed_in(alice)
    before = [statements(here, path) for path in (SESSIONS, "/account/two-factor/")]
    now = timezone.now()
    for number in range(30):
        times = {"began_at": now, "seen_at": now, "expire_date": now + timedelta(days=1)}
        Session.objects.create(session_key=f"k{number}", session_data="", user=alice, **times)
    assert [statements(here, path) for path in (SESSIONS, "/account/two-factor/")] == before
    assert max(before) <= 20


def statements(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)
