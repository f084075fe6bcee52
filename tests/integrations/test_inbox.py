"""The inbox: what becomes of kept deliveries, in whatever order they came."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.test import override_settings

from integrations.actions.connections import remove_connection
from integrations.actions.intake import NotReplayable, note_failure, replay_event
from integrations.models import Connection, InboundEvent
from integrations.steps.inbox import forget_old_bodies
from kit.clock import database_now
from kit.patience import MOST_ATTEMPTS
from merchants.models import WakeUp
from rewards.models import Reward, RewardBlock
from tests.cast import World, a_world, at_work
from tests.integrations.shop import Shop, connected
from tests.payloads import as_body, shopify
from tests.races import Rival
from tracking.models import Order

pytestmark = pytest.mark.django_db


def referred_order(world: World, token: str, **changes: Any) -> dict[str, Any]:
    """10 % of 398.00: two lines of 199.00, tax on top."""
    at = world.now.isoformat()
    lines = [{"id": n, "product_id": 1, "quantity": 1, "price": "199.00"} for n in (1, 2)]
    times = {"created_at": at, "processed_at": at, "updated_at": at}
    return shopify(
        "order_paid", **{
            "taxes_included": False, "line_items": lines, "subtotal_price": "398.00", "total_tax": "0.00",
            "discount_codes": [], "note_attributes": [{"name": "referral_token", "value": token}], **times, **changes,
        }
    )  # fmt: skip


def refund_of(world: World, number: int, line: int) -> dict[str, Any]:
    items = [{"id": number, "line_item_id": line, "quantity": 1, "subtotal": "199.00", "line_item": {"id": line}}]
    at = (world.now + timedelta(minutes=number)).isoformat()
    return shopify(
        "refund_one_cup", id=number, created_at=at, processed_at=at, refund_line_items=items,
        transactions=[{"kind": "refund", "status": "success", "amount": "199.00", "currency": "EUR"}],
    )  # fmt: skip


@pytest.fixture
def world() -> World:
    return a_world()


@pytest.fixture
def token(world: World) -> str:
    return world.click(at=world.now - timedelta(hours=1))


@pytest.fixture
def shop(world: World) -> Shop:
    return connected(world.merchant)


def reward_of(world: World) -> Reward | None:
    with at_work(world.merchant):
        return Reward.objects.filter(side=Reward.Side.ADVOCATE).first()


def test_paid_order_with_a_token_holds_a_reward_and_a_refund_of_a_line_halves_it(
    world: World, token: str, shop: Shop
) -> None:
    shop.send(referred_order(world, token))
    assert shop.sweep() is None
    reward = reward_of(world)
    assert reward is not None
    assert (reward.amount_minor, reward.state) == (3980, Reward.State.HELD)
    event = shop.only_event()
    assert (event.state, event.result, event.order_id) == ("HANDLED", "attributed", reward.order_id)
    shop.send(refund_of(world, 1, 2), "refunds/create")
    shop.sweep()
    reward = reward_of(world)
    assert reward is not None
    assert reward.amount_minor == 1990
    assert shop.health() == Connection.Health.GOOD


def test_refund_before_its_order_waits_for_it(world: World, token: str, shop: Shop) -> None:
    shop.send(refund_of(world, 1, 2), "refunds/create")
    shop.sweep()
    assert shop.only_event().result == "awaited"
    shop.send(referred_order(world, token))
    shop.sweep()
    reward = reward_of(world)
    assert reward is not None
    assert (reward.amount_minor, reward.full_minor) == (1990, 3980)


def test_cancelled_before_paid_never_leaves_cancelled(world: World, token: str, shop: Shop) -> None:
    later = (world.now + timedelta(minutes=5)).isoformat()
    shop.send(referred_order(world, token, cancelled_at=later, updated_at=later), "orders/cancelled")
    shop.send(referred_order(world, token))
    shop.sweep()
    reward = reward_of(world)
    assert reward is not None
    assert (reward.state, reward.amount_minor, reward.reason) == (Reward.State.CANCELLED, 0, "order_cancelled")


def test_late_event_of_an_older_version_changes_nothing_but_is_kept(world: World, token: str, shop: Shop) -> None:
    shop.send(referred_order(world, token))
    shop.sweep()
    earlier = (world.now - timedelta(minutes=5)).isoformat()
    shop.send(referred_order(world, token, updated_at=earlier, financial_status="pending"), "orders/create")
    shop.sweep()
    reward = reward_of(world)
    assert reward is not None
    assert (reward.amount_minor, reward.state) == (3980, Reward.State.HELD)
    assert [event.state for event in shop.events()] == ["HANDLED", "HANDLED"]


def test_same_order_by_a_second_subscription_makes_no_second_reward(world: World, token: str, shop: Shop) -> None:
    for topic in ("orders/paid", "orders/updated", "orders/paid"):
        shop.send(referred_order(world, token), topic)
    shop.sweep()
    with at_work(world.merchant):
        assert (Order.objects.count(), Reward.objects.count()) == (1, 1)


def test_test_order_brings_no_reward(world: World, token: str, shop: Shop) -> None:
    shop.send(referred_order(world, token, test=True))
    shop.sweep()
    assert reward_of(world) is None
    with at_work(world.merchant):
        assert Order.objects.get().is_test


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"not json", "not_json"),
        (b"\xff\xfe", "not_json"),
        (b"[" * 100_000 + b"]" * 100_000, "too_deep"),
        (b'{"id": ' + b"9" * 1_000_000 + b"}", "bad_number"),
        (b'{"id": NaN}', "bad_number"),
        (b"[1]", "not_an_object"),
        (b"{}", "no_id"),
        (b'{"id": 1, "currency": "XXX"}', "unknown_currency"),
    ],
)
def test_signed_but_unreadable_is_set_aside_with_the_reason(shop: Shop, body: bytes, reason: str) -> None:
    assert shop.send(body).status_code == 200
    assert shop.sweep() is None
    event = shop.only_event()
    assert (event.state, event.result, event.attempts) == ("SET_ASIDE", reason, 0)
    assert "event.set_aside" in shop.codes()
    assert shop.health() == Connection.Health.FAILING


def test_nul_and_surrogates_in_names_are_stored_replaced(world: World, token: str, shop: Shop) -> None:
    order = referred_order(world, token, name="#\x00", customer={"first_name": "E\x00\ud800", "last_name": "x"})
    shop.send(as_body(order))
    shop.sweep()
    assert shop.only_event().state == "HANDLED"
    with at_work(world.merchant):
        order_row = Order.objects.select_related("customer").get()
        assert (order_row.number, order_row.customer.name) == ("#\ufffd", "E\ufffd\ufffd x")


def test_unreadable_one_holds_up_no_other(world: World, token: str, shop: Shop) -> None:
    shop.send(b"not json")
    shop.send(referred_order(world, token))
    shop.sweep()
    assert [event.state for event in shop.events()] == ["SET_ASIDE", "HANDLED"]


def test_app_uninstalled_switches_off_and_pauses_held_rewards_until_connected_again(
    world: World, token: str, shop: Shop
) -> None:
    shop.send(referred_order(world, token))
    shop.sweep()
    shop.send({"id": 7, "myshopify_domain": shop.connection.address}, "app/uninstalled")
    shop.sweep()
    reward = reward_of(world)
    assert reward is not None
    assert (shop.health(), reward.state) == (Connection.Health.OFF, Reward.State.HELD)
    assert open_blocks(world) == [("CONNECTION", "connection_off")]
    again = connected(world.merchant, secret="new-secret")
    assert again.connection.pk == shop.connection.pk
    assert (again.health(), open_blocks(world)) == (Connection.Health.UNKNOWN, [])
    assert again.send(referred_order(world, token)).status_code == 200


def open_blocks(world: World) -> list[tuple[str, str]]:
    with at_work(world.merchant):
        return list(RewardBlock.objects.filter(lifted_at=None).values_list("kind", "reason"))


@pytest.mark.django_db(transaction=True)
def test_reward_that_a_worker_takes_meanwhile_keeps_no_other_from_being_paused(
    world: World, token: str, shop: Shop
) -> None:
    for number in (1, 2):
        shop.send(referred_order(world, token, id=number, email=f"f{number}@friend.example", customer=None))
    shop.sweep()
    shop.send({"myshopify_domain": shop.connection.address}, "app/uninstalled")
    with at_work(world.merchant) as now:
        first = Reward.objects.order_by("pk").first()
        assert first is not None
        Reward.objects.filter(pk=first.pk).update(state=Reward.State.FULFILLING, released_at=now)
        worker = Rival(shop.sweep)
        assert worker.waits_for_us()
    worker.result()
    assert shop.health() == Connection.Health.OFF
    with at_work(world.merchant):
        rows = RewardBlock.objects.filter(lifted_at=None).values_list("reward__state", "kind")
        assert list(rows) == [("HELD", "CONNECTION")]


def test_reward_that_waited_for_the_shop_is_tried_at_once_when_it_is_connected_again(
    world: World, token: str, shop: Shop
) -> None:
    shop.send(referred_order(world, token))
    shop.send({"myshopify_domain": shop.connection.address}, "app/uninstalled")
    shop.sweep()
    waits = {"state": "RELEASED", "fulfilment": "SHOPIFY_DISCOUNT", "reason": "shopify_not_connected"}
    later = database_now() + timedelta(hours=1)
    with at_work(world.merchant) as now:
        Reward.objects.update(**waits, released_at=now, next_try_at=later)
    connected(world.merchant, secret="new-secret")
    with at_work(world.merchant):
        assert Reward.objects.get().next_try_at < later


def test_shop_removed_and_connected_anew_lets_its_rewards_go(world: World, token: str, shop: Shop) -> None:
    shop.send(referred_order(world, token))
    shop.send({"myshopify_domain": shop.connection.address}, "app/uninstalled")
    shop.sweep()
    assert open_blocks(world) == [("CONNECTION", "connection_off")]
    with at_work(world.merchant) as now:
        remove_connection(connection=shop.connection, by="test", now=now)
    again = connected(world.merchant, secret="new-secret")
    assert again.connection.pk != shop.connection.pk
    assert open_blocks(world) == []


def test_reward_of_a_switched_off_shop_is_paused_from_its_birth(world: World, token: str, shop: Shop) -> None:
    shop.send({"myshopify_domain": shop.connection.address}, "app/uninstalled")
    shop.send(referred_order(world, token))
    shop.sweep()
    assert open_blocks(world) == [("CONNECTION", "connection_off")]
    assert shop.health() == Connection.Health.OFF


def test_uninstalled_topic_on_another_body_is_set_aside(world: World, token: str, shop: Shop) -> None:
    shop.send(referred_order(world, token), "app/uninstalled")
    shop.sweep()
    assert (shop.only_event().result, shop.health()) == ("not_the_shop", Connection.Health.FAILING)


def test_what_breaks_is_tried_again_later_and_set_aside_after_the_eighth_time(shop: Shop) -> None:
    shop.send(shopify("order_paid"))
    event = shop.only_event()
    pauses = []
    for attempt in range(1, MOST_ATTEMPTS + 1):
        with at_work(shop.merchant) as now:
            noted = note_failure(event_id=event.pk, trouble=RuntimeError("boom\nDETAIL: eve@friends.example"), now=now)
            pauses.append(noted.next_try_at - database_now())
        assert (noted.attempts, noted.error) == (attempt, "RuntimeError: boom")
        assert noted.state == (InboundEvent.State.SET_ASIDE if attempt == MOST_ATTEMPTS else InboundEvent.State.WAITING)
    assert pauses == sorted(pauses)
    assert "event.set_aside" in shop.codes()


def test_work_that_breaks_leaves_nothing_but_a_note_and_succeeds_at_the_next_try(
    world: World, token: str, shop: Shop
) -> None:
    shop.send(referred_order(world, token))
    with override_settings(EVENT_READERS={"broken": "tests.integrations.shop.break_on_referrals"}):
        next_try_at = shop.sweep()
    event = shop.only_event()
    assert (event.state, event.attempts, event.next_try_at) == ("WAITING", 1, next_try_at)
    assert event.error == "RuntimeError: this reader is broken"
    assert shop.health() == Connection.Health.FAILING
    with at_work(world.merchant):
        assert (Order.objects.count(), Reward.objects.count()) == (0, 0)
        InboundEvent.objects.update(next_try_at=database_now())
    shop.sweep()
    reward = reward_of(world)
    assert reward is not None
    assert (shop.only_event().state, reward.amount_minor) == ("HANDLED", 3980)
    assert shop.health() == Connection.Health.GOOD


def test_one_that_breaks_in_the_batch_takes_no_other_along(world: World, token: str, shop: Shop) -> None:
    shop.send(shopify("order_paid", id=901, email="stranger@mail.example", discount_codes=[]))
    shop.send(referred_order(world, token))
    shop.send(shopify("order_paid", id=902, email="another@mail.example", discount_codes=[]))
    with override_settings(EVENT_READERS={"broken": "tests.integrations.shop.break_on_referrals"}):
        shop.sweep()
    assert [(event.state, event.attempts) for event in shop.events()] == [
        ("HANDLED", 0),
        ("WAITING", 1),
        ("HANDLED", 0),
    ]
    with at_work(world.merchant):
        assert (Order.objects.count(), Reward.objects.count()) == (2, 0)
        InboundEvent.objects.update(next_try_at=database_now())
    shop.sweep()
    assert {(event.state, event.result) for event in shop.events()} == {
        ("HANDLED", "not_referred"),
        ("HANDLED", "attributed"),
    }
    reward = reward_of(world)
    assert reward is not None
    assert reward.amount_minor == 3980


def test_sweep_leaves_what_is_not_due_and_says_when_it_is(shop: Shop) -> None:
    shop.send(shopify("order_paid"))
    event_id = shop.only_event_id()
    with at_work(shop.merchant) as now:
        noted = note_failure(event_id=event_id, trouble=RuntimeError("boom"), now=now)
    assert shop.sweep() == noted.next_try_at
    assert shop.only_event().state == InboundEvent.State.WAITING


def test_set_aside_delivery_can_be_replayed(shop: Shop) -> None:
    shop.send(b"not json")
    shop.sweep()
    event = shop.only_event()
    WakeUp.objects.filter(kind="inbox").delete()
    with at_work(shop.merchant) as now:
        replay_event(event=event, now=now)
    assert WakeUp.objects.filter(kind="inbox").count() == 1
    shop.sweep()
    assert shop.only_event().state == InboundEvent.State.SET_ASIDE


def test_only_what_was_set_aside_and_is_still_there_can_be_replayed(shop: Shop) -> None:
    shop.send(shopify("order_paid"))
    with at_work(shop.merchant) as now, pytest.raises(NotReplayable, match="not_set_aside"):
        replay_event(event=InboundEvent.objects.get(), now=now)
    shop.send(b"not json")
    shop.sweep()
    with at_work(shop.merchant) as now:
        InboundEvent.objects.filter(state="SET_ASIDE").update(body=None)
        with pytest.raises(NotReplayable, match="body_forgotten"):
            replay_event(event=InboundEvent.objects.get(state="SET_ASIDE"), now=now)


def test_bodies_are_forgotten_thirty_days_after_they_came(shop: Shop) -> None:
    shop.send(shopify("order_paid"))
    shop.sweep()
    assert forget_old_bodies() == 0
    event = shop.only_event()
    with at_work(shop.merchant):
        InboundEvent.objects.update(received_at=event.received_at - timedelta(days=31))
    assert forget_old_bodies() == 1
    assert shop.only_event().body is None


def test_every_order_of_the_same_news_ends_the_same(world: World, token: str, shop: Shop) -> None:
    later = (world.now + timedelta(minutes=9)).isoformat()
    news = [
        ("orders/paid", referred_order(world, token)),
        ("refunds/create", refund_of(world, 1, 1)),
        ("refunds/create", refund_of(world, 2, 2)),
        ("orders/cancelled", referred_order(world, token, cancelled_at=later, updated_at=later)),
    ]
    ends = set()
    for number, order in enumerate(permutations(news), start=1):
        for topic, payload in order:
            named = {**payload, "id": number} if topic.startswith("orders/") else {**payload, "order_id": number}
            shop.send(
                {**named, "email": f"eve{number}@friends.example", "contact_email": None, "customer": None}, topic
            )
        shop.sweep()
        with at_work(world.merchant):
            reward = Reward.objects.filter(order__external_id=str(number), side="ADVOCATE").first()
            ends.add((reward.state, reward.standing_minor, reward.release_at) if reward else None)
    assert ends == {("CANCELLED", 0, None)}
