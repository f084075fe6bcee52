"""A program's pages with every rule in use, in a real browser: readable, nothing wider than a phone, no errors."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from programs.actions.edit import save_draft
from programs.actions.kinds import create_kind
from programs.actions.lifecycle import publish_program
from programs.rules import (
    CapPeriod,
    Choice,
    CodeSource,
    Form,
    Fulfilment,
    Gives,
    HoldOverride,
    Holiday,
    Offer,
    RewardRule,
    Tier,
    Value,
)
from rewards.actions.bonus import plan_bonus
from rewards.actions.budget import set_budget
from tests.cast import World, a_world, at_work
from tests.dashboard.desk import owner
from tests.facts import DAY, snapshot
from tests.looks import onlooker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "Treueguthaben für Stammkundinnen und Stammkunden im Empfehlungsprogramm"
#: The forms of its rules and of a bonus are looked at as they come back with errors.
PAGES = (
    "", "/budget", "/publish", "/terms", "/versions", "/versions/1/take-up", "/duplicate", "/end",
)  # fmt: skip


@pytest.fixture
def world() -> World:
    """A program with every rule there is, short of budget, a bonus running and another one planned."""
    world = a_world(advocate_reward=RewardRule(kind=Value.FIXED, value=1000, fulfilment=Fulfilment.MANUAL))
    with at_work(world.merchant) as now:
        credit = create_kind(gives=Gives("", LONG, Form.STORE_CREDIT, "EUR", Fulfilment.BALANCE), by="t", now=now)
        rule = RewardRule(Value.FIXED, 1000, fulfilment=Fulfilment.BALANCE, gives=credit.as_gives(), every=2)
        rule = replace(rule, choices=(Choice("friend", fulfilment=Fulfilment.BALANCE, to_friend=True),))
        code = Offer(Value.PERCENT, 2000, CodeSource.SHOP_CODE, "BOTSCHAFTERINNENRABATT")
        terms = replace(
            world.terms(),
            advocate_reward=rule,
            tiers=(Tier("Botschafterinnen und Botschafter", 5, replace(rule, value=2500), code),),
            advocate_cap_minor=50_000,
            cap_period=CapPeriod.YEAR,
            hold_overrides=(HoldOverride(("7712345678901", "7712345678902"), 60),),
            holiday=Holiday("2026-11-15", "2026-12-24", "2027-01-31"),
            trust_hold_days=(14, 7),
        )
        words = {"name": "Freunde", "auto_enrol": "OFF", "self_sign_up": True}
        save_draft(program=world.program, terms=terms, **words, by="t", now=now)
        publish_program(program=world.program, by="t", now=now)
        save_draft(program=world.program, terms=replace(terms, tiers=()), **words, by="t", now=now)
        more = {"side": "ADVOCATE", "multiplier_bp": 20_000, "extra_minor": 0, "by": "t", "now": now}
        plan_bonus(program=world.program, name=LONG, starts_at=now, ends_at=now + timedelta(days=9), **more)
        later = now + timedelta(days=20)
        plan_bonus(program=world.program, name="Advent", starts_at=later, ends_at=later + timedelta(days=9), **more)
        set_budget(program=world.program, limit_minor=1500, is_hard=True, by="t", now=now)
    for number in range(1, 5):
        world.take(snapshot(world.now - DAY, token=world.click(at=world.now - 2 * DAY)), number=str(number),
                   email=f"f{number}@friend.example")  # fmt: skip
    return world


def test_every_page_is_readable(chromium: Any, live_server: Any, world: World) -> None:
    with onlooker(chromium, live_server.url, owner(world), within=f"/w/{world.merchant.slug}/programs/") as eyes:
        for path in PAGES:
            eyes.look(f"program{path.replace('/', '-')}", f"freunde{path}")
        eyes.look("program-start", "new")
        eyes.go("freunde/bonus")
        eyes.press("Plan it")
        eyes.inspect("program-bonus-errors")
        eyes.go("freunde/edit")
        eyes.page.locator("details.fold").evaluate_all("folds => folds.forEach(fold => fold.open = true)")
        eyes.page.fill("[name=tier_1_name]", "Gold")
        eyes.press("Save")
        eyes.inspect("program-edit-errors")
        assert asks_before_leaving(eyes.page), "what came back with errors is not kept"


def test_the_summary_follows_what_is_typed_and_nothing_typed_is_lost_unasked(
    chromium: Any, live_server: Any, world: World
) -> None:
    with onlooker(chromium, live_server.url, owner(world), within=f"/w/{world.merchant.slug}/programs/") as eyes:
        eyes.go("freunde/edit")
        page = eyes.page
        assert not asks_before_leaving(page)
        page.fill("[name=return_window_days]", "9")
        page.locator("#editor-index li:has(a[href='#hold'])").get_by_text("changed").wait_for()
        page.locator("aside.sticky li", has_text="Rewards are held for").get_by_text("9 days", exact=True).wait_for()
        assert page.get_by_text("Not saved yet").is_visible()
        assert asks_before_leaving(page)
        page.fill("[name=return_window_days]", "30")
        assert not asks_before_leaving(page)
        assert not page.get_by_text("Not saved yet").is_visible()
        page.fill("[name=return_window_days]", "999")
        page.locator("#editor-index li:has(a[href='#hold'])").get_by_text("1 to mend").wait_for()
        page.fill("[name=return_window_days]", "9")
        eyes.press("See how it reads")
        assert page.get_by_text("Nothing is saved yet.").is_visible()
        assert asks_before_leaving(page)
        eyes.press("Save")
        assert page.get_by_text("Publish to make the changed rules count").is_visible()


def asks_before_leaving(page: Any) -> bool:
    """Whether the browser would ask: somebody prevents what leaving begins with."""
    return bool(page.evaluate("!dispatchEvent(new Event('beforeunload', {cancelable: true}))"))
