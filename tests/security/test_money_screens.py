"""Money by a detour: refusals undone, limits passed in small steps, amounts that break things, mails as a weapon."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from advocates.models import Link
from kit.clock import database_now
from kit.ids import public_id
from kit.money import LARGEST_MINOR
from merchants.models import Event, Membership, Role
from programs.rules import Choice, Form, Fulfilment, RewardRule, Value
from rewards.actions.addresses import Where, give_address
from rewards.actions.fulfil import LONGEST_WAIT, claim_next, record_retry
from rewards.actions.manual import mark_sent
from rewards.actions.payouts.lines import PayoutError, leave_out
from rewards.actions.surprise import give_surprise, set_allowance
from rewards.models import DeliveryAddress, Payout, Reward, Spend, Surprise
from rewards.steps import fulfil, release
from tests.api.conftest import Shop, key_of
from tests.cast import World, a_world, at_work, enrolled, live_program, member, workspace_of
from tests.engagement.post import a_shop, deliver
from tests.facts import DAY, delivery, snapshot
from tests.portal.world import portal, signed_in
from tests.rewards.cash import ALICE, BOB, a_till
from tests.rewards.kinds import a_kind, a_rule
from tests.rewards.test_every_kind import a_world_giving, earn, the_reward
from tests.security.stage import browser_of, seat

pytestmark = pytest.mark.django_db


# --- the surprise desk ----------------------------------------------------------------------------------------------


@pytest.fixture
def world() -> World:
    return a_world()


def given_by(world: World, role: Role) -> Surprise:
    giver = Membership.objects.get(merchant=world.merchant, role=role)
    with at_work(world.merchant) as now:
        set_allowance(member=giver, monthly_minor=10_000, by="user:x", now=now)
        told = {"advocate": world.advocate, "giver": giver, "by": f"user:{giver.user_id}", "now": now}
        reward = give_surprise(amount_minor=2000, reason="A friend of mine", **told)
        return Surprise.objects.get(reward=reward)


def press(client: Client, surprise: Surprise, verb: str) -> int:
    path = f"/w/{surprise.merchant.slug}/surprises/{public_id('gft', surprise.pk)}/{verb}"
    return client.post(path).status_code


def amount_of(surprise: Surprise) -> int:
    with at_work(surprise.merchant):
        return Reward.objects.get(pk=surprise.reward_id).amount_minor


def test_who_gave_something_does_not_undo_the_refusal_of_a_reviewer(world: World) -> None:
    sam = browser_of(member(world.merchant, "sam@nordlicht.example", Role.SUPPORT))
    ria = browser_of(member(world.merchant, "ria@nordlicht.example", Role.REVIEWER))
    surprise = given_by(world, Role.SUPPORT)
    refuse = f"/w/{world.merchant.slug}/rewards/{public_id('rwd', surprise.reward_id)}/refuse"
    ria.post(refuse, {"reason": "His brother"})
    assert amount_of(surprise) == 0
    press(sam, surprise, "give-again")
    assert amount_of(surprise) == 0
    press(browser_of(seat(world.merchant, Role.OWNER)), surprise, "give-again")
    assert amount_of(surprise) == 2000


def test_nobody_gives_or_takes_from_the_allowance_of_somebody_else(world: World) -> None:
    """An owner's has no limit, so whoever could press here would have none either."""
    sam, alice = member(world.merchant, "sam@nordlicht.example", Role.SUPPORT), seat(world.merchant, Role.OWNER)
    surprise = given_by(world, Role.OWNER)
    press(browser_of(sam), surprise, "take-back")
    assert amount_of(surprise) == 2000
    press(browser_of(alice), surprise, "take-back")
    press(browser_of(sam), surprise, "give-again")
    assert amount_of(surprise) == 0


def test_what_one_took_back_oneself_one_gives_again(world: World) -> None:
    sam = browser_of(member(world.merchant, "sam@nordlicht.example", Role.SUPPORT))
    surprise = given_by(world, Role.SUPPORT)
    press(sam, surprise, "take-back")
    assert amount_of(surprise) == 0
    press(sam, surprise, "give-again")
    assert amount_of(surprise) == 2000


# --- payouts --------------------------------------------------------------------------------------------------------


def test_one_person_does_not_pay_more_than_the_limit_in_small_payouts() -> None:
    till = a_till()
    till.policy(approval_over_minor=2500)
    till.advocate("otto")
    till.earn(2000)
    till.earn(2000, "otto")
    payout = till.make()
    first, *_others = till.lines(payout)
    with at_work(till.world.merchant) as now:
        leave_out(line=first, by=ALICE, now=now)
    assert till.confirm(payout, ALICE)
    second = till.make()
    with pytest.raises(PayoutError, match="second_person_needed"):
        till.confirm(second, ALICE)
    assert till.state(second) == Payout.State.PREVIEW
    assert till.confirm(second, BOB)


def test_only_who_pays_sees_a_piece_of_the_account() -> None:
    till = a_till()
    world = till.world
    paths = (
        f"/w/{world.merchant.slug}/advocates/{public_id('adv', world.advocate.pk)}",
        f"/w/{world.merchant.slug}/customers/{public_id('cus', world.advocate.customer_id)}",
    )
    for role, sees in ((Role.MARKETER, False), (Role.ANALYST, False), (Role.FINANCE, True)):
        client = browser_of(member(world.merchant, f"{role.lower()}@nordlicht.example", role))
        for path in paths:
            text = client.get(path).content.decode()
            assert "Bank account" in text, (role, path)
            assert ("DE•• •••• 3000" in text) is sees, (role, path)


# --- amounts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", ["00000000000005", "000000000000000005", "0" * 90 + "5", "9" * 19, "9" * 90])
def test_an_odd_number_of_points_is_refused_not_broken_over(world: World, amount: str) -> None:
    shop = Shop(key_of(world.merchant))
    answer = shop.post(f"advocates/{public_id('adv', world.advocate.pk)}/spend", {"unit": "POINTS", "amount": amount})
    assert answer.status_code in {400, 409}, answer.content
    with at_work(world.merchant):
        assert not Spend.objects.exists()


def test_a_worth_beyond_all_measure_breaks_neither_the_desk_nor_the_orders(world: World) -> None:
    """Ten trillion a piece and a billion of them is more than a column holds."""
    kind = a_kind(world.merchant, Form.POINTS, fair_minor=10**15)
    told = {"what": f"kind:{kind.pk}", "amount": "999999999", "reason": "Why not", "at_once": "on"}
    path = f"/w/{world.merchant.slug}/surprises/new?advocate={public_id('adv', world.advocate.pk)}"
    assert browser_of(seat(world.merchant, Role.OWNER)).post(path, told).status_code in {302, 422}
    halcyon = workspace_of("charlie@halcyon.example", "Halcyon")
    rich = a_world_giving(halcyon, a_kind(halcyon, Form.POINTS, fair_minor=10**15), 10**12 - 1)
    earn(rich)
    assert (the_reward(rich).amount_minor, the_reward(rich).fair_minor) == (10**12 - 1, LARGEST_MINOR)


#: One sign that is three once it is normalised: what fits into a form does not fit into its column.
GROWS = "\ufb2c"


def test_an_address_that_grows_breaks_nothing() -> None:
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    world = a_world_giving(merchant, a_kind(merchant, Form.GIFT, sizes={"": 5}), 1)
    earn(world)
    path = portal(world, f"rewards/{public_id('rwd', the_reward(world).pk)}/address")
    told = {"name": GROWS * 120, "street": GROWS * 200, "postcode": GROWS * 20, "city": GROWS * 120, "country": "DE"}
    assert signed_in(world).post(path, told).status_code == 303
    with at_work(merchant):
        assert DeliveryAddress.objects.get().street == unicodedata.normalize("NFC", GROWS * 200)[:200]


def test_words_that_grow_break_nothing(world: World) -> None:
    told = {"what": "money:MANUAL", "amount": "5", "reason": GROWS * 400, "message": GROWS * 400}
    path = f"/w/{world.merchant.slug}/surprises/new?advocate={public_id('adv', world.advocate.pk)}"
    assert browser_of(seat(world.merchant, Role.OWNER)).post(path, told).status_code == 422
    with at_work(world.merchant):
        assert not Surprise.objects.exists()


def test_a_service_that_asks_for_eternity_is_asked_again_within_a_day(world: World) -> None:
    world.take(
        snapshot(world.now - 40 * DAY, token=world.click(at=world.now - 41 * DAY)), delivery(world.now - 31 * DAY)
    )
    release.sweep(world.merchant.tenant_ref())
    with at_work(world.merchant) as now:
        claimed, real_now = claim_next(real_now=database_now()), database_now()
        assert claimed is not None
        record_retry(attempt=claimed.attempt, reason="http_429", after=1e300, now=now, real_now=real_now)
        assert Reward.objects.get(pk=claimed.order.reward_id).next_try_at == real_now + LONGEST_WAIT


# --- choices --------------------------------------------------------------------------------------------------------

TEN = RewardRule(kind=Value.FIXED, value=1000, fulfilment=Fulfilment.COUPON_POOL)


def chosen(world: World) -> int:
    with at_work(world.merchant):
        return Event.objects.filter(code="reward.chosen").count()


def a_choice() -> tuple[World, Callable[[str], Any]]:
    choices = (Choice("friend", fulfilment=Fulfilment.COUPON_POOL, to_friend=True),)
    world = a_world(advocate_reward=replace(TEN, choices=choices))
    world.take(snapshot(world.now, token=world.click()), delivery(world.now))
    with at_work(world.merchant):
        path = portal(world, f"rewards/{public_id('rwd', Reward.objects.get().pk)}/choice")
    client = signed_in(world)
    return world, lambda way: client.post(path, {"way": way})


def test_an_advocate_floods_no_friend_by_changing_their_mind() -> None:
    """Each time the reward becomes the friend's, the friend gets a mail."""
    world, choose = a_choice()
    answers = [choose(way).status_code for _ in range(15) for way in ("friend", "-")]
    assert (answers[:10], answers.count(429), chosen(world)) == ([303] * 10, 10, 10)
    with at_work(world.merchant):
        assert Event.objects.filter(code="reward.held").count() == 11


def test_choosing_the_same_again_is_no_news() -> None:
    world, choose = a_choice()
    assert [choose("friend").status_code for _ in range(20)] == [303] * 20
    assert chosen(world) == 1


def test_a_code_given_to_the_friend_is_not_read_by_who_gave_it() -> None:
    choices = (Choice("friend", fulfilment=Fulfilment.COUPON_POOL, to_friend=True),)
    world = a_shop(advocate_reward=replace(TEN, choices=choices))
    earn(world)
    client, name = signed_in(world), public_id("rwd", the_reward(world).pk)
    assert client.post(portal(world, f"rewards/{name}/choice"), {"way": "friend"}).status_code == 303
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())
    code = the_reward(world).voucher
    assert code.startswith("FREUNDE-REWARD-")
    for page in ("", "rewards", "friends"):
        assert code not in client.get(portal(world, page)).content.decode(), page
    assert "You gave it to your friend" in client.get(portal(world, "rewards")).content.decode()
    [sent] = deliver(world, "reward.fulfilled")
    assert sent.to == ["eve@friend.example"]
    assert code in sent.body
    assert "bought on your recommendation" not in sent.body
    assert portal(world) not in sent.body


def test_a_thing_given_to_the_friend_is_not_asked_of_who_gave_it() -> None:
    merchant = workspace_of("alice@nordlicht.example", "Nordlicht Kaffee")
    mug = a_kind(merchant, Form.GIFT, sizes={"": 5}, name="Mug")
    gives = replace(a_rule(mug, 1), choices=(Choice("friend", to_friend=True),))
    program = live_program(merchant, advocate_reward=gives)
    advocate = enrolled(merchant, program)
    with at_work(merchant) as now:
        world = World(merchant, program, advocate, Link.objects.get(advocate=advocate, channel="LINK"), now)
    earn(world)
    client, name = signed_in(world), public_id("rwd", the_reward(world).pk)
    client.post(portal(world, f"rewards/{name}/choice"), {"way": "friend"})
    assert f"{name}/address" not in client.get(portal(world, "rewards")).content.decode()
    with at_work(merchant) as now:
        where = Where("Eve Friend", "Am Kai 4", "20457", "Hamburg", "DE")
        give_address(reward=Reward.objects.get(), where=where, by="user:x", now=now)
    release.sweep(merchant.tenant_ref())
    with at_work(merchant) as now:
        mark_sent(reward=Reward.objects.get(), voucher="PARCEL-77", by="user:x", now=now)
    for page in ("", "rewards", "friends"):
        assert "PARCEL-77" not in client.get(portal(world, page)).content.decode(), page
