"""The test drive in a real browser, by keyboard alone: from the set-up's checklist to the summary and back."""

from __future__ import annotations

from typing import Any

import pytest

from programs.models import Drive
from rewards.models import LedgerEntry, Reward
from tests.cast import at_work
from tests.dashboard.test_setup import Owner
from tests.dashboard.test_setup_look import press
from tests.looks import onlooker
from tracking.models import Order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_from_the_checklist_through_the_loop_and_back_by_keyboard(chromium: Any, live_server: Any) -> None:
    owner = Owner.anew()
    owner.up_to_launch()
    with onlooker(chromium, live_server.url, owner.client, within=f"{owner.base}/") as eyes:
        eyes.go("setup/launch")
        press(eyes, "Take a test drive")
        eyes.inspect("drive-intro")
        press(eyes, "Begin the test drive")
        steps = {
            "visit": "her friend Eve opens the link", "order": "Eve orders", "delivery": "the order arrives",
            "hold": "the return period passes", "release": "the reward is released", "gift": "the reward is given",
        }  # fmt: skip
        for name, words in steps.items():
            press(eyes, f"Next: {words}")
            eyes.page.wait_for_url(f"**/drive/{name}")
            if name == "order":
                eyes.inspect(f"drive-{name}")
        press(eyes, "To the summary")
        eyes.inspect("drive-summary")
        press(eyes, "Back to launch")
        eyes.page.get_by_text("The way from a link to an order works.").wait_for()
    with at_work(owner.merchant):
        drive = Drive.objects.select_related("stage").get()
        assert (drive.reached, Order.objects.count(), Reward.objects.count()) == ("gift", 0, 0)
    with at_work(drive.stage):
        reward = Reward.objects.get()
        assert (reward.state, reward.amount_minor) == (Reward.State.FULFILLED, 800)
        entries = sorted(LedgerEntry.objects.values_list("posting__kind", "account", "amount_minor"))
    assert entries == [
        ("offer.granted", "DISCOUNT_GRANTED", -600),
        ("offer.granted", "OFFER_COST", 600),
        ("reward.fulfilled", "FULFILLED", -800),
        ("reward.fulfilled", "PAYABLE", 800),
        ("reward.held", "HELD", -800),
        ("reward.held", "REWARD_COST", 800),
        ("reward.released", "HELD", 800),
        ("reward.released", "PAYABLE", -800),
    ]
