"""Kinds, parcels and surprises in a real browser, full and empty, and the address form of the portal."""

from __future__ import annotations

from typing import Any

import pytest

from advocates.models import Advocate, Customer
from kit.ids import public_id
from programs.models import RewardKind
from programs.rules import Form
from rewards.models import Reward, Surprise
from tests.cast import World, a_world, at_work, workspace_of
from tests.crawl.gifts import gifts_of
from tests.dashboard.desk import owner
from tests.looks import LONG, Onlooker, onlooker
from tests.portal.world import portal, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

EMPTY = ("kinds", "parcels", "surprises", "surprises/new", "surprises/allowances")


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
    forms = {f"new-{form}": f"kinds/new?form={form}" for form in (Form.PERCENT_CODE, Form.CUSTOM_UNIT)}
    return {name.replace("/", "-"): name for name in (*EMPTY, "kinds/new")} | {
        "kind-thing": f"kinds/{kinds[Form.SWAG]}",
        "kind-pool": f"kinds/{kinds[Form.FIXED_CODE]}",
        "kind-codes": f"kinds/{kinds[Form.FIXED_CODE]}/codes",
        **forms,
        "slip": f"parcels/{public_id('rwd', sent.pk)}",
        "give": f"surprises/new?advocate={public_id('adv', world.advocate.pk)}",
        "reward-parcel": f"rewards/{public_id('rwd', sent.pk)}",
        "reward-waiting": f"rewards/{public_id('rwd', waiting.pk)}",
        "reward-surprise": f"rewards/{public_id('rwd', given.reward_id)}",
    }


def test_every_page_is_readable(chromium: Any, live_server: Any, world: World) -> None:
    bare = workspace_of("alice@nordlicht.example", "Leer GmbH")
    with onlooker(chromium, live_server.url, owner(world), within=f"/w/{world.merchant.slug}/") as eyes:
        for name, path in pages_of(world).items():
            eyes.look(name, path)
        for name in EMPTY:
            eyes.look(f"empty-{name.replace('/', '-')}", f"/w/{bare.slug}/{name}")
        eyes.go("kinds/new?form=SWAG")
        eyes.press("Add to the catalogue")
        eyes.inspect("errors")  # of a person who leaves everything empty
        at_the_portal(eyes, world)


def at_the_portal(eyes: Onlooker, world: World) -> None:
    with at_work(world.merchant):
        tom = Advocate.objects.select_related("program").get(customer__email="tom@advocate.example")
        reward = Reward.objects.get(order__external_id="41")
    eyes.sign_in(signed_in(world, tom))
    address = portal(world, f"rewards/{public_id('rwd', reward.pk)}/address")
    eyes.look("portal-rewards", portal(world, "rewards"))
    eyes.go(address)
    eyes.press("Save my address")
    eyes.inspect("portal-address-errors")
