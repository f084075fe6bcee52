"""People, orders, rewards and imports in a real browser: readable, nothing wider than a phone, no errors."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from advocates.models import Customer
from merchants.events import SYSTEM
from referral_saas.dashboard.paths import public
from rewards.actions.blocks import block_reward
from rewards.actions.sales import Sale, record_sale
from rewards.models import Reward, RewardBlock
from rewards.steps import fulfil, release
from tests.cast import World, at_work, enrolled, live_program, workspace_of
from tests.dashboard.desk import BY_HAND, a_busy_world, owner
from tests.facts import DAY, delivery, parcel, refund, snapshot
from tests.keyboard import press, tab_to, type_into
from tests.looks import LONG, Onlooker, onlooker
from tracking.facts import PersonIn
from tracking.models import Order, Referral

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LISTS = ("advocates", "customers", "referrals", "orders", "rewards", "clicks", "claims")
#: Those that are not looked at as they come back with errors, or one step on.
FORMS = ("advocates/new", "advocates/import")


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
    pages |= {f"order-{number}": f"orders/{orders[number]}" for number in ("3", "4", "22", "K-77")}
    pages |= {f"reward-{number}": f"rewards/{rewards[number]}" for number in ("2", "21", "22")}
    return pages | {
        "customer": f"customers/{public(friend)}",
        "referral": f"referrals/{public(referral)}",
        "referral-blocked": f"referrals/{public(blocked)}",
        "orders-none": "orders?from=2199-01-01",
    }


def test_every_page_is_readable(chromium: Any, live_server: Any, world: World) -> None:
    bare = workspace_of("alice@nordlicht.example", "Leer GmbH")
    with onlooker(chromium, live_server.url, owner(world), within=f"/w/{world.merchant.slug}/") as eyes:
        for name, path in pages_of(world).items():
            eyes.look(name, path)
        for name in (*LISTS, *FORMS):  # nobody can join where no program is published
            eyes.look(f"empty-{name.replace('/', '-')}", f"/w/{bare.slug}/{name}")
        try_forms(eyes)
        try_filters(eyes)


def try_filters(eyes: Onlooker) -> None:
    """Beside the search where there is room; on a phone folded, and worked with the keyboard like any other."""
    outcome, first_row = eyes.page.get_by_label("Outcome"), eyes.page.locator("main tbody tr").first
    eyes.page.set_viewport_size({"width": 390, "height": 844})
    eyes.go("orders")
    type_into(eyes, "q", "K-77")
    with eyes.page.expect_navigation():
        eyes.page.keyboard.press("Enter")
    assert (eyes.page.locator("main tbody tr").count(), outcome.is_visible()) == (1, False)
    assert first_row.bounding_box()["y"] < 844
    tab_to(eyes, ".filters summary")
    eyes.page.keyboard.press("Enter")
    outcome.select_option("ATTRIBUTED")
    press(eyes, "Filter")
    eyes.page.get_by_text("Filters (1)").wait_for()
    eyes.inspect("orders-narrowed")
    eyes.page.set_viewport_size({"width": 1440, "height": 900})
    assert (outcome.is_visible(), eyes.page.get_by_text("Filters (1)").is_visible()) == (True, False)


def try_forms(eyes: Onlooker) -> None:
    """What a person sees who leaves a form empty, and who has a file looked at."""
    eyes.go("orders/new")
    eyes.press("Record the sale")
    eyes.inspect("sale-errors")
    for data, name in ((b"email,name\nnora@x.example,Nora\n", "checked"), (b"email\nnobody\n", "faulty")):
        eyes.go("customers/import")
        eyes.page.set_input_files("input[type=file]", {"name": "people.csv", "mimeType": "text/csv", "buffer": data})
        eyes.press("Look at the file")
        if name == "checked":
            eyes.inspect("import-columns")
        eyes.press("Check the file")
        eyes.inspect(f"import-{name}")
    eyes.look("imports", "imports")
