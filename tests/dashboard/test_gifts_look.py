"""Kinds, parcels and surprises in a real browser, full and empty, and the address form of the portal."""

from __future__ import annotations

from typing import Any

import pytest

from advocates.models import Advocate, Customer
from kit.ids import public_id
from merchants.models import Merchant
from programs.models import RewardKind
from programs.rules import Form
from referral_saas.advocate_session import cookie_name
from rewards.models import Reward, Surprise
from tests.cast import World, a_world, at_work, workspace_of
from tests.crawl.gifts import gifts_of
from tests.dashboard.desk import owner
from tests.dashboard.test_people_look import LONG, LOOKS, PICTURES, inspect, look, opened, press
from tests.portal.world import portal, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EMPTY = ("kinds", "kinds/new", "parcels", "surprises", "surprises/new", "surprises/allowances")


@pytest.fixture
def world() -> World:
    world = a_world()
    with at_work(world.merchant):
        Customer.objects.filter(pk=world.advocate.customer_id).update(name=LONG)
    gifts_of(world)
    return world


def pages_of(world: World) -> dict[str, str]:
    with at_work(world.merchant):
        kinds = {kind.form: public_id("knd", kind.pk) for kind in RewardKind.objects.all()}
        sent = Reward.objects.get(order__external_id="40")
        waiting = Reward.objects.get(order__external_id="41")
        given = Surprise.objects.exclude(message="")[0]
    forms = {f"new-{form}": f"kinds/new?form={form}" for form in (Form.SWAG, Form.PERCENT_CODE, Form.CUSTOM_UNIT)}
    return {name.replace("/", "-"): name for name in EMPTY} | {
        "kind-thing": f"kinds/{kinds[Form.SWAG]}",
        "kind-pool": f"kinds/{kinds[Form.FIXED_CODE]}",
        "kind-codes": f"kinds/{kinds[Form.FIXED_CODE]}/codes",
        **forms,
        "new-preset": "kinds/new?preset=t_shirt",
        "slip": f"parcels/{public_id('rwd', sent.pk)}",
        "give": f"surprises/new?advocate={public_id('adv', world.advocate.pk)}",
        "reward-parcel": f"rewards/{public_id('rwd', sent.pk)}",
        "reward-waiting": f"rewards/{public_id('rwd', waiting.pk)}",
        "reward-surprise": f"rewards/{public_id('rwd', given.reward_id)}",
        "rewards": "rewards",
    }


def errors_of(page: Any, merchant: Merchant, ending: str) -> None:
    """What a person sees who leaves everything empty."""
    for path, name in (("kinds/new?form=SWAG", "Add to the catalogue"),):
        page.goto(f"/w/{merchant.slug}/{path}")
        press(page, name)
        inspect(page, f"errors-{ending}")
    page.problems.clear()  # the browser notes every answer of 422 as an error of its own


@pytest.mark.parametrize(("size", "scheme"), [*LOOKS, ("desktop", "dark"), ("phone", "light")] if PICTURES else LOOKS)
def test_every_page_is_readable(chromium: Any, live_server: Any, world: World, size: str, scheme: Any) -> None:
    bare = workspace_of("alice@nordlicht.example", "Leer GmbH")
    page = opened(chromium, live_server.url, owner(world), size, scheme)
    for name, path in pages_of(world).items():
        look(page, f"{name}-{size}-{scheme}", world.merchant, path)
    for name in EMPTY:
        look(page, f"empty-{name.replace('/', '-')}-{size}-{scheme}", bare, name)
    errors_of(page, world.merchant, f"{size}-{scheme}")
    assert page.problems == []
    at_the_portal(page, live_server.url, world, f"{size}-{scheme}")


def at_the_portal(page: Any, address: str, world: World, ending: str) -> None:
    with at_work(world.merchant):
        tom = Advocate.objects.select_related("program").get(customer__email="tom@advocate.example")
        reward = Reward.objects.get(order__external_id="41")
    client, name = signed_in(world, tom), cookie_name(world.merchant)
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])
    for shown, path in (("rewards", "rewards"), ("address", f"rewards/{public_id('rwd', reward.pk)}/address")):
        assert page.goto(portal(world, path)).status == 200
        inspect(page, f"portal-{shown}-{ending}")
    page.goto(portal(world, f"rewards/{public_id('rwd', reward.pk)}/address"))
    press(page, "Save my address")
    inspect(page, f"portal-address-errors-{ending}")
