"""Clicks that could not be counted, and the days they are kept, seen in a browser."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cast import a_world, at_work
from tests.dashboard.desk import owner
from tests.looks import onlooker
from tracking.actions.aside import Line, set_aside

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_clicks_and_their_settings_are_readable(chromium: Any, live_server: Any) -> None:
    world = a_world()
    world.click()
    with at_work(world.merchant) as now:
        for number, reason in enumerate(("unknown_link", "unknown_link", "no_partition")):
            set_aside(line=Line(f"1-{number}", b"1|x"), reason=reason, now=now)
    with onlooker(chromium, live_server.url, owner(world), within=f"/w/{world.merchant.slug}/") as eyes:
        eyes.look("clicks-aside", "clicks")
        eyes.look("settings-clicks", "settings")
        eyes.go("settings/retention")
        eyes.page.get_by_label("Days to keep single clicks").fill("5")
        # Of itself the browser would not send it.
        eyes.page.locator("main form").evaluate("form => { form.noValidate = true; }")
        eyes.press("Save")
        eyes.inspect("settings-clicks-refused")
