"""The rules of a test drive: which step comes when, what stands in for the outside, how large the order is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from programs.rules import (
    FORMS,
    Choice,
    CodeSource,
    Form,
    Fulfilment,
    Gives,
    Offer,
    RewardRule,
    Scope,
    Terms,
    Tier,
    Value,
    problems,
)
from programs.rules.drive import LOOP, Course, StandIn, Step, Turn, basket, on_stage, stand_ins

#: What a drive may give by: nothing of it asks anybody outside.
INSIDE = {Fulfilment.COUPON_POOL, Fulfilment.BALANCE, Fulfilment.MANUAL}
PLAIN = Terms(currency="EUR", offer=Offer(), advocate_reward=RewardRule(fulfilment=Fulfilment.COUPON_POOL))


def test_steps_are_played_in_their_order_and_each_once() -> None:
    course = Course()
    for step in LOOP:
        assert course.next == step
        assert [course.turn(other) for other in LOOP if other != step] == [
            Turn.PLAYED if other in course.played else Turn.NOT_YET for other in LOOP if other != step
        ]
        course = course.after(step)
        assert course.after(step) == course
    assert (course.next, course.is_over, course.played) == (None, True, LOOP)


@pytest.mark.parametrize("reached", [None, *LOOP])
def test_an_order_comes_back_once_there_is_one(reached: Step | None) -> None:
    course = Course(reached)
    has_order = reached not in (None, Step.JOIN, Step.VISIT)
    assert course.turn(Step.RETURN) == (Turn.PLAY if has_order else Turn.NOT_YET)
    back = course.after(Step.RETURN)
    assert back.comes_back == has_order
    if has_order:
        assert (back.played, back.next, back.may_come_back) == ((*course.played, Step.RETURN), None, False)
        assert back.turn(Step.GIFT) == (Turn.PLAYED if reached == Step.GIFT else Turn.NOT_YET)


@pytest.mark.parametrize("fulfilment", list(Fulfilment))
def test_whoever_gives_a_plain_reward_nobody_outside_is_asked(fulfilment: Fulfilment) -> None:
    played = on_stage(replace(PLAIN, advocate_reward=RewardRule(fulfilment=fulfilment)))
    assert played.advocate_reward.fulfilment in {Fulfilment.COUPON_POOL, Fulfilment.MANUAL}


@pytest.mark.parametrize(
    ("form", "fulfilment"), [(form, way) for form, row in FORMS.items() for way in row.fulfilments]
)
def test_nor_of_anything_of_the_catalogue(form: Form, fulfilment: Fulfilment) -> None:
    gives = Gives("id", "A thing", form, "EUR", fulfilment)
    rule = RewardRule(kind=Value.FIXED, value=1, gives=gives, fulfilment=fulfilment)
    played = on_stage(replace(PLAIN, friend_reward=rule)).friend_reward
    assert played
    assert played.gives
    assert played.fulfilment == played.gives.fulfilment
    assert played.fulfilment in INSIDE


def test_what_is_other_than_for_real_is_named() -> None:
    assert stand_ins(PLAIN) == [StandIn.CODES]
    assert stand_ins(replace(PLAIN, offer=None, advocate_reward=RewardRule())) == []
    reward = RewardRule(fulfilment=Fulfilment.PAYOUT, every=3, choices=(Choice("a"),))
    other = replace(
        PLAIN,
        offer=Offer(source=CodeSource.WEBHOOK),
        advocate_reward=reward,
        friend_reward=RewardRule(
            gives=Gives("id", "Credit", Form.SUBSCRIPTION_CREDIT, "EUR", Fulfilment.STRIPE_BALANCE),
            fulfilment=Fulfilment.STRIPE_BALANCE,
        ),
        tiers=(Tier("Gold", 5, RewardRule()),),
        ends_on="2030-01-01",
    )
    assert set(stand_ins(other)) == set(StandIn)
    played = on_stage(other)
    assert problems(played) == []
    assert (played.tiers, played.ends_on, played.advocate_reward.every) == ((), None, 1)


@pytest.mark.parametrize(
    ("offer", "minimum", "usual", "price", "net"),
    [
        (None, 0, 6000, 6000, 6000),
        (None, 9000, 6000, 9000, 9000),
        (Offer(kind=Value.PERCENT, value=1000), 0, 6000, 6000, 5400),
        (Offer(kind=Value.PERCENT, value=1000), 6000, 6000, 6667, 6000),
        (Offer(kind=Value.FIXED, value=1000), 5000, 3000, 6000, 5000),
        (Offer(kind=Value.FIXED, value=9000), 0, 6000, 6000, 0),
        (Offer(kind=Value.PERCENT, value=10_000), 5000, 6000, 6000, 0),
    ],
)
def test_the_order_is_as_usual_or_as_large_as_the_minimum_wants(
    offer: Offer | None, minimum: int, usual: int, price: int, net: int
) -> None:
    goods = basket(replace(PLAIN, offer=offer, min_order_minor=minimum), usual_minor=usual)
    assert (goods.price_minor, goods.net_minor) == (price, net)


def test_the_order_holds_what_counts_and_comes_from_where_it_counts() -> None:
    wanted = replace(PLAIN, scope=Scope.PRODUCTS, scope_ids=("p7", "p8"), countries=("AT", "DE"))
    goods = basket(wanted, usual_minor=6000)
    assert (goods.product_id, goods.collection_id, goods.country) == ("p7", "", "AT")
    goods = basket(replace(wanted, scope=Scope.COLLECTIONS), usual_minor=6000)
    assert (goods.product_id, goods.collection_id) == ("", "p7")
