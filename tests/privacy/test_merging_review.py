"""Whoever turns out to have referred themselves earns nothing more for it; merging pressed twice leads to who stays."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advocates.models import Customer
from kit.ids import public_id
from rewards.models import Reward
from tests.cast import a_world, at_work
from tests.dashboard.desk import base, owner, text_of
from tests.facts import DAY, delivery, snapshot
from tests.privacy.test_merging import DANA, JANE, looked, merge
from tests.rewards.cash import CASH, Till, a_till
from tracking.models import Referral

pytestmark = pytest.mark.django_db

OTHER = "dana.muster@work.example"


def test_further_orders_of_who_referred_themselves_earn_nothing() -> None:
    till = Till(a_world(advocate_reward=replace(CASH, recurring_months=12)))
    till.account("dana")
    world = till.world
    token, at = world.click(at=world.now - 41 * DAY), world.now - 40 * DAY
    world.take(snapshot(at, token=token, lines=[10000]), delivery(at + DAY), number="self", email=OTHER)
    till.release()
    till.run()
    assert looked(till, OTHER).own_released == 1
    merge(till, goes=OTHER)
    settled = world.take(snapshot(world.now), number="further", email=OTHER)
    assert (settled.referral, settled.rewards) == (None, [])
    with at_work(world.merchant):
        assert Reward.objects.get(order__external_id="self").state == "FULFILLED"  # what was given stays


def test_own_order_that_had_not_qualified_earns_nothing_later() -> None:
    till = a_till(min_order_minor=10000)
    world = till.world
    token = world.click()
    world.take(snapshot(world.now, token=token, lines=[5000]), number="self", email=OTHER)
    with at_work(world.merchant):
        assert Referral.objects.get().state == "NOT_QUALIFIED"
    merge(till, goes=OTHER)
    more = snapshot(world.now, token=token, lines=[50000], as_of=world.now + DAY)
    settled = world.take(more, number="self", email="")
    with at_work(world.merchant):
        held = Reward.objects.exclude(amount_minor=0).count()
    assert (settled.order.outcome, held) == ("BLOCKED", 0)


def test_pressed_twice_leads_to_who_stays_and_one_alone_is_told_so() -> None:
    till = a_till()
    till.advocate("jane")
    with at_work(till.world.merchant):
        mine, theirs = (public_id("cus", Customer.objects.get(email=email).pk) for email in (DANA, JANE))
    client, people = owner(till.world), f"{base(till.world)}/customers"
    told = {"with": theirs, "stays": mine, "reason": "x", "sure": "on"}
    same = client.post(f"{people}/{mine}/merge/now", told | {"with": mine}, follow=True)
    assert "This is the same entry." in text_of(same)
    told["seen"] = client.get(f"{people}/{mine}/merge?with={theirs}").context["seen"]
    for _press in range(2):
        assert client.post(f"{people}/{mine}/merge/now", told).headers["Location"] == f"{people}/{mine}"
    for page in (f"{theirs}/merge", f"{mine}/merge?with={theirs}"):
        assert client.get(f"{people}/{page}").headers["Location"] == f"{people}/{mine}"
