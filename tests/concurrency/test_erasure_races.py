"""A person is erased at the moment an order of theirs, or of their friend, is settled."""

from __future__ import annotations

import pytest

from advocates.models import Customer
from merchants.events import SYSTEM
from privacy.actions.erasure import erase_person
from privacy.steps.erasure import erase
from rewards.actions.settle import take_in
from rewards.models import Reward
from tests.cast import a_world, at_work
from tests.facts import snapshot
from tests.races import Rival
from tracking.facts import OrderKey, PersonIn
from tracking.models import Order

pytestmark = pytest.mark.django_db(transaction=True)

EVE = "eve@friend.example"


def test_an_order_of_the_friend_waits_for_the_erasure_and_gives_them_nothing():
    world = a_world()
    world.take(snapshot(world.now), number="1", email=EVE)
    token = world.click()
    with at_work(world.merchant) as now:
        eve = Customer.objects.get(email=EVE)
        erase_person(customer=eve, by=SYSTEM, now=now)
        rival = Rival(lambda: world.take(snapshot(world.now, token=token), number="2", email=EVE))
        assert rival.waits_for_us()
    rival.result()
    with at_work(world.merchant):
        assert Customer.objects.get(pk=eve.pk).email == ""
        assert not Reward.objects.filter(recipient=eve).exists()
        assert Order.objects.filter(external_id="2").exists()


def test_erasing_the_advocate_waits_for_the_order_that_rewards_them_and_gives_that_up():
    world = a_world()
    token, dana = world.click(), world.advocate.customer_id
    ref = world.merchant.tenant_ref()
    with at_work(world.merchant):
        person = PersonIn(email=EVE, name="Eve")
        facts = [snapshot(world.now, token=token)]
        take_in(key=OrderKey("api", "1"), facts=facts, person=person, now=world.now, by=SYSTEM)
        rival = Rival(lambda: erase(ref, customer_id=dana, gives_up=True, by=SYSTEM))
        assert rival.waits_for_us()
    rival.result()
    with at_work(world.merchant):
        assert Customer.objects.get(pk=dana).erased_at is not None
        states = Reward.objects.filter(recipient=dana).values_list("state", "amount_minor")
        assert list(states) == [("CANCELLED", 0)]
