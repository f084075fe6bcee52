"""Find a person at the desk: where a search leads, what a story says and offers, and what some roles do not see."""

from __future__ import annotations

from datetime import timedelta

import pytest

from advocates.models import Customer
from engagement.mailbox import mails_of
from kit.ids import uuid7
from merchants.models import Event, Role
from merchants.steps import outbox
from referral_saas.dashboard.paths import public
from rewards.models import Reward
from rewards.steps import fulfil
from tests.cast import World, a_world, at_work
from tests.dashboard.desk import a_busy_world, a_released_world, as_role, base, owner, text_of
from tests.dashboard.files import text_of_file
from tests.facts import snapshot
from tests.once import for_a_file
from tracking.actions.claims import begin_claim, finish_claim
from tracking.models import Claim, Introduction, Order

pytestmark = pytest.mark.django_db


built, busy = for_a_file(a_busy_world)


def story_of(world: World, email: str) -> str:
    with at_work(world.merchant):
        return f"{base(world)}/find/{public(Customer.objects.get(email=email))}"


def test_one_hit_leads_straight_to_the_story(busy):
    client = owner(busy)
    answer = client.get(f"{base(busy)}/find", {"q": " Eve@FRIEND.example"})
    assert (answer.status_code, answer["Location"]) == (302, story_of(busy, "eve@friend.example"))
    with at_work(busy.merchant):
        order, claim = Order.objects.get(external_id="5"), Claim.objects.get()
        Claim.objects.update(friend=None, click_id=claim.pk)
    assert client.get(f"{base(busy)}/find", {"q": "5"})["Location"] == f"{base(busy)}/find/{public(order)}"
    assert client.get(f"{base(busy)}/find", {"q": "FREUND-1"})["Location"] == f"{base(busy)}/find/{public(claim)}"
    assert "Somebody unknown" in text_of(client.get(f"{base(busy)}/find/{public(claim)}"))


def test_several_hits_are_listed_and_none_says_what_was_looked_through(busy):
    client = owner(busy)
    several = text_of(client.get(f"{base(busy)}/find", {"q": "#1001"}))
    assert "Who is meant?" in several
    assert "gil@friend.example" in several
    none = text_of(client.get(f"{base(busy)}/find", {"q": "Nobody-77"}))
    assert "Nothing fits “Nobody-77”. Looked through:" in none
    assert "order numbers, with and without #" in none
    mail = text_of(client.get(f"{base(busy)}/find", {"q": "nobody@friend.example"}))
    assert "e-mail addresses, in any spelling of the same mailbox" in mail
    assert "codes of links" not in mail
    assert "Looked through" not in text_of(client.get(f"{base(busy)}/find"))


def test_a_story_names_the_link_the_decision_and_what_is_missing(busy):
    told = text_of(owner(busy).get(story_of(busy, "eve@friend.example")))
    assert "Opened the link of Dana Muster" in told
    assert "Order #1001: Attributed. The friend opened this advocate's link first." in told
    assert "Taken Dana Muster · Link" in told
    assert "Waiting for shipment. The hold begins with the delivery of the order." in told
    assert "€15.00 for Dana Muster" in told
    nobody = text_of(owner(busy).get(story_of(busy, "gil@friend.example")))
    assert "No claim with this e-mail address." in nobody


def test_a_code_given_without_an_address_is_what_was_typed_and_part_of_the_story():
    world = a_world()
    with at_work(world.merchant) as now:
        begun = begin_claim(link=world.link, friend=None, click_id=uuid7(), name_shown=False, now=now)
        finish_claim(claim=begun.claim, code="NORD-7", is_own=True, now=now)
    settled = world.take(snapshot(world.now + timedelta(hours=1), codes=[("NORD-7", 1000)]))
    client, referral = owner(world), settled.referral
    told = text_of(client.get(story_of(world, "eve@friend.example")))
    assert "Claimed the offer of Dana Muster" in told
    assert f"Code at checkout {world.link.code}" not in told
    for thing in (settled.order, referral):
        page = text_of(client.get(f"{base(world)}/{thing._meta.model_name}s/{public(thing)}"))
        assert "Code at checkout NORD-7" in page
        assert "The advocate's code, or one that was given to their friend, was used at checkout." in page
    assert "Checks Nothing noticed" in page


def test_what_can_be_done_is_offered_to_those_who_may(busy):
    clients = {role: as_role(busy, role) for role in (Role.SUPPORT, Role.ANALYST, Role.FINANCE)}

    def offered(role: Role, email: str) -> list[str]:
        return [action.label for action in clients[role].get(story_of(busy, email)).context["actions"]]

    by_hand = "Give order #1001 to an advocate"
    assert offered(Role.SUPPORT, "gil@friend.example") == [by_hand, "Ask who sent them", "Make them an advocate"]
    assert offered(Role.ANALYST, "gil@friend.example") == []
    assert offered(Role.SUPPORT, "dana@advocate.example") == [
        "Send a portal link",
        "See their portal",
        "Give a surprise",
        by_hand,
    ]
    assert offered(Role.FINANCE, "dana@advocate.example") == ["Give a surprise"]


def test_delivered_codes_are_whole_only_for_those_who_pay_or_give():
    world = a_released_world()
    fulfil.sweep(world.merchant.tenant_ref())
    with at_work(world.merchant):
        reward = Reward.objects.get(side="ADVOCATE")
        code, end = reward.voucher, f"…{reward.voucher[-4:]}"
    places = (story_of(world, "dana@advocate.example"), f"{base(world)}/rewards/{public(reward)}")
    assert len(code) > 4
    for role in Role.values:
        whole = role in (Role.OWNER, Role.ADMIN, Role.MARKETER, Role.SUPPORT, Role.FINANCE)
        client = as_role(world, role)
        for place in places:
            body = client.get(place).content.decode()
            assert (code in body, end in body) == (whole, not whole), (role, place)
        assert (code in text_of_file(client, world.merchant, "rewards")) == whole, role


def test_unknown_and_foreign_ids_are_absent(busy):
    client = owner(busy)
    assert client.get(f"{base(busy)}/find/nonsense").status_code == 404
    assert client.get(f"{base(busy)}/find/{public(busy.advocate)}").status_code == 404
    busy.take(snapshot(busy.now), number="77", email="")
    with at_work(busy.merchant):
        order = Order.objects.get(external_id="77")
    assert client.get(f"{base(busy)}/find/{public(order)}").status_code == 200


def test_support_sends_a_lost_code_again_but_not_all_the_time(busy):
    client, path = as_role(busy, Role.SUPPORT), story_of(busy, "hana@friend.example")
    assert "Send the code again" in text_of(client.get(path))
    with at_work(busy.merchant):
        address = f"{base(busy)}/find/{public(Claim.objects.get())}/send-code"
    outbox.sweep(busy.merchant.tenant_ref())
    before = mails_to(busy, "hana@friend.example")
    assert "on its way to hana@friend.example" in text_of(client.post(address, follow=True))
    outbox.sweep(busy.merchant.tenant_ref())
    assert len(mails_to(busy, "hana@friend.example")) == len(before) + 1
    assert "sent within the last hour" in text_of(client.post(address, follow=True))
    with at_work(busy.merchant):
        assert Event.objects.filter(code="claim.sent_again").count() == 1
        Claim.objects.update(expires_at=busy.now)
    assert "The code has ended." in text_of(client.post(address, follow=True))
    assert "Send the code again" not in text_of(client.get(path))
    assert as_role(busy, Role.ANALYST).post(address).status_code == 404


def test_support_asks_who_sent_somebody(busy):
    client, path = as_role(busy, Role.SUPPORT), story_of(busy, "gil@friend.example")
    assert "Ask who sent them" in text_of(client.get(path))
    with at_work(busy.merchant):
        orders = {order.external_id: f"{base(busy)}/find/{public(order)}/ask" for order in Order.objects.all()}
    assert "They are asked by mail" in text_of(client.post(orders["4"], follow=True))
    outbox.sweep(busy.merchant.tenant_ref())
    assert len(mails_to(busy, "gil@friend.example")) == 1
    assert "within the last hour" in text_of(client.post(orders["4"], follow=True))
    assert "They cannot be asked" in text_of(client.post(orders["1"], follow=True))
    with at_work(busy.merchant):
        assert [row.order.external_id for row in Introduction.objects.select_related("order")] == ["4"]


def mails_to(world: World, address: str) -> list[str]:
    return [mail.subject for mail in mails_of(world.merchant.slug, to=address)]
