"""A restored backup calls open what was given since: nothing is given twice, what only people know waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from integrations.actions.connections import add_webhook_connection
from integrations.models import Connection
from kit.clock import database_now
from merchants.models import Event
from programs.models import PoolCode
from programs.rules import Fulfilment
from rewards.actions.blocks import RewardStateError, block_reward, lift_block
from rewards.actions.manual import mark_arrived, mark_not_arrived, mark_sent, try_again
from rewards.models import FulfilmentAttempt, Reward, RewardBlock
from rewards.steps import fulfil, release
from tests.cast import CODES, World, a_world, at_work
from tests.facts import DAY, delivery, snapshot
from tests.faults.provider import Provider, a_provider
from tests.faults.restoring import a_backup
from tests.integrations.services import answered_by, connect_all
from tests.providers import Providers, running_providers
from tests.rewards.cash import ALICE, BOB, Till, a_till

pytestmark = pytest.mark.django_db(transaction=True)

ASKED = (
    Fulfilment.SHOPIFY_DISCOUNT,
    Fulfilment.WOOCOMMERCE_COUPON,
    Fulfilment.STRIPE_PROMOTION,
    Fulfilment.STRIPE_BALANCE,
    Fulfilment.GIFT_CARD,
    Fulfilment.WEBHOOK,
)
SERVICES = ("shopify", "woocommerce", "stripe", "giftcards")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Providers]:
    with running_providers(tmp_path_factory.mktemp("services")) as running, answered_by(running.url):
        yield running


@pytest.fixture
def hook() -> Iterator[Provider]:
    with a_provider() as running:
        yield running


@pytest.fixture
def world(services: Providers, hook: Provider) -> World:
    """One reward for each way to give it, half of them held until now, and all accounts connected."""
    for name in SERVICES:
        services.switch(name, reset=True)
    services.switch("stripe", customer={"email": "dana@advocate.example"})
    world = a_world()
    connect_all(world.merchant)
    with at_work(world.merchant) as now:
        add_webhook_connection(url=hook.url, purposes=[Connection.Purpose.REWARD], by="test", now=now)
    return world


def earn(world: World, *ways: Fulfilment, delivered_ago: float = 31) -> None:
    """An order for each; its hold of 14 days is over where its parcel came long ago."""
    for way in ways:
        world.orders += 1
        number, at = str(world.orders), world.now - (40 + world.orders) * DAY
        facts = snapshot(at, token=world.click(at=at - DAY)), delivery(world.now - delivered_ago * DAY)
        world.take(*facts, number=number, email=f"f{number}@friend.example")
        with at_work(world.merchant):
            Reward.objects.filter(order__external_id=number).update(fulfilment=way)


def brought_on(world: World) -> None:
    ref = world.merchant.tenant_ref()
    release.sweep(ref)
    for _ in range(3):
        fulfil.sweep(ref)


def restored(**options: Any) -> str:
    said = StringIO()
    at = (database_now() - timedelta(hours=1)).isoformat() if "backup_at" not in options else options.pop("backup_at")
    call_command("after_restore", backup_at=at, stdout=said, **options)
    return said.getvalue()


def given(services: Providers, hook: Provider) -> dict[str, Any]:
    """What each service really gave, by its own books."""
    ledgers = {name: [(row["key"], row["voucher"]) for row in services.ledger(name)] for name in SERVICES}
    return {**ledgers, "webhook": list(hook.given)}


def states(world: World) -> list[tuple[str, str, str]]:
    with at_work(world.merchant):
        rows = Reward.objects.order_by("pk").values_list("fulfilment", "state", "voucher")
        return sorted(rows)


def reward(world: World, **found: Any) -> Reward:
    with at_work(world.merchant):
        one: Reward = Reward.objects.select_related("order").get(**found)
        return one


def test_what_a_provider_gave_since_the_backup_is_found_and_not_given_again(world, services, hook):  # hostile 125
    earn(world, *ASKED[:3])
    release.sweep(world.merchant.tenant_ref())  # these are released in the backup, the others held
    earn(world, *ASKED[3:])
    with a_backup() as backup:
        brought_on(world)
        before, delivered = given(services, hook), states(world)
        assert [state for _way, state, _voucher in delivered] == ["FULFILLED"] * len(ASKED)
        backup.restore()
        assert {state for _way, state, _voucher in states(world)} == {"RELEASED", "HELD"}
        writes = _writes(services)
        assert "6 rewards are looked up" in restored()
        brought_on(world)
    assert states(world) == delivered, "found by lookup, under the codes and ids of the first time"
    assert given(services, hook) == before
    assert _writes(services) == writes, "services were asked, and told to do nothing"
    assert len(set(hook.calls)) == 1, "a webhook cannot be asked: it is told again under the id it knows"


def _writes(services: Providers) -> int:
    calls = [call for name in SERVICES for call in services.calls(name)]
    return sum(call["method"] != "GET" and "graphql" not in call["path"] for call in calls)


def test_without_the_command_stripe_would_be_told_again(world, services, hook):
    """The control: what the command prevents is real. (Stripe knows its key for a day; after that it would pay.)"""
    earn(world, Fulfilment.STRIPE_BALANCE)
    with a_backup() as backup:
        brought_on(world)
        backup.restore()
        writes = _writes(services)
        brought_on(world)
    assert _writes(services) == writes + 1


def test_what_was_never_given_is_given_once(world, services, hook):
    earn(world, *ASKED)
    with a_backup() as backup:
        backup.restore()
        restored()
        brought_on(world)
    assert {state for _way, state, _voucher in states(world)} == {"FULFILLED"}
    assert sum(len(keys) for keys in given(services, hook).values()) == len(ASKED)


def test_a_code_of_a_pool_is_given_to_nobody_else_and_people_say_who_has_it(world, services, hook):
    earn(world, Fulfilment.COUPON_POOL)
    with a_backup() as backup:
        brought_on(world)
        code = reward(world).voucher
        backup.restore()
        aside = f"{2 * CODES} codes set aside"
        assert f"1 rewards are looked up before they are given, 0 wait for a person, {aside}" in restored()
    brought_on(world)
    doubtful = reward(world)
    assert (doubtful.state, doubtful.reason, doubtful.voucher) == ("FAILED", "restored", "")
    with at_work(world.merchant) as now:
        assert not PoolCode.objects.filter(taken_for=None).exists()
        try_again(reward=doubtful, by=ALICE, now=now)
    brought_on(world)
    assert reward(world).state == "FAILED", "trying again is no answer to whether it was given"
    with at_work(world.merchant) as now:
        mark_arrived(reward=doubtful, voucher=code, by=ALICE, now=now)
    assert (reward(world).state, reward(world).voucher) == ("FULFILLED", code)


def test_a_code_that_nobody_got_comes_from_what_may_not_have_been_given(world, services, hook):
    earn(world, Fulfilment.COUPON_POOL)
    assert "20 codes set aside" in restored(codes=10)  # ten of each pool
    brought_on(world)
    doubtful = reward(world)
    with at_work(world.merchant) as now:
        mark_not_arrived(reward=doubtful, by=ALICE, now=now)
        try_again(reward=doubtful, by=ALICE, now=now)
    brought_on(world)
    assert (reward(world).state, reward(world).voucher) == ("FULFILLED", "FREUNDE-REWARD-10")


def test_gifts_by_hand_and_parcels_wait_for_a_review(world, services, hook):
    earn(world, Fulfilment.MANUAL)
    release.sweep(world.merchant.tenant_ref())
    gift = reward(world)
    with a_backup() as backup:
        with at_work(world.merchant) as now:
            mark_sent(reward=gift, voucher="sent-1", by=ALICE, now=now)
        backup.restore()
        assert "1 wait for a person" in restored()
    with at_work(world.merchant) as now:
        with pytest.raises(RewardStateError, match="reward_stopped"):
            mark_sent(reward=gift, voucher="sent-2", by=ALICE, now=now)
        lift_block(reward=gift, kind=RewardBlock.Kind.REVIEW, by=ALICE, now=now)
        mark_sent(reward=gift, voucher="sent-1", by=ALICE, now=now)
    assert (reward(world).state, reward(world).voucher) == ("FULFILLED", "sent-1")


def test_an_order_told_again_after_the_restore_is_not_rewarded_twice_unseen(world, services, hook):
    """Its reward has another id than the lost one, so no provider can be asked: somebody looks."""
    with a_backup() as backup:
        earn(world, Fulfilment.SHOPIFY_DISCOUNT)
        brought_on(world)
        before = given(services, hook)
        backup.restore()
        restored()
        world.orders = 0
        earn(world, Fulfilment.SHOPIFY_DISCOUNT)
        brought_on(world)
    with at_work(world.merchant):
        assert list(RewardBlock.objects.values_list("kind", "reason", "lifted_at")) == [("REVIEW", "restored", None)]
    assert (reward(world).state, given(services, hook)) == ("HELD", before)


def test_what_is_held_for_longer_goes_its_way_unhindered(world, services, hook):
    earn(world, Fulfilment.MANUAL, Fulfilment.COUPON_POOL, delivered_ago=3)
    assert "1 rewards are looked up before they are given, 0 wait for a person" in restored(codes=0)
    hold_ends(world, timedelta(microseconds=1))
    brought_on(world)
    assert states(world) == [("COUPON_POOL", "FULFILLED", "FREUNDE-REWARD-0"), ("MANUAL", "RELEASED", "")]


def test_news_of_before_the_restore_brings_a_review_once(world, services, hook):
    """A parcel came early, the reward was given, both were lost; then the shop tells of the parcel again."""
    earn(world, Fulfilment.MANUAL, Fulfilment.COUPON_POOL, Fulfilment.GIFT_CARD, delivered_ago=3)
    restored(codes=0)
    hold_ends(world, timedelta())
    brought_on(world)
    assert [state for _way, state, _voucher in states(world)] == ["HELD", "FULFILLED", "HELD"]
    with at_work(world.merchant) as now:
        for stopped in Reward.objects.filter(state="HELD"):
            lift_block(reward=stopped, kind=RewardBlock.Kind.REVIEW, by=ALICE, now=now)
    brought_on(world)
    assert [state for _way, state, _voucher in states(world)] == ["FULFILLED", "FULFILLED", "RELEASED"]


def hold_ends(world: World, after: timedelta) -> None:
    """So long after the restore."""
    with at_work(world.merchant):
        at = Event.objects.filter(code="workspace.restored").latest("seq").at
        Reward.objects.update(release_at=at + after)


def test_what_is_in_review_already_stays_stopped_when_that_review_ends(world, services, hook):
    earn(world, Fulfilment.MANUAL)
    gift = reward(world)
    with at_work(world.merchant) as now:
        block_reward(reward=gift, kind=RewardBlock.Kind.REVIEW, reason="odd", by=ALICE, now=now)
    restored()
    with at_work(world.merchant) as now:
        lift_block(reward=gift, kind=RewardBlock.Kind.REVIEW, by=ALICE, now=now)
        assert list(RewardBlock.objects.filter(lifted_at=None).values_list("kind", "reason")) == [
            ("MANUAL", "restored")
        ]


def test_a_second_run_changes_nothing_and_a_second_backup_does(world, services, hook):
    earn(world, Fulfilment.SHOPIFY_DISCOUNT, Fulfilment.MANUAL)
    at = (database_now() - timedelta(hours=1)).isoformat()
    restored(backup_at=at)
    tries, events = _count(world)
    assert "done already" in restored(backup_at=at)
    assert "done already" in restored(
        backup_at=datetime.fromisoformat(at).astimezone(ZoneInfo("Asia/Tokyo")).isoformat()
    )
    assert _count(world) == (tries, events)
    assert "1 rewards are looked up before they are given, 1 wait for a person" in restored()
    assert _count(world)[0] == tries + 1


def _count(world: World) -> tuple[int, int]:
    with at_work(world.merchant):
        return FulfilmentAttempt.objects.count(), Event.objects.count()


def test_every_workspace_is_asked_about_in_its_own_transaction(world, services, hook):
    other = a_world(owner="charlie@halcyon.example", name="Halcyon")
    earn(world, Fulfilment.SHOPIFY_DISCOUNT)
    earn(other, Fulfilment.MANUAL, Fulfilment.STRIPE_BALANCE)
    said = restored().splitlines()
    assert [line.split(",")[0] for line in said] == [
        "halcyon: 1 rewards are looked up before they are given",
        "nordlicht-kaffee: 1 rewards are looked up before they are given",
    ]


@pytest.mark.parametrize("told", ["yesterday", "2026-11-22T03:00", "2999-01-01T00:00+00:00"])
def test_a_time_that_is_none_is_refused_and_nothing_changes(world, told):
    earn(world, Fulfilment.SHOPIFY_DISCOUNT)
    with pytest.raises(CommandError):
        call_command("after_restore", backup_at=told)
    with at_work(world.merchant):
        assert not FulfilmentAttempt.objects.exists()


@pytest.fixture
def till() -> Till:
    return a_till()


def test_money_that_a_lost_payout_paid_is_in_no_payout_until_somebody_looked(till):
    till.earn(2000)
    with a_backup() as backup:
        till.run()
        assert till.rewards() == [("FULFILLED", 2000, 0)]
        backup.restore()
        assert "1 wait for a person" in restored()
    assert till.rewards() == [("RELEASED", 2000, 0)]
    with at_work(till.world.merchant) as now:
        assert RewardBlock.objects.get().reason == "restored"
        lift_block(reward=Reward.objects.get(), kind=RewardBlock.Kind.REVIEW, by=BOB, now=now)
    payout = till.make()
    assert till.told(payout) == [("dana", 2000, "INCLUDED", "")]


def test_an_open_preview_pays_nobody_that_the_lost_one_may_have_paid(till):
    till.earn(2000)
    payout = till.make()
    with a_backup() as backup:
        assert till.confirm(payout)
        backup.restore()
        restored()
        assert till.confirm(payout) is False
    assert (till.state(payout), till.told(payout)) == ("PREVIEW", [])


def test_a_confirmed_payout_is_named_for_the_bank_to_be_asked(till):
    till.earn(2000)
    payout = till.make()
    assert till.confirm(payout)
    said = restored()
    assert "0 wait for a person" in said
    assert "payout 1: ask the bank" in said
    assert till.told(payout) == [("dana", 2000, "INCLUDED", "")]
