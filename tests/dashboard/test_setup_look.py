"""The guided set-up in a real browser, from the first step to a live program with the keyboard alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from programs.models import Program
from tests.cast import at_work, user, workspace_of
from tests.dashboard.desk import signed_in
from tests.dashboard.importing import checked, imported
from tests.keyboard import press, tab_to, type_into
from tests.looks import LONG, onlooker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_a_new_workspace_to_a_live_program_by_keyboard(chromium: Any, live_server: Any) -> None:
    merchant = workspace_of("alice@nordlicht.example", LONG)
    alice = signed_in(user("alice@nordlicht.example"))
    place = SimpleNamespace(merchant=merchant)
    imported(alice, checked(alice, place, "customers", b"email\ngil@friend.example\n"))
    with onlooker(chromium, live_server.url, alice, within=f"/w/{merchant.slug}/") as eyes:
        eyes.look("setup-home", f"/w/{merchant.slug}")
        eyes.look("setup-sell", "setup")
        tab_to(eyes, "[name=preset]")
        press(eyes, "Go on")
        tab_to(eyes, "[name=offer_source]")
        eyes.page.keyboard.press("ArrowDown")
        for name, text in (("offer_shop_code", "FREUND10"), ("order_minor", "60"), ("margin_bp", "22"),
                           ("acquisition_minor", "15")):  # fmt: skip
            type_into(eyes, name, text)
        eyes.page.get_by_text("but this way a new customer costs a lot").first.wait_for()
        eyes.inspect("setup-reward-typed")
        press(eyes, "Keep and go on")
        eyes.inspect("setup-brand")
        press(eyes, "Keep and go on")
        eyes.inspect("setup-shop")
        press(eyes, "Do this later")
        eyes.inspect("setup-customers")
        press(eyes, "Go on")
        eyes.inspect("setup-terms")
        press(eyes, "Agree and go on")
        eyes.inspect("setup-launch")
        press(eyes, "Publish the program")
        eyes.inspect("setup-live")
    with at_work(merchant):
        assert Program.objects.get().state == Program.State.ACTIVE
