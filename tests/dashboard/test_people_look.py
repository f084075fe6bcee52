"""People, orders, rewards and imports in a real browser: readable, nothing wider than a phone, no errors."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from advocates.models import Customer
from merchants.events import SYSTEM
from merchants.models import Merchant
from referral_saas.dashboard.paths import public
from rewards.actions.blocks import block_reward
from rewards.actions.sales import Sale, record_sale
from rewards.models import Reward, RewardBlock
from rewards.steps import fulfil, release
from tests.cast import World, at_work, enrolled, live_program, workspace_of
from tests.dashboard.desk import BY_HAND, a_busy_world, owner
from tests.facts import DAY, delivery, parcel, refund, snapshot
from tracking.facts import PersonIn
from tracking.models import Order, Referral

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
#: Where pictures of every page go, for people to look at.
PICTURES = os.environ.get("PICTURES_DIR", "")
LONG = "Maximiliane-Charlotte Schwarzenberger-Empfehlungsprogrammteilnehmerin"
LISTS = ("advocates", "customers", "referrals", "orders", "rewards", "clicks", "claims")
FORMS = ("advocates/new", "advocates/import", "customers/import", "orders/new", "orders/import")


@pytest.fixture
def world() -> World:
    """Every state an order and a reward can show, long names among them."""
    world = a_busy_world()
    with at_work(world.merchant) as now:
        Customer.objects.filter(pk=world.advocate.customer_id).update(name=LONG)
        record_sale(sale=_sale(now), by=SYSTEM, now=now)
        stopped = Reward.objects.get(order__external_id="2")
        block_reward(reward=stopped, kind=RewardBlock.Kind.REVIEW, reason="Same street", by=SYSTEM, now=now)
    for number, ago, back in (("21", 60, 0), ("22", 45, 8000)):
        at = world.now - ago * DAY
        token = world.click(at=at - timedelta(hours=1))
        facts = [snapshot(at, token=token, stated_net_minor=19000), parcel(at + DAY, delivered_at=at + 2 * DAY)]
        world.take(*facts, delivery(at + 2 * DAY), number=number, email=f"f{number}@friend.example", now=at + DAY)
        release.sweep(world.merchant.tenant_ref())
        fulfil.sweep(world.merchant.tenant_ref())
        if back:
            world.take(refund(world.now, amount=back), number=number, email="")
    by_hand = live_program(world.merchant, name="Partner", advocate_reward=BY_HAND)
    enrolled(world.merchant, by_hand, "partner@advocate.example", "")
    return world


def _sale(now: Any) -> Sale:
    person = PersonIn(email="counter@friend.example", name="Ida Counter")
    return Sale(number="K-77", person=person, amount_minor=4990, currency="EUR", placed_at=now)


def pages_of(world: World) -> dict[str, str]:
    with at_work(world.merchant):
        orders = {order.external_id: public(order) for order in Order.objects.all()}
        rewards = {reward.order.external_id: public(reward) for reward in Reward.objects.select_related("order")}
        friend = Customer.objects.get(email="eve@friend.example")
        referral = Referral.objects.get(order__external_id="1")
        blocked = Referral.objects.get(order__external_id="3")
    pages = {name.replace("/", "-"): name for name in (*LISTS, *FORMS)}
    pages |= {f"order-{number}": f"orders/{orders[number]}" for number in ("1", "3", "4", "5", "22", "K-77")}
    pages |= {f"reward-{number}": f"rewards/{rewards[number]}" for number in ("1", "2", "21", "22")}
    return pages | {
        "advocate": f"advocates/{public(world.advocate)}",
        "customer": f"customers/{public(friend)}",
        "referral": f"referrals/{public(referral)}",
        "referral-blocked": f"referrals/{public(blocked)}",
        "rewards-of-one": f"rewards?advocate={public(world.advocate)}&state=HELD",
        "orders-none": "orders?from=2199-01-01",
    }


LOOKS = [("desktop", "light"), ("phone", "dark")]


@pytest.mark.parametrize(("size", "scheme"), [*LOOKS, ("desktop", "dark"), ("phone", "light")] if PICTURES else LOOKS)
def test_every_page_is_readable(chromium: Any, live_server: Any, world: World, size: str, scheme: Any) -> None:
    bare = workspace_of("alice@nordlicht.example", "Leer GmbH")
    page = opened(chromium, live_server.url, owner(world), size, scheme)
    for name, path in pages_of(world).items():
        look(page, f"{name}-{size}-{scheme}", world.merchant, path)
    for name in (*LISTS, *FORMS):
        look(page, f"empty-{name.replace('/', '-')}-{size}-{scheme}", bare, name)
    try_forms(page, world.merchant, f"{size}-{scheme}")
    assert page.problems == []


def try_forms(page: Any, merchant: Merchant, ending: str) -> None:
    """What a person sees who leaves a form empty, and who has a file looked at."""
    page.goto(f"/w/{merchant.slug}/orders/new")
    press(page, "Record the sale")
    inspect(page, f"sale-errors-{ending}")
    page.problems.clear()  # the browser notes every answer of 422 as an error of its own
    for data, name in ((b"email,name\nnora@x.example,Nora\n", "checked"), (b"email\nnobody\n", "faulty")):
        page.goto(f"/w/{merchant.slug}/customers/import")
        page.set_input_files("input[type=file]", {"name": "people.csv", "mimeType": "text/csv", "buffer": data})
        press(page, "Check the file")
        inspect(page, f"import-{name}-{ending}")
    page.problems.clear()


def press(page: Any, name: str) -> None:
    """The answer is another page: what follows looks at that one."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


def opened(chromium: Any, address: str, client: Client, size: str, scheme: Any) -> Any:
    """A page of a fresh profile, signed in, that gathers console errors in ``problems``."""
    width, height = SIZES[size]
    context = chromium.new_context(base_url=address, viewport={"width": width, "height": height}, color_scheme=scheme)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])
    page = context.new_page()
    page.problems = []
    page.on("console", lambda said: page.problems.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    return page


def look(page: Any, name: str, merchant: Merchant, path: str) -> None:
    answer = page.goto(f"/w/{merchant.slug}/{path}")
    assert answer.status == 200, (name, answer.status)
    inspect(page, name)


def inspect(page: Any, name: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow == 0, (name, overflow)
    found = Axe().run(page).response["violations"]
    assert [(each["id"], [node["html"][:200] for node in each["nodes"]]) for each in found] == [], name
