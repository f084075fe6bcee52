"""A person is erased at the moment an order of theirs, or of their friend, is settled."""

from __future__ import annotations

import pytest

from advocates.models import Customer
from exports.actions import ask_for_export
from exports.locks import open_export
from exports.models import Export
from kit.locks import Rank, watch
from leads.models import Lead
from merchants.events import SYSTEM
from merchants.models import Membership
from privacy.actions.erasure import erase_person
from privacy.steps.erasure import erase
from rewards.actions.settle import take_in
from rewards.models import Reward
from tests.cast import a_world, at_work
from tests.facts import snapshot
from tests.leads.world import ADDRESS, a_b2b_world, a_lead, won
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


def test_who_asks_to_be_talked_to_while_they_are_erased_is_somebody_new():
    world = a_b2b_world()
    lead = a_lead(world).lead
    with at_work(world.merchant) as now:
        erase_person(customer=lead.customer, by=SYSTEM, now=now)
        rival = Rival(lambda: a_lead(world, company="Kaufmann GmbH", source=Lead.Source.FORM))
        assert rival.waits_for_us()
    again = rival.result()
    with at_work(world.merchant):
        stored = Lead.objects.get(pk=lead.pk)
        assert (stored.name, stored.company, stored.asked_again_at) == ("", "", None)
        assert again.is_new
        assert (again.lead.company, again.lead.customer.email) == ("Kaufmann GmbH", ADDRESS)
        assert again.lead.customer_id != lead.customer_id


def test_a_customer_who_becomes_a_lead_while_they_are_erased_is_somebody_new():
    world = a_b2b_world()
    world.take(snapshot(world.now), number="1", email=EVE)
    with at_work(world.merchant) as now:
        eve = Customer.objects.get(email=EVE)
        erase_person(customer=eve, by=SYSTEM, now=now)
        rival = Rival(lambda: a_lead(world, EVE, name=""))
        assert rival.waits_for_us()
    rival.result()
    with at_work(world.merchant):
        lead = Lead.objects.select_related("customer").get()
        assert (lead.customer.email, lead.customer_id == eve.pk) == (EVE, False)


def test_winning_and_erasing_ask_for_their_locks_in_the_same_order():
    world = a_b2b_world()
    lead = a_lead(world).lead
    with watch() as of_winning:
        won(world, lead)
    with at_work(world.merchant) as now, watch() as of_erasing:
        erase_person(customer=lead.customer, by=SYSTEM, now=now)
    for taken in (of_winning, of_erasing):
        assert taken.index(Rank.LEAD) < taken.index(Rank.FRIEND)


def test_nobody_is_erased_before_the_files_they_stand_in_are_gone():
    world = a_world()
    world.take(snapshot(world.now), number="1", email=EVE)
    with at_work(world.merchant) as now:
        seat, eve = Membership.objects.get(merchant=world.merchant), Customer.objects.get(email=EVE)
        asked = ask_for_export(list="customers", query="q=eve", seat=seat, language="en", now=now)
    with at_work(world.merchant):
        open_export(asked.pk)  # somebody is writing it
        rival = Rival(lambda: erase(world.merchant.tenant_ref(), customer_id=eve.pk, gives_up=True, by=SYSTEM))
        assert rival.waits_for_us()
        assert Customer.objects.get(pk=eve.pk).erased_at is None
    rival.result()
    with at_work(world.merchant):
        assert Customer.objects.get(pk=eve.pk).erased_at is not None
        assert Export.objects.get().state == "REMOVED"
