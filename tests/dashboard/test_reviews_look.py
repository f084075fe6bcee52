"""The reviews in a real browser, full and empty, worked with the keyboard alone; and the advocate's second look."""

from __future__ import annotations

from typing import Any

import pytest

from advocates.models import Customer
from kit.ids import public_id
from tests.cast import World, at_work, workspace_of
from tests.crawl.doubts import doubts_of
from tests.dashboard.cases import buys, odd_world, review_of_order
from tests.dashboard.desk import owner
from tests.looks import LONG, Onlooker, onlooker
from tests.portal.world import portal, signed_in
from tracking.models import Review

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EMPTY = ("reviews", "reviews/sample", "reviews/decided", "reviews/lists")


@pytest.fixture
def world() -> World:
    world = odd_world()
    with at_work(world.merchant):
        Customer.objects.filter(pk=world.advocate.customer_id).update(name=LONG)
    buys(world, "59", ("dana+schwarzenberger@advocate.example", LONG))
    doubts_of(world)
    return world


def pages_of(world: World) -> dict[str, str]:
    numbers = {"held": "59", "refused": "61", "appeal": "62", "cleared": "63", "sampled": "64"}
    cases = {f"case-{name}": f"reviews/{public_id('rev', review_of_order(world, number).pk)}"
             for name, number in numbers.items()}  # fmt: skip
    return {
        "reviews-sample": "reviews/sample",
        "reviews-decided": "reviews/decided",
        "try": "reviews/lists?this=eve@cheats.example",
        "checks": f"programs/{world.program.slug}/checks",
        "home": "",
        **cases,
    }


def test_every_page_is_readable(chromium: Any, live_server: Any, world: World) -> None:
    bare = workspace_of("alice@nordlicht.example", "Leer GmbH")
    with onlooker(chromium, live_server.url, owner(world), within=f"/w/{world.merchant.slug}/") as eyes:
        for name, path in pages_of(world).items():
            eyes.look(name, path.removesuffix("/") or f"/w/{world.merchant.slug}")
        for name in EMPTY:
            eyes.look(f"empty-{name.replace('/', '-')}", f"/w/{bare.slug}/{name}")
        by_keys_alone(eyes, world)
        at_the_portal(eyes, world)


def by_keys_alone(eyes: Onlooker, world: World) -> None:
    """Down and up, tick, approve, undo; the keys are shown, and typing in a field is only typing."""
    keys = eyes.page.keyboard
    eyes.go("reviews")
    eyes.page.set_viewport_size({"width": 1440, "height": 900})
    keys.press("?")
    eyes.inspect("keys")
    keys.press("Escape")
    keys.press("j")
    keys.press("j")
    keys.press("k")
    first = eyes.page.locator("[data-case]").first
    assert first.get_attribute("data-here") is not None
    who = first.locator("th a").inner_text()
    keys.press("x")
    assert first.locator("input").is_checked()
    eyes.inspect("ticked")
    with eyes.page.expect_navigation():
        keys.press("a")
    assert who in eyes.page.locator(".callout").inner_text()
    eyes.inspect("just")
    with eyes.page.expect_navigation():
        keys.press("u")
    for key in ("j", "x", "j", "x"):
        keys.press(key)
    with eyes.page.expect_navigation():
        keys.press("a")
    eyes.inspect("several")
    with eyes.page.expect_navigation():
        eyes.page.get_by_role("link", name="Back without deciding").click()
    keys.press("j")
    with eyes.page.expect_navigation():
        keys.press("o")
    keys.press("r")
    keys.type("jaxr")
    assert eyes.page.locator("#refuse-note").input_value() == "jaxr"
    eyes.inspect("refusing")
    with at_work(world.merchant):
        assert Review.objects.filter(state="OPEN", referral__order__external_id__in=["59", "60", "65"]).count() == 3


def at_the_portal(eyes: Onlooker, world: World) -> None:
    eyes.sign_in(signed_in(world))
    eyes.look("portal-friends", portal(world, "friends"))
    refused = review_of_order(world, "61")
    eyes.go(portal(world, f"second-look/{public_id('ref', refused.referral_id)}"))
    eyes.press("Ask for a second look")
    eyes.inspect("portal-second-look-errors")
