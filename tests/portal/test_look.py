"""The friend's and the advocate's pages in a real browser: readable, nothing wider than a phone, no errors."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from advocates.models import Customer
from merchants.events import SYSTEM
from merchants.models import Workspace
from programs.actions.lifecycle import pause_program
from referral_saas.advocate_session import cookie_name
from rewards.steps import fulfil, release
from tests.cast import World, a_world, at_work
from tests.facts import DAY, delivery, refund, snapshot
from tests.portal.world import portal, signed_in, token_for
from tracking.steps.claims import claim_offer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG = "Empfehlungsprogrammteilnahmebestätigung & Söhne Kaffeerösterei"
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
#: Where pictures of every page go, for people to look at.
PICTURES = os.environ.get("PICTURES_DIR", "")


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


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_readable(chromium: Any, live_server: Any, world: World, size: str, scheme: Any) -> None:
    strangers = opened(chromium, live_server.url, size, scheme)
    for name, path in pages_of_strangers(world).items():
        look(strangers, name, path, size, scheme, missing=name == "friend-unknown")
    strangers.goto(f"/r/{world.link.code}")
    strangers.locator("main button.button-primary").click()
    strangers.wait_for_url("**/offer/**")
    inspect(strangers, "friend-code", size, scheme)
    cookie = signed_in(world).cookies[cookie_name(world.merchant)].value
    advocate = opened(chromium, live_server.url, size, scheme)
    advocate.context.add_cookies([{"name": cookie_name(world.merchant), "value": cookie, "url": live_server.url}])
    for name, path in pages_of(world).items():
        look(advocate, name, path, size, scheme)
    for name, path in stopped_program(world).items():
        look(advocate, name, path, size, scheme)
    assert [*strangers.problems, *advocate.problems] == []


def opened(chromium: Any, base: str, size: str, scheme: Any) -> Any:
    """A page of a fresh profile that gathers console errors in ``problems``."""
    width, height = SIZES[size]
    context = chromium.new_context(base_url=base, viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.problems = []
    page.on("console", lambda said: page.problems.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    return page


def look(page: Any, name: str, path: str, size: str, scheme: str, *, missing: bool = False) -> None:
    answer = page.goto(path)
    assert answer.status == (404 if missing else 200), (name, answer.status)
    if missing:
        page.problems.clear()  # the browser notes every 404 page as an error of its own
    inspect(page, name, size, scheme)


def inspect(page: Any, name: str, size: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}-{size}-{scheme}.png"), full_page=True)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow == 0, (name, size, overflow)
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found] == [], name


def test_copying_records_a_share_and_apps_open_with_the_message(chromium: Any, live_server: Any, world: World) -> None:
    from advocates.models import Share

    cookie = signed_in(world).cookies[cookie_name(world.merchant)].value
    page = opened(chromium, live_server.url, "phone", "light")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    page.context.add_cookies([{"name": cookie_name(world.merchant), "value": cookie, "url": live_server.url}])
    page.context.route("https://wa.me/**", lambda route: route.fulfill(body="WhatsApp"))
    page.goto(portal(world))
    with page.expect_response("**/share/copy") as answer:
        page.locator("[data-copy]").first.click()
    assert answer.value.status == 204
    assert page.evaluate("navigator.clipboard.readText()") == page.locator("#copy-your-link").input_value()
    with page.expect_popup() as popup, page.expect_response("**/share/whatsapp"):
        page.get_by_role("button", name="WhatsApp").click()
    assert popup.value.url.startswith("https://wa.me/?text=")
    with at_work(world.merchant):
        assert sorted(Share.objects.values_list("channel", flat=True)) == ["COPY", "WHATSAPP"]
    assert page.problems == []
