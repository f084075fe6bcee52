"""The team hears of what breaks and of what runs out: once when it begins, and again when it begins again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engagement.actions.team import tell_team
from engagement.readers import TEAM_MAIL_OF_EVENT, TOLD
from integrations.actions.connections import note_health
from integrations.models import Connection, InboundEvent
from kit.clock import database_now
from merchants.events import SYSTEM, record
from merchants.models import Event, Role, User
from programs.actions.stock import take_code, upload_codes
from programs.models import CodePool, KindStock, PoolCode, RewardKind
from programs.rules import Fulfilment
from rewards.models import Budget, Reward, Setback
from tests.cast import World, at_work, member
from tests.engagement.post import a_shop, deliver, skipped
from tests.facts import snapshot
from tests.once import for_a_file
from tracking.models import Order

pytestmark = pytest.mark.django_db


def made() -> World:
    """Alice owns, Finn minds the money, Milo the programs; one order brought one reward."""
    world = a_shop()
    member(world.merchant, "finn@nordlicht.example", Role.FINANCE)
    member(world.merchant, "milo@nordlicht.example", Role.MARKETER)
    world.take(snapshot(world.now, token=world.click()), number="1")
    return world


built, world = for_a_file(made)


def mailed(world: World, code: str) -> dict[str, Any]:
    """What goes out for all events of this code, by whom it is to."""
    deliver(world, code)
    with at_work(world.merchant):
        if not Event.objects.filter(code=TOLD).exists():
            return {}
    return {sent.to[0].partition("@")[0]: sent for sent in deliver(world, TOLD)}


def happens(world: World, code: str, thing: Any, **data: Any) -> Event:
    with at_work(world.merchant) as now:
        return record(code, subject=thing, by=SYSTEM, now=now, data=data)


def a_connection(world: World) -> Connection:
    with at_work(world.merchant) as now:
        made = {"kind": Connection.Kind.SHOPIFY, "name": "Nordlicht store", "address": "nordlicht.myshopify.com"}
        connection: Connection = Connection.objects.create(**made, created_at=now)
        return connection


def test_a_connection_is_told_when_it_begins_to_fail(world: World) -> None:
    shop = a_connection(world)
    with at_work(world.merchant) as now:
        note_health(connection=shop, error="HTTP 401", now=now)
        note_health(connection=shop, error="HTTP 401", now=now)
    sent = mailed(world, "connection.failing")
    assert {who: letter.subject for who, letter in sent.items()} == {"alice": "Nordlicht store does not work"}
    assert "/connections/con_" in sent["alice"].body
    assert "/mail/unsubscribe/team/" in sent["alice"].extra_headers["List-Unsubscribe"]
    assert mailed(world, "connection.failing") == {}


def test_what_comes_and_goes_is_told_again_after_an_hour_and_what_is_mended_not_at_all(world: World) -> None:
    shop = a_connection(world)

    def fail(after: timedelta) -> int:
        with at_work(world.merchant) as now:
            note_health(connection=shop, now=now + after)
            note_health(connection=shop, error="HTTP 500", now=now + after)
            newest = Event.objects.filter(code="connection.failing").order_by("-seq")[0]
            tell_team(event=newest, mail=TEAM_MAIL_OF_EVENT[newest.code], now=now + after)
            return int(Event.objects.filter(code=TOLD).count())

    assert [fail(timedelta(minutes=minutes)) for minutes in (0, 10, 50, 61, 70)] == [1, 1, 1, 2, 2]
    with at_work(world.merchant) as now:
        note_health(connection=shop, now=now + timedelta(minutes=80))
    assert deliver(world, TOLD) == []
    assert skipped(world) == [("connection_failing", "overtaken")] * 2
    assert (fail(timedelta(minutes=81)), len(deliver(world, TOLD))) == (3, 1)  # of the 61st minute nobody heard
    assert fail(timedelta(minutes=90)) == 3


def test_who_floods_the_form_for_leads_does_not_flood_the_team(world: World) -> None:
    with at_work(world.merchant) as now:
        for minutes in (*range(27), 24 * 60 + 30):
            at = now + timedelta(minutes=minutes)
            came = record("lead.created", subject=world.program, by="friend", now=at)
            tell_team(event=came, mail=TEAM_MAIL_OF_EVENT["lead.created"], now=at)
        told = Event.objects.filter(code=TOLD).values_list("data__event_id", flat=True)
        assert (len(set(told)), str(came.pk) in set(told)) == (25 + 1, True)


def test_codes_are_told_when_few_are_left_and_when_none_is(world: World) -> None:
    with at_work(world.merchant) as now:
        pool = CodePool.objects.get(program=world.program, purpose="REWARD")
        PoolCode.objects.filter(pool=pool, position__gt=1).delete()
        assert take_code(program=world.program, purpose="REWARD", holder=pool.pk, now=now)
        assert take_code(program=world.program, purpose="REWARD", holder=world.program.pk, now=now) is None
    sent = mailed(world, "codes.empty")
    assert {who: letter.subject for who, letter in sent.items()} == dict.fromkeys(
        ("alice", "milo"), "Freunde: none left"
    )
    assert f"/programs/{world.program.slug}/codes/reward" in sent["milo"].body
    with at_work(world.merchant) as now:
        upload_codes(program=world.program, codes=[f"N-{n}" for n in range(40)], by=SYSTEM, now=now)
    again = happens(world, "codes.low", pool, left=2)
    with at_work(world.merchant) as now:
        tell_team(event=again, mail=TEAM_MAIL_OF_EVENT["codes.low"], now=now)
    assert deliver(world, TOLD) == []
    assert skipped(world) == [("stock_low", "overtaken")] * 2


def test_pieces_are_told_by_their_size(world: World) -> None:
    with at_work(world.merchant) as now:
        shirt = RewardKind.objects.create(
            name="Shirt", form="GIFT", fulfilment=Fulfilment.SHIPMENT, unit="EUR", created_at=now
        )
        row = KindStock.objects.create(kind=shirt, size="M", left=1, filled=50)
        User.objects.filter(email__startswith="milo").update(language="de")
    happens(world, "stock.low", row, size="M", left=1)
    sent = mailed(world, "stock.low")
    assert sent["alice"].subject == "Shirt, size M: 1 left"
    assert "Shirt, Größe M" in sent["milo"].subject


def test_a_budget_is_told_at_80_percent_and_when_it_is_used_up(world: World) -> None:
    with at_work(world.merchant) as now:
        told = {"limit_minor": 10_000, "reserved_minor": 8_000, "warned_at": now, "set_at": now, "set_by": SYSTEM}
        budget = Budget.objects.create(program=world.program, is_hard=True, **told)
    happens(world, "budget.low", budget)
    sent = mailed(world, "budget.low")
    assert {who: letter.subject for who, letter in sent.items()} == dict.fromkeys(
        ("alice", "finn", "milo"), "80% of the budget of Freunde is used"
    )
    assert f"/programs/{world.program.slug}/budget" in sent["finn"].body
    with at_work(world.merchant) as now:
        Budget.objects.update(reserved_minor=10_000, reached_at=now)
    happens(world, "budget.reached", budget)
    sent = mailed(world, "budget.reached")
    assert sent["finn"].subject == "The budget of Freunde is used up"
    assert "New friends get no offer for now." in sent["finn"].body


def test_failing_rewards_are_told_once_a_day(world: World) -> None:
    with at_work(world.merchant):
        reward = Reward.objects.get()

    def fails() -> dict[str, Any]:
        with at_work(world.merchant) as now:
            Reward.objects.update(state="FAILED", failed_at=now, released_at=now)
        happens(world, "reward.failed", reward)
        return mailed(world, "reward.failed")

    sent = fails()
    assert {who: letter.subject for who, letter in sent.items()} == dict.fromkeys(
        ("alice", "finn"), "1 reward could not be delivered"
    )
    assert "/rewards?state=FAILED" in sent["finn"].body
    assert fails() == {}


def test_after_it_was_mended_it_is_told_again_the_same_day(world: World) -> None:
    shop = a_connection(world)
    with at_work(world.merchant) as now:
        told = {"topic": "orders/create", "received_at": now, "next_try_at": database_now()}
        told |= {"connection": shop, "state": "SET_ASIDE", "handled_at": now}
        rows = [InboundEvent.objects.create(delivery_id=str(number), **told) for number in range(2)]
    happens(world, "event.set_aside", rows[0])
    assert mailed(world, "event.set_aside")["alice"].subject == "2 messages of your shop could not be read"
    with at_work(world.merchant) as now:
        InboundEvent.objects.filter(pk=rows[0].pk).update(state="HANDLED")
    happens(world, "event.set_aside", rows[1])
    assert set(mailed(world, "event.set_aside")) == {"alice"}


def test_work_that_was_set_aside_is_told(world: World) -> None:
    with at_work(world.merchant) as now:
        about = {"work": Setback.Work.UNSHIPPED, "about": Order.objects.get().pk, "attempts": 8, "error": "ValueError"}
        times = {"since": now, "broke_at": now, "next_try_at": database_now(), "set_aside_at": now}
        row = Setback.objects.create(**about, **times)
    happens(world, "setback.set_aside", row)
    sent = mailed(world, "setback.set_aside")
    assert {who: letter.subject for who, letter in sent.items()} == {"alice": "1 thing broke again and again"}
