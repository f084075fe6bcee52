"""The friend's and the advocate's pages in a real browser: readable, nothing wider than a phone, no errors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from advocates.models import Customer, Share
from merchants.events import SYSTEM
from merchants.models import Workspace
from programs.actions.lifecycle import pause_program
from rewards.steps import fulfil, release
from tests.cast import World, a_world, at_work
from tests.facts import DAY, delivery, refund, snapshot
from tests.looks import onlooker
from tests.portal.world import portal, signed_in, token_for
from tracking.steps.claims import claim_offer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "Empfehlungsprogrammteilnahmebestätigung & Söhne Kaffeerösterei"


@pytest.fixture
def world() -> World:
    """A shop with a long German name, an advocate with one, and friends at every step."""
    world = a_world(name=LONG, advocate_cap=5)
    with at_work(world.merchant):
        Customer.objects.filter(pk=world.advocate.customer_id).update(
            name="Maximiliane-Charlotte Schwarzenberger-Lindt"
        )
        Workspace.objects.update(brand_colour="#b4532a")
    for number, (ago, arrived) in enumerate([(60, True), (20, True), (5, False), (3, True)], start=1):
        at = world.now - ago * DAY
        token = world.click(at=at - timedelta(hours=1))
        facts = [snapshot(at, token=token)] + ([delivery(at + DAY)] if arrived else [])
        world.take(*facts, number=str(number), email=f"f{number}@friend.example", now=at + DAY)
    world.take(refund(world.now, lines=[("1", 1, 20000)]), number="4", email="")
    claim_offer(
        world.merchant.tenant_ref(), link_id=world.link.pk, email="e@friend.example", name="Eve", click_id=None,
        name_shown=True,
    )  # fmt: skip
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())
    return world


def pages_of(world: World) -> dict[str, str]:
    rest = ["", "friends", "rewards", "terms", "settings", "qr"]
    mine = {f"portal-{name or 'home'}": portal(world, name) for name in rest}
    return {
        **mine,
        "friend-own": f"/r/{world.link.code}",
    }


def stopped_program(world: World) -> dict[str, str]:
    """What friends and advocates see while the program takes a break."""
    with at_work(world.merchant) as now:
        pause_program(program=world.program, by=SYSTEM, now=now)
    return {"friend-paused": f"/r/{world.link.code}", "portal-paused": portal(world)}


def pages_of_strangers(world: World) -> dict[str, str]:
    return {
        "friend-offer": f"/r/{world.link.code}",
        "friend-terms": f"/r/{world.link.code}/terms",
        "friend-unknown": "/r/NOSUCH22",
        "portal-sign-in": portal(world),
        "portal-sent": portal(world, "sent"),
        "portal-join": portal(world, f"join/{world.program.slug}"),
        "portal-enter": portal(world, f"enter/{token_for(world)}"),
    }


def test_every_page_is_readable(chromium: Any, live_server: Any, world: World) -> None:
    with onlooker(chromium, live_server.url) as stranger:
        for name, path in pages_of_strangers(world).items():
            stranger.look(name, path, status=404 if name == "friend-unknown" else 200)
        stranger.go(f"/r/{world.link.code}")
        stranger.page.locator("main button.button-primary").click()
        stranger.page.wait_for_url("**/offer/**")
        stranger.inspect("friend-code")
    with onlooker(chromium, live_server.url, signed_in(world)) as advocate:
        for name, path in pages_of(world).items():
            advocate.look(name, path)
        for name, path in stopped_program(world).items():
            advocate.look(name, path)


def test_copying_records_a_share_and_apps_open_with_the_message(chromium: Any, live_server: Any, world: World) -> None:
    with onlooker(chromium, live_server.url, signed_in(world)) as eyes:
        page = eyes.page
        page.set_viewport_size({"width": 390, "height": 844})
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
        page.context.route("https://wa.me/**", lambda route: route.fulfill(body="WhatsApp"))
        eyes.go(portal(world))
        with page.expect_response("**/share/copy") as answer:
            page.locator("[data-copy]").first.click()
        assert answer.value.status == 204
        assert page.evaluate("navigator.clipboard.readText()") == page.locator("#copy-your-link").input_value()
        with page.expect_popup() as popup, page.expect_response("**/share/whatsapp"):
            page.get_by_role("button", name="WhatsApp").click()
        assert popup.value.url.startswith("https://wa.me/?text=")
    with at_work(world.merchant):
        assert sorted(Share.objects.values_list("channel", flat=True)) == ["COPY", "WHATSAPP"]
