"""What a merchant reads of disputes, of refunds beyond the order, of holds, and of orders nobody ships."""

from __future__ import annotations

import pytest

from programs.rules import HoldOverride
from referral_saas.dashboard.paths import public
from rewards.steps import release
from tests.cast import World, a_world, at_work
from tests.dashboard.desk import a_released_world, base, only_reward, owner, text_of
from tests.facts import DAY, delivery, dispute, refund, snapshot
from tracking.models import Order

pytestmark = pytest.mark.django_db


def order_page(world: World) -> str:
    with at_work(world.merchant):
        order = Order.objects.get()
    return text_of(owner(world).get(f"{base(world)}/orders/{public(order)}"))


def reward_page(world: World) -> str:
    return text_of(owner(world).get(f"{base(world)}/rewards/{public(only_reward(world))}"))


def test_a_dispute_is_shown_from_its_opening_to_its_end():
    world = a_released_world()
    world.take(dispute(world.now, amount=6000))
    told = order_page(world)
    assert "The payment is disputed The buyer asks their bank" in told
    assert "Payment disputed" in told
    assert "€60.00" in told
    assert "Waiting for the end of a payment dispute." in told
    assert "Waiting for the end of a payment dispute." in reward_page(world)
    world.take(dispute(world.now + DAY, "lost"))
    told = order_page(world)
    assert "Dispute lost" in told
    assert "The payment is disputed" not in told
    assert "€14.00" in told


def test_more_given_back_than_paid_is_said():  # hostile 71
    world = a_released_world()
    assert "More was given back than was paid" not in order_page(world)
    world.take(refund(world.now, amount=20001))
    assert "More was given back than was paid" in order_page(world)


def test_shipping_given_back_is_named():
    world = a_released_world()
    world.take(refund(world.now, shipping=490))
    assert "€4.90 on shipping" in order_page(world)


def test_the_rule_that_decided_the_hold_is_named():
    world = a_world(hold_overrides=(HoldOverride(("p1",), 100),))
    world.take(snapshot(world.now, token=world.click()), delivery(world.now))
    assert "100 days: the longest return window in the order, that of p1. Counted from the delivery" in reward_page(
        world
    )


def test_an_order_nobody_ships_needs_somebody():
    world = a_world()
    at = world.now - 70 * DAY
    world.take(snapshot(at, token=world.click(at=at)))
    release.sweep(world.merchant.tenant_ref())
    said = "1 reward waits for an order that was not shipped for more than 60 days."
    assert said in text_of(owner(world).get(base(world)))
    listed = text_of(owner(world).get(f"{base(world)}/rewards?state=UNSHIPPED_LONG"))
    assert "Dana Muster Advocate, Freunde" in listed
