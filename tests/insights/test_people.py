"""Find a person: what one box finds, every kind of line of the story, and what is said to be missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from advocates.actions.customers import know_customer
from advocates.models import Customer
from engagement.models import Message
from insights.finding import By, find
from insights.lacking import missing
from insights.people import Story, What, story_of, timeline
from kit.ids import public_id, uuid7
from merchants.events import SYSTEM
from merchants.steps import outbox
from rewards.actions.blocks import block_reward
from rewards.models import Reward, RewardBlock
from rewards.steps import fulfil, release
from tests.cast import World, a_world, at_work
from tests.facts import DAY, delivery, parcel, refund, snapshot
from tests.once import undone
from tracking.models import Claim, Order, Referral
from tracking.steps.claims import claim_offer

pytestmark = pytest.mark.django_db


@dataclass
class Case:
    world: World

    def story(self, email: str) -> Story:
        with at_work(self.world.merchant):
            return story_of(Customer.objects.get(email=email), zone="UTC", language="en")

    def moments(self, email: str) -> list[What]:
        return [moment.what for moment in timeline(self.story(email))]

    def lacks(self, email: str) -> dict[str, str]:
        with at_work(self.world.merchant) as now:
            story = story_of(Customer.objects.get(email=email), zone="UTC", language="en")
            return {lack.code: lack.text for lack in missing(story, now=now, zone="UTC", language="en")}

    def found(self, text: str) -> list[tuple[By, str]]:
        with at_work(self.world.merchant):
            return [(hit.by, hit.customer.email if hit.customer else "") for hit in find(text).hits]


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[Case]:
    with django_db_blocker.unblock(), undone():
        yield Case(played())


@pytest.fixture
def case(built: Case) -> Iterator[Case]:
    with undone():
        yield built


def played() -> World:
    """Eve by link and delivered, Finn too late, Gil without anything, Hana with a claim, Ida unshipped, Dana's own."""
    world = a_world()
    ref, now = world.merchant.tenant_ref(), world.now
    at = now - 50 * DAY
    told = [snapshot(at, token=world.click(at=at - DAY), number="#1001"), delivery(at + DAY)]
    world.take(*told, number="5001", email="eve@friend.example", now=at + 2 * DAY)
    release.sweep(ref)
    fulfil.sweep(ref)
    late = world.click(at=now - 100 * DAY)
    world.take(snapshot(now, token=late, number="#1002"), number="5002", email="finn@friend.example")
    world.take(snapshot(now, codes=[("SUMMER", 100)], number="#1003"), number="5003", email="gil@friend.example")
    world.take(snapshot(now, number="#1004"), number="5004", email="")
    claim_offer(
        ref, link_id=world.link.pk, email="hana@friend.example", name="Hana Kim", click_id=None, name_shown=True
    )
    token = world.click(at=now - DAY)
    world.take(snapshot(now, token=token, number="#1005"), number="5005", email="ida@friend.example")
    world.take(snapshot(now, token=token, number="#1006"), number="5006", email="dana@advocate.example")
    world.take(refund(now, amount=100), number="5007", email="jo@friend.example")
    world.take(snapshot(now, number="#1008"), number="5008", email="kit@friend.example")
    outbox.sweep(ref)
    return world


# --- the box ----------------------------------------------------------------------------------------------------------


def test_everything_somebody_may_hold_in_hand_leads_to_the_person(case):
    world = case.world
    with at_work(world.merchant):
        reward = Reward.objects.get(side="ADVOCATE", state="FULFILLED")
        claim = Claim.objects.get()
        order = Order.objects.get(external_id="5001")
        Customer.objects.filter(email="eve@friend.example").update(external_id="C-77")
    dana, eve, hana = "dana@advocate.example", "eve@friend.example", "hana@friend.example"
    for text, expected in {
        "EVE@Friend.example ": [(By.EMAIL, eve)],
        "#1001": [(By.ORDER, eve)],
        "1001": [(By.ORDER, eve)],
        "5001": [(By.ORDER, eve)],
        "C-77": [(By.SHOP_NUMBER, eve)],
        world.link.code.lower(): [(By.LINK, dana)],
        claim.code: [(By.CLAIM, hana)],
        reward.voucher: [(By.REWARD, dana)],
        "hana k": [(By.NAME, hana)],
        public_id("adv", world.advocate.pk): [(By.ADVOCATE, dana)],
        public_id("lnk", world.link.pk): [(By.LINK, dana)],
        public_id("rwd", reward.pk): [(By.REWARD, dana)],
        public_id("clm", claim.pk): [(By.CLAIM, hana)],
        public_id("ord", order.pk).upper().replace("ORD", "ord"): [(By.ORDER, eve)],
        public_id("cus", order.customer_id): [(By.CUSTOMER, eve)],
        public_id("ord", uuid7()): [],
        "nobody@friend.example": [],
        "%": [],
        "": [],
    }.items():
        assert case.found(text) == expected, text


def test_a_referral_names_both_sides_and_an_order_of_nobody_stands_for_itself(case):
    with at_work(case.world.merchant):
        referral = Referral.objects.get(order__external_id="5001")
    both = [(By.REFERRAL, "eve@friend.example"), (By.REFERRAL, "dana@advocate.example")]
    assert case.found(public_id("ref", referral.pk)) == both
    assert case.found("#1004") == [(By.ORDER, "")]


def test_another_merchants_things_are_not_found(case):
    other = a_world(owner="charlie@halcyon.example", name="Halcyon")
    with at_work(other.merchant):
        for text in ("eve@friend.example", "#1001", case.world.link.code, public_id("adv", case.world.advocate.pk)):
            assert find(text).hits == ()


def test_many_of_one_name_are_cut_and_it_is_said(case):
    with at_work(case.world.merchant) as now:
        for number in range(14):
            know_customer(email=f"m{number}@friend.example", name=f"Mara {number:02}", source="IMPORT", now=now)
        found = find("mara")
    assert (len(found.hits), found.is_cut) == (12, True)


# --- the story --------------------------------------------------------------------------------------------------------


def test_a_friends_story_is_told_from_the_visit_to_the_reward(case):
    assert case.moments("eve@friend.example")[:4] == [What.VISIT, What.FACT, What.FACT, What.DECISION]
    story = case.story("eve@friend.example")
    lines = timeline(story)
    assert [line.at for line in lines] == sorted(line.at for line in lines)
    events = [line.row.code for line in lines if line.what == What.EVENT]
    assert {"reward.held", "reward.released", "reward.fulfilled"} <= set(events)
    assert "referral.attributed" not in events  # the decision says it
    [decision] = [line for line in lines if line.what == What.DECISION]
    assert decision.row.decision["considered"][0]["reason"] == "first_touch"


def test_claims_and_mails_and_what_lies_ahead_have_lines(case):
    hana = case.moments("hana@friend.example")
    assert hana.count(What.CLAIM) == 1
    assert What.MAIL in hana
    with at_work(case.world.merchant):
        sent = Message.objects.filter(customer__email="hana@friend.example").count()
    assert hana.count(What.MAIL) == sent == 1
    world = case.world
    world.take(delivery(world.now), number="5005", email="ida@friend.example")
    assert case.moments("ida@friend.example")[-1] == What.AHEAD


def test_an_advocates_story_has_what_their_friends_brought(case):
    story = case.story("dana@advocate.example")
    brought = {row.order.external_id for row in story.brought}
    assert {"5001", "5005"} <= brought
    events = {line.row.code for line in timeline(story) if line.what == What.EVENT}
    assert {"advocate.enrolled", "referral.attributed", "reward.fulfilled"} <= events


def test_an_order_without_an_address_has_a_story_of_its_own(case):
    with at_work(case.world.merchant) as now:
        order = Order.objects.get(external_id="5004")
        story = story_of(order=order, zone="UTC", language="en")
        assert [line.what for line in timeline(story)] == [What.FACT, What.DECISION]
        codes = [lack.code for lack in missing(story, now=now, zone="UTC", language="en")]
    assert codes == ["no_address", "no_trace"]


# --- what is missing --------------------------------------------------------------------------------------------------


def test_a_window_that_had_ended_is_told_with_its_days(case):
    days = case.world.terms().attribution_window_days
    text = case.lacks("finn@friend.example")["attribution_window_over"]
    assert text == f"The attribution window ended {100 - days} days before the order."


def test_codes_of_nobody_and_orders_without_anything_are_told_apart(case):
    assert case.lacks("gil@friend.example") == {"unknown_code": "The code SUMMER is no advocate's and no friend's."}
    without = "No claim with this e-mail address. The order came without a code and without a referral link."
    assert case.lacks("kit@friend.example") == {"no_trace": without}
    assert list(case.lacks("jo@friend.example")) == ["order_awaited"]


def test_a_reward_says_what_it_waits_for(case):
    assert "Waiting for shipment" in case.lacks("ida@friend.example")["shipment"]
    world = case.world
    world.take(parcel(world.now, delivered_at=world.now), number="5005", email="ida@friend.example")
    assert case.lacks("ida@friend.example")["hold"].startswith("Held until")
    with at_work(world.merchant) as now:
        reward = Reward.objects.get(order__external_id="5005", side="ADVOCATE")
        block_reward(reward=reward, kind=RewardBlock.Kind.REVIEW, reason="asked", by=SYSTEM, now=now)
    assert case.lacks("ida@friend.example")["review"] == "Waiting for a review."


def test_a_claim_waits_for_its_order_until_it_is_over(case):
    assert case.lacks("hana@friend.example")["order"].startswith("Waiting for an order")
    with at_work(case.world.merchant) as now:
        Claim.objects.update(expires_at=now - timedelta(days=3))
    assert list(case.lacks("hana@friend.example")) == ["code_over"]


def test_own_purchases_and_people_who_rest_are_said_plainly(case):
    lacks = case.lacks("dana@advocate.example")
    assert lacks["blocked"] == "The advocate bought this for themselves."
    with at_work(case.world.merchant) as now:
        know_customer(email="lou@friend.example", name="Lou", source="IMPORT", now=now)
        Customer.objects.filter(email="lou@friend.example").update(unsubscribed_at=now)
    assert set(case.lacks("lou@friend.example")) == {"nothing", "unsubscribed"}


def test_nothing_is_missing_where_everything_came(case):
    assert case.lacks("eve@friend.example") == {}


def test_a_story_costs_the_same_with_one_and_with_three_orders(case):
    world = case.world

    def cost() -> int:
        with CaptureQueriesContext(connection) as caught:
            case.story("lea@friend.example")
        return len(caught)

    def order(number: str) -> None:
        token = world.click(at=world.now - DAY)
        world.take(snapshot(world.now, token=token, number=number), number=number, email="lea@friend.example")

    order("5018")
    with_one = cost()
    order("5019")
    order("5020")
    assert cost() == with_one
