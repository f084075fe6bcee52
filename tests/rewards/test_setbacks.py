"""What breaks in a sweep stops nothing behind it: tried again, set aside after the last try, put back by a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from kit.clock import database_now
from kit.ids import uuid7
from kit.patience import MOST_ATTEMPTS
from merchants.events import SYSTEM
from merchants.models import Event, WakeUp
from rewards.actions.setbacks import NotAside, put_back, setbacks_aside
from rewards.models import Reward, Setback
from rewards.steps import release, reviews
from tests.cast import World, a_world, at_work
from tests.dashboard.test_workspace_pages import client_of
from tests.rewards.test_reviews import BOTH, certain_enough, suspicious, sweep
from tracking.actions.again import ask_again
from tracking.models import FraudPolicy, Order, OrderFact, Reassessment, Referral, Review

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return a_world(**BOTH)


def break_order(world: World, number: str) -> None:
    """What is told of it since cannot be read, as after a fault of ours."""
    told_since(world, number, {"no": "order"})


def mend_order(world: World, number: str) -> None:
    with at_work(world.merchant):
        first = snapshots(number).earliest("as_of")
    told_since(world, number, first.data)


def told_since(world: World, number: str, data: dict[str, Any]) -> None:
    with at_work(world.merchant):
        fact = snapshots(number).latest("as_of")
        fact.pk, fact.as_of, fact.data = uuid7(), fact.as_of + timedelta(seconds=1), data
        fact.save(force_insert=True)


def snapshots(number: str) -> Any:
    return OrderFact.objects.filter(order__external_id=number, kind="SNAPSHOT")


def setbacks(world: World) -> list[dict[str, Any]]:
    with at_work(world.merchant):
        return list(Setback.objects.order_by("pk").values("work", "about", "attempts", "set_aside_at"))


def next_try(world: World) -> None:
    """The pause is over."""
    with at_work(world.merchant):
        Setback.objects.filter(set_aside_at=None).update(next_try_at=database_now() - timedelta(seconds=1))


def two_asked(world: World) -> list[UUID]:
    for number in ("1", "2"):
        suspicious(world, number)
    with at_work(world.merchant):
        asked = tuple(Referral.objects.order_by("pk").values_list("pk", flat=True))
        FraudPolicy.objects.create(program=world.program, weights={"DISPOSABLE_MAIL": 60})
        ask_again(referral_ids=asked, cause="ring", now=world.now)
        return list(Reassessment.objects.order_by("asked_at", "pk").values_list("pk", flat=True))


def test_a_check_that_breaks_starves_none_behind_it(world):
    first, _second = two_asked(world)
    break_order(world, "1")
    again_at = reviews.sweep(world.merchant.tenant_ref())
    assert setbacks(world) == [{"work": "ASSESSMENT", "about": first, "attempts": 1, "set_aside_at": None}]
    with at_work(world.merchant):
        assert list(Reassessment.objects.values_list("pk", flat=True)) == [first]
        assert Referral.objects.get(order__external_id="2").assessment["score"] == 60
        assert again_at == Setback.objects.get().next_try_at
    reviews.sweep(world.merchant.tenant_ref())  # before its pause is over
    assert setbacks(world)[0]["attempts"] == 1


def test_after_the_last_try_it_is_set_aside_told_once_and_put_back_by_a_person(world):
    first, _second = two_asked(world)
    break_order(world, "1")
    for _ in range(MOST_ATTEMPTS + 1):
        next_try(world)
        reviews.sweep(world.merchant.tenant_ref())
    with at_work(world.merchant) as now:
        (aside,) = setbacks_aside()
        assert (aside.attempts, aside.about) == (MOST_ATTEMPTS, first)
        told = Event.objects.filter(code="setback.set_aside").values_list("data", flat=True)
        assert [(data["work"], data["about"]) for data in told] == [("ASSESSMENT", str(first))]
        WakeUp.objects.all().delete()
        put_back(setback=aside, by=SYSTEM, now=now)
        assert list(WakeUp.objects.values_list("kind", flat=True)) == ["review"]
        with pytest.raises(NotAside):
            put_back(setback=aside, by=SYSTEM, now=now)
    mend_order(world, "1")
    reviews.sweep(world.merchant.tenant_ref())
    assert setbacks(world) == []
    with at_work(world.merchant):
        assert not Reassessment.objects.exists()
        assert Referral.objects.get(order__external_id="1").assessment["score"] == 60


def test_all_that_is_set_aside_is_put_back_at_one_press(world):
    for number in ("1", "2", "3"):
        suspicious(world, number)
    with at_work(world.merchant) as now:
        told = {"work": "UNSHIPPED", "since": now, "broke_at": now, "error": "x", "attempts": 8, "next_try_at": now}
        for order in Order.objects.order_by("pk"):
            Setback.objects.create(**told, about=order.pk, set_aside_at=now)
    client = client_of("alice@nordlicht.example")
    page = f"/w/{world.merchant.slug}/set-aside"
    assert "Try all again" in client.get(page).content.decode()
    assert "3 are tried again now." in client.post(f"{page}/again", follow=True).content.decode()
    assert {(row["attempts"], row["set_aside_at"]) for row in setbacks(world)} == {(0, None)}
    with at_work(world.merchant):
        assert Event.objects.filter(code="setback.put_back").count() == 3
    assert "Nothing is set aside any more." in client.post(f"{page}/again", follow=True).content.decode()
    assert "Try all again" not in client.get(page).content.decode()


def test_a_review_that_cannot_be_moved_on_starves_none_behind_it_and_is_forgotten_when_decided(world):
    certain_enough(world)
    suspicious(world, "2")
    break_order(world, "1")
    sweep(world, 61)
    (stuck,) = setbacks(world)
    with at_work(world.merchant):
        broken = Review.objects.get(referral__order__external_id="1")
        assert (stuck["work"], stuck["about"], broken.state) == ("REVIEW", broken.pk, "OPEN")
        assert Review.objects.get(referral__order__external_id="2").state == "VOIDED"
        Review.objects.filter(pk=broken.pk).update(state="LAPSED", decided_at=world.now, decided_by="t")
    sweep(world, 1)
    assert setbacks(world) == []


def test_an_order_that_cannot_be_settled_starves_none_behind_it(world):
    for number in ("1", "2"):
        suspicious(world, number)
    with at_work(world.merchant):
        Reward.objects.update(is_revived=True)
        first = Reward.objects.filter(order__external_id="1").values_list("order_id", flat=True)[0]
    break_order(world, "1")
    release.sweep(world.merchant.tenant_ref())
    assert [(row["work"], row["about"]) for row in setbacks(world)] == [("REVIVED", first)]
    with at_work(world.merchant):
        assert set(Reward.objects.filter(is_revived=True).values_list("order_id", flat=True)) == {first}


@pytest.mark.parametrize("was_aside", [False, True])
def test_what_is_not_due_any_more_calls_for_no_sweep(world, was_aside):
    """An order that was to be told of and is shipped; put back by a person, too."""
    suspicious(world, "1")
    with at_work(world.merchant) as now:
        order_id = Reward.objects.values_list("order_id", flat=True)[0]
        told = {"work": "UNSHIPPED", "about": order_id, "since": now, "broke_at": now, "error": "x", "attempts": 8}
        long_ago = database_now() - timedelta(minutes=2)
        stuck = Setback.objects.create(**told, next_try_at=long_ago, set_aside_at=now if was_aside else None)
        if was_aside:
            put_back(setback=stuck, by=SYSTEM, now=now)
            Setback.objects.update(next_try_at=long_ago)
    again_at = release.sweep(world.merchant.tenant_ref())
    assert setbacks(world) == []
    assert again_at is None or again_at > database_now()
