"""Find a person, the search of every page, saved views and leaks in a real browser: readable, nothing wider than a
phone, worked by keys alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from advocates.models import Customer
from engagement.models import Message
from kit.ids import uuid7
from merchants.events import SYSTEM
from referral_saas.dashboard.paths import public
from rewards.actions.blocks import block_reward
from rewards.models import Reward, RewardBlock
from tests.cast import World, at_work, workspace_of
from tests.crawl.leaks import a_leak, leaks_of
from tests.dashboard.desk import a_busy_world, owner
from tests.facts import DAY, delivery, snapshot
from tests.keyboard import press, tab_to, type_into
from tests.looks import LONG, Onlooker, onlooker
from tracking.models import Leak, Order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> World:
    """Long names, every sort of line, leaks in every state."""
    world = a_busy_world()
    late = world.click(at=world.now - 100 * DAY)
    world.take(snapshot(world.now, token=late, codes=[("SUMMER", 100)]), number="6", email="finn@friend.example")
    world.take(delivery(world.now), number="2", email="finn@friend.example")
    world.take(snapshot(world.now), number="7", email="")
    with at_work(world.merchant) as now:
        Customer.objects.filter(pk=world.advocate.customer_id).update(name=LONG)
        reward = Reward.objects.get(order__external_id="1", side="ADVOCATE")
        block_reward(reward=reward, kind=RewardBlock.Kind.REVIEW, reason="asked", by=SYSTEM, now=now)
        finn = Customer.objects.get(email="finn@friend.example")
        for kind, state in (("reward_pending", "SENT"), ("welcome", "FAILED")):
            told = {"outbox_id": uuid7(), "kind": kind, "state": state, "at": now + timedelta(minutes=2)}
            Message.objects.create(customer=finn, **told)
        a_leak(world, "Podcast „Morgenkaffee mit Maximiliane-Charlotte“", now)
    leaks_of(world)
    return world


def test_finding_and_leaks_are_readable(chromium: Any, live_server: Any, world: World) -> None:
    bare = workspace_of("alice@nordlicht.example", "Leer GmbH")
    with at_work(world.merchant):
        people = {row.email.partition("@")[0]: f"find/{public(row)}" for row in Customer.objects.all()}
        order = Order.objects.get(external_id="7")
        leaks = {f"leak-{row.state.lower()}": f"leaks/{public(row)}" for row in Leak.objects.order_by("-pk")}
        long = Leak.objects.select_related("link").order_by("pk")[0]
    pages = {"find": "find", "find-several": "find?q=%231001", "find-none": "find?q=Nobody-77"}
    pages |= {f"find-{name}": people[name] for name in ("dana", "finn", "hana")}
    pages |= {"find-nobody": f"find/{public(order)}", "leaks": "leaks", **leaks}
    pages["link-leaked"] = f"links/{public(long.link)}"
    with onlooker(chromium, live_server.url, owner(world), within=f"/w/{world.merchant.slug}/") as eyes:
        for name, path in pages.items():
            eyes.look(name, path)
        eyes.look("leaks-empty", f"/w/{bare.slug}/leaks")
        eyes.go("orders")
        with eyes.page.expect_navigation():
            eyes.page.keyboard.press("/")
        assert eyes.page.url.endswith("/find")
        eyes.page.keyboard.press("/")
        eyes.page.keyboard.type("gil@friend.example")
        with eyes.page.expect_navigation():
            eyes.page.keyboard.press("Enter")
        assert eyes.page.url.endswith(people["gil"])
        search_by_keys(eyes, people["gil"])
        eyes.look("search", "search?q=dana")
        views_by_keys(eyes)


def search_by_keys(eyes: Onlooker, person: str) -> None:
    """From within a box, back to it by Esc; what is chosen is what Enter opens; on a phone by the link."""
    page = eyes.page
    page.keyboard.press("/")
    page.keyboard.press("ControlOrMeta+k")
    box, options = page.get_by_role("combobox"), page.get_by_role("option")
    options.first.wait_for()
    assert box.get_attribute("aria-activedescendant") is None
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == "find-q"
    page.keyboard.press("ControlOrMeta+k")
    page.keyboard.type("gil@fri")
    page.get_by_text("1 found").wait_for()
    eyes.inspect("palette")
    page.keyboard.press("ArrowDown")
    assert options.first.get_attribute("aria-selected") == "true"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith(person.replace("find/", "customers/"))
    page.get_by_role("link", name="Search", exact=True).click()
    box.fill("#1001")
    with page.expect_navigation():
        box.press("Enter")  # quicker than the answer: the page of the search
    assert page.url.endswith("search?q=%231001")


def views_by_keys(eyes: Onlooker) -> None:
    eyes.go("orders?outcome=BLOCKED")
    tab_to(eyes, ".views-new summary")
    eyes.page.keyboard.press("Enter")
    eyes.inspect("views-new")
    type_into(eyes, "name", "What was blocked in the autumn, for Maximiliane-Charlotte")
    press(eyes, "Save the view")
    eyes.inspect("views")
    with eyes.page.expect_navigation():
        eyes.page.get_by_role("link", name="Change the view").click()
    eyes.inspect("view")
