"""Every kind of mail once: to whom, its exact subject, and nothing in it that the person must not see."""

from __future__ import annotations

import re

import pytest
from django.core.mail import EmailMultiAlternatives

from advocates.actions.magic import make_magic_link, use_magic_link
from kit.wording import day
from merchants.actions.team import invite_member
from merchants.models import Membership
from programs.rules import Fulfilment, RewardRule, Value
from rewards.actions.manual import mark_sent
from rewards.models import Reward
from rewards.steps import fulfil, release
from tests.cast import World, at_work
from tests.engagement.post import FRIEND, a_shop, claim, deliver, html_of
from tests.facts import DAY, delivery, refund, snapshot

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return a_shop()


def order(world: World, *facts, lines=(20000,), **more):
    """An order of 200.00 by the friend, through the advocate's link."""
    return world.take(snapshot(world.now, token=world.click(), lines=list(lines)), *facts, **more)


def assert_for_advocate(sent: EmailMultiAlternatives) -> None:
    """Nothing of the friend or the order: the advocate hears of "a friend"."""
    assert sent.to == ["dana@advocate.example"]
    for body in (sent.body, html_of(sent)):
        readable = re.sub(r"https?://[^\s<\"]+", "", body)
        for forbidden in (FRIEND, "Eve", "#1001", "200.00", "Friend"):
            assert forbidden not in readable
        assert "Hello Dana," in readable


def test_you_have_a_link(world: World) -> None:
    [sent] = deliver(world, "advocate.enrolled")
    assert sent.subject == "You have a link: recommend Nordlicht Kaffee"
    assert_for_advocate(sent)
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for body in (sent.body, html_of(sent)):
        assert f"/r/{world.link.code}" in body
        assert "Get 10% of each friend" in body.replace("&#x27;", "'")
        assert "Advertisement: I get a reward from Nordlicht Kaffee if you buy." in body


def test_you_are_invited(world: World) -> None:
    from advocates.actions.customers import know_customer
    from advocates.actions.enrol import enrol_advocate

    with at_work(world.merchant) as now:
        person = know_customer(email="ida@customer.example", name="Ida", source="IMPORT", now=now)
        enrol_advocate(program=world.program, customer=person, by="system", now=now, state="INVITED")
    [sent] = deliver(world, "advocate.invited")
    assert (sent.subject, sent.to) == ("Recommend Nordlicht Kaffee and be rewarded", ["ida@customer.example"])


def test_the_mailed_way_in_opens_the_portal_once(world: World) -> None:
    with at_work(world.merchant) as now:
        make_magic_link(advocate=world.advocate, now=now)
    [sent] = deliver(world, "advocate.magic_link")
    assert sent.subject == "Your way in at Nordlicht Kaffee"
    assert "It works once, for 30 minutes." in sent.body
    assert "List-Unsubscribe" not in sent.extra_headers
    token = sent.body.partition(f"/p/{world.merchant.slug}/enter/")[2].split()[0]
    with at_work(world.merchant) as now:
        assert use_magic_link(token=token, now=now) == world.advocate
        assert use_magic_link(token=token, now=now) is None


def test_a_way_in_that_was_used_meanwhile_is_not_mailed(world: World) -> None:
    with at_work(world.merchant) as now:
        link = make_magic_link(advocate=world.advocate, now=now)
        link.used_at = now
        link.save()
    assert deliver(world, "advocate.magic_link") == []


def test_invitation_to_the_team(world: World) -> None:
    owner = Membership.objects.get(merchant=world.merchant)
    with at_work(world.merchant) as now:
        invite_member(email="bob@nordlicht.example", role="ANALYST", by=owner, now=now)
    [sent] = deliver(world, "team.invited")
    assert (sent.subject, sent.to) == ("Join the team of Nordlicht Kaffee", ["bob@nordlicht.example"])
    assert "Your role: Analyst." in sent.body
    assert "/join/" in sent.body
    assert deliver(world, "team.invited") == []


def test_the_friends_code_with_its_conditions(world: World) -> None:
    made = claim(world)
    [sent] = deliver(world, "claim.issued")
    assert (sent.subject, sent.to) == ("Your code for Nordlicht Kaffee", [FRIEND])
    for body in (sent.body, html_of(sent)):
        assert made.code in body
        assert day(made.expires_at, world.zone, "en") in body
        assert "Your code works once" in body
        assert "dana@advocate.example" not in body


def test_a_claim_without_an_address_is_nobodys_mail(world: World) -> None:
    claim_without = claim(world, email="", name="")
    assert claim_without.code
    assert deliver(world, "claim.issued") == []


def test_reward_pending_names_the_day(world: World) -> None:
    order(world, delivery(world.now))
    [sent] = deliver(world, "reward.held")
    assert sent.subject == "€20.00 from Nordlicht Kaffee is on its way to you"
    assert_for_advocate(sent)
    assert f"Your reward comes on {day(world.now + 30 * DAY, world.zone, 'en')}" in sent.body
    assert "A friend bought on your recommendation." in sent.body


def test_reward_pending_names_the_missing_step(world: World) -> None:
    order(world)
    [sent] = deliver(world, "reward.held")
    assert "waiting for shipment" in sent.body
    assert "Missing step: waiting for shipment" in sent.body


def test_a_friend_who_agreed_is_named(world: World) -> None:
    claim(world, name_shown=True)
    order(world)
    [sent] = deliver(world, "reward.held")
    assert "Eve bought on your recommendation." in sent.body
    assert FRIEND not in sent.body + html_of(sent)


def given(world: World) -> Reward:
    """The reward of an order whose hold is over, delivered."""
    order(world, delivery(world.now - 40 * DAY))
    ref = world.merchant.tenant_ref()
    release.sweep(ref)
    fulfil.sweep(ref)
    with at_work(world.merchant):
        reward: Reward = Reward.objects.get(side="ADVOCATE")
    return reward


def test_reward_here_holds_the_voucher(world: World) -> None:
    reward = given(world)
    assert reward.voucher
    [sent] = deliver(world, "reward.fulfilled")
    assert sent.subject == "Your reward from Nordlicht Kaffee is here: €20.00"
    assert_for_advocate(sent)
    assert reward.voucher in sent.body
    assert reward.voucher in html_of(sent)
    assert "List-Unsubscribe" not in sent.extra_headers


def test_news_that_was_overtaken_is_not_sent(world: World) -> None:
    given(world)
    assert deliver(world, "reward.held") == []


def test_reward_given_by_hand() -> None:
    world = a_shop(advocate_reward=RewardRule(fulfilment=Fulfilment.MANUAL))
    reward = given(world)
    with at_work(world.merchant) as now:
        mark_sent(reward=reward, voucher="", by="system", now=now)
    [sent] = deliver(world, "reward.fulfilled")
    assert "Nordlicht Kaffee has sent you the reward." in sent.body


def test_reward_reduced(world: World) -> None:
    order(world, lines=(10000, 10000))
    world.take(refund(world.now, lines=[("1", 1, 10000)]))
    [sent] = deliver(world, "reward.changed")
    assert sent.subject == "Your reward from Nordlicht Kaffee is now €10.00"
    assert_for_advocate(sent)
    assert "€10.00 instead of €20.00" in sent.body


def test_reward_taken_back(world: World) -> None:
    given(world)
    world.take(refund(world.now, lines=[("1", 1, 20000)]))
    [sent] = deliver(world, "reward.clawed_back")
    assert sent.subject == "€20.00 of your reward from Nordlicht Kaffee was taken back"
    assert "So the whole reward no longer stands." in sent.body
    assert deliver(world, "referral.not_qualified") == [], "told once"


def test_reward_cancelled_with_a_kind_reason(world: World) -> None:
    order(world)
    world.take(refund(world.now, lines=[("1", 1, 20000)]))
    [sent] = deliver(world, "reward.cancelled")
    assert sent.subject == "Your reward from Nordlicht Kaffee will not come"
    assert_for_advocate(sent)
    assert "The purchase was cancelled or returned." in sent.body
    assert deliver(world, "referral.not_qualified") == [], "told once"


def test_blocked_referral_with_a_kind_reason(world: World) -> None:
    order(world, email="dana@advocate.example")
    [sent] = deliver(world, "referral.blocked")
    assert sent.subject == "No reward from Nordlicht Kaffee this time"
    assert "The purchase was your own" in sent.body


def test_not_qualified_says_conditions_and_no_more() -> None:
    world = a_shop(min_order_minor=50000)
    order(world)
    [sent] = deliver(world, "referral.not_qualified")
    assert_for_advocate(sent)
    assert "did not meet the conditions" in sent.body
    assert "500" not in sent.body


def test_the_friends_own_reward_speaks_of_their_order() -> None:
    rule = RewardRule(kind=Value.FIXED, value=500, fulfilment=Fulfilment.COUPON_POOL)
    world = a_shop(friend_reward=rule)
    order(world, delivery(world.now))
    to_both = {sent.to[0]: sent for sent in deliver(world, "reward.held")}
    assert to_both[FRIEND].subject == "€5.00 from Nordlicht Kaffee is on its way to you"
    assert "Thank you for your order." in to_both[FRIEND].body
    assert "Eve" in to_both[FRIEND].body
    assert_for_advocate(to_both["dana@advocate.example"])


def test_cap_near_and_reached() -> None:
    world = a_shop(advocate_cap=5)
    for number in range(5):
        order(world, number=str(number), email=f"friend{number}@friend.example")
    [near] = deliver(world, "advocate.cap_near")
    [reached] = deliver(world, "advocate.cap_reached")
    assert near.subject == "1 more reward at Nordlicht Kaffee"
    assert reached.subject == "You have all the rewards there are at Nordlicht Kaffee"
    assert_for_advocate(near)
    assert_for_advocate(reached)
    assert "4 of 5 possible rewards" in near.body
