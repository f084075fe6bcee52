"""One's own account in a real browser: two-factor, recovery codes, where one is signed in; and the settings beside."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kit.totp import code_at, step_of
from merchants.models import Merchant, Role, Session
from merchants.sealing import unseal
from merchants.steps.second_factor import turn_off
from tests.cast import PASSWORD, member, user, workspace_of
from tests.looks import Onlooker, onlooker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LAPTOP = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15"


@pytest.fixture
def merchant(live_redis: Any) -> Merchant:
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    member(merchant, "bob@nordlicht.example", Role.REVIEWER)
    return merchant


def signed_in() -> Client:
    client = Client(headers={"User-Agent": LAPTOP})
    client.post("/account/login/", {"login": "alice@nordlicht.example", "password": PASSWORD})
    return client


def sure(client: Client) -> Client:
    client.get("/account/two-factor/set-up/")
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    return client


def test_every_page_is_readable(chromium: Any, live_server: Any, merchant: Merchant) -> None:
    with onlooker(chromium, live_server.url, sure(signed_in()), within="/account/") as eyes:
        eyes.look("two-factor-off", "two-factor/")
        set_up(eyes)
        there = signed_in()  # a second place: the password was given, and no code yet
        eyes.look("two-factor-on", "two-factor/")
        eyes.look("two-factor-turn-off", "two-factor/off/")
        eyes.look("two-factor-confirm", "two-factor/confirm/?next=/")
        an_older_session()
        eyes.look("sessions", "sessions/")
        eyes.look("email", "email/")
        eyes.look("delete-account", "delete/")
        Merchant.objects.filter(pk=merchant.pk).update(needs_second_factor=True)
        for name, path in {"team": "team", "audit": "audit", "notifications": "settings/notifications"}.items():
            eyes.look(name, f"/w/{merchant.slug}/{path}")
    with onlooker(chromium, live_server.url, there) as eyes:
        eyes.go("/account/two-factor/check/")
        eyes.page.get_by_label("Code", exact=True).fill("000000")
        eyes.press("Log in")
        eyes.inspect("check-wrong")
    turn_off(user=user("alice@nordlicht.example"))


def set_up(eyes: Onlooker) -> None:
    eyes.look("two-factor-set-up", "two-factor/set-up/?next=/w/nordlicht-kaffee")
    secret = str(unseal(eyes.page.locator("[name=sealed]").input_value())["secret"])
    eyes.page.get_by_label("Code", exact=True).fill(code_at(secret, step_of(timezone.now())))
    eyes.press("Turn on")
    eyes.inspect("recovery-codes")
    codes = eyes.page.locator(".recovery-codes code").all_inner_texts()
    assert len([code for code in codes if re.fullmatch(r"[2-9A-Z-]{19}", code)]) == 10
    with eyes.page.expect_download() as saved:
        eyes.page.get_by_role("button", name="Download").click()
    assert saved.value.suggested_filename == "recovery-codes.txt"
    eyes.page.get_by_role("link", name="I have kept them, go on").click()
    eyes.page.wait_for_url("**/w/nordlicht-kaffee**")


def an_older_session() -> None:
    now = timezone.now()
    times = {"began_at": now, "seen_at": now, "expire_date": now.replace(year=now.year + 1)}
    whose = user("alice@nordlicht.example")
    Session.objects.create(session_key="k", session_data="", user=whose, device="Samsung Internet/Android", **times)
