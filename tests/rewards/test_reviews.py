"""Reviews: opened by what is judged, decided per side, undone, appealed, and moved on by time alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from kit.tenancy import in_tenant_transaction
from merchants.models import Event, WakeUp
from programs.rules import Fulfilment, RewardRule
from rewards.actions.reviews import ReviewStateError, ask_second_look, decide, review_reward, undo
from rewards.actions.settle import settle_order
from rewards.models import Reward, RewardBlock
from rewards.review_selectors import money_waiting_of, reviews_open, similar_cases
from rewards.steps import release, reviews
from tests.cast import World, a_world, at_work
from tests.facts import DAY, delivery, dispute, refund, snapshot
from tracking.models import FraudPolicy, Referral, Review

pytestmark = pytest.mark.django_db

BOB, ALICE = "user:bob", "user:alice"
#: Ten percent to each, so that both sides have something waiting.
BOTH: dict[str, Any] = {
    "advocate_reward": RewardRule(fulfilment=Fulfilment.COUPON_POOL),
    "friend_reward": RewardRule(fulfilment=Fulfilment.COUPON_POOL),
}


@pytest.fixture
def world() -> World:
    return a_world(**BOTH)


def suspicious(world: World, number: str = "1", at: Any = None, **more: Any) -> Review:
    """A friend with a throw-away address: medium."""
    at = at or world.now
    world.take(
        snapshot(at, token=world.click(at=at - timedelta(hours=1))),
        delivery(at),
        number=number,
        email=f"eve{number}@mailinator.com",
        now=at,
        **more,
    )
    with at_work(world.merchant):
        return Review.objects.get(referral__order__external_id=number)


def certain_enough(world: World) -> Review:
    """With a weight of a hundred the same is high."""
    with at_work(world.merchant):
        FraudPolicy.objects.create(program=world.program, weights={"DISPOSABLE_MAIL": 100})
    return suspicious(world)


def stand(world: World) -> dict[str, Any]:
    with at_work(world.merchant):
        review = Review.objects.get()
        return {
            "review": (review.state, review.advocate_ok, review.friend_ok),
            "rewards": dict(Reward.objects.order_by("side").values_list("side", "state")),
            "stopped": RewardBlock.objects.filter(kind="REVIEW", lifted_at=None).count(),
        }


def told(world: World) -> list[str]:
    with at_work(world.merchant):
        return list(Event.objects.filter(subject_kind="review").order_by("seq").values_list("code", flat=True))


def sweep(world: World, days: float) -> None:
    with at_work(world.merchant):
        merchant = world.merchant
        merchant.clock_offset += timedelta(days=days)
        merchant.save(update_fields=["clock_offset"])
    reviews.sweep(world.merchant.tenant_ref())


def test_a_medium_score_holds_both_sides_and_tells_the_team(world):
    review = suspicious(world)
    with at_work(world.merchant):
        assert (review.level, review.score, review.cause, review.state) == ("MEDIUM", 45, "SCORE", "OPEN")
        found = review.referral.assessment
        assert [(s["code"], s["points"]) for s in found["signals"]] == [("DISPOSABLE_MAIL", 45)]
        assert set(found["missing"]) == {"SAME_ADDRESS", "SAME_BROWSER", "ADDRESS_AND_HASTE"}
        assert [(w.unit, w.amount_minor) for w in money_waiting_of([review])[review.pk]] == [("EUR", 4000)]
        assert list(reviews_open()) == [review]
        assert WakeUp.objects.filter(kind="review").exists()
    assert stand(world)["stopped"] == 2
    assert told(world) == ["review.opened"]


def test_a_medium_one_goes_on_when_its_hold_is_over_and_a_second_sweep_changes_nothing(world):  # hostile 67
    suspicious(world)
    sweep(world, 29)
    assert stand(world)["stopped"] == 2
    sweep(world, 2)
    after = stand(world)
    assert (after["review"], after["stopped"]) == (("LAPSED", True, True), 0)
    sweep(world, 0)
    assert stand(world) == after
    release.sweep(world.merchant.tenant_ref())
    assert stand(world)["rewards"] == {"ADVOCATE": "RELEASED", "FRIEND": "RELEASED"}
    assert told(world) == ["review.opened", "review.lapsed"]


def test_without_that_permission_a_medium_one_stays_and_is_refused_at_last(world):
    with at_work(world.merchant):
        FraudPolicy.objects.create(program=world.program, medium_releases=False, remind_days=5, void_days=40)
    suspicious(world)
    sweep(world, 6)
    sweep(world, 30)
    assert stand(world)["review"] == ("OPEN", None, None)
    sweep(world, 5)
    assert stand(world)["review"] == ("VOIDED", False, False)
    assert told(world) == ["review.opened", "review.reminded", "review.voided"]


def test_a_high_one_stays_held_reminds_and_is_refused_with_notice(world):  # hostile 67
    review = certain_enough(world)
    assert (review.level, review.score) == ("HIGH", 100)
    sweep(world, 13)
    assert told(world) == ["review.opened"]
    sweep(world, 2)
    sweep(world, 0)
    assert told(world) == ["review.opened", "review.reminded"]
    sweep(world, 40)
    release.sweep(world.merchant.tenant_ref())
    assert stand(world)["rewards"] == {"ADVOCATE": "HELD", "FRIEND": "HELD"}
    sweep(world, 6)
    sweep(world, 0)
    assert stand(world) == {
        "review": ("VOIDED", False, False),
        "rewards": {"ADVOCATE": "CANCELLED", "FRIEND": "CANCELLED"},
        "stopped": 0,
    }
    assert told(world) == ["review.opened", "review.reminded", "review.voided"]


def test_each_side_is_decided_by_itself(world):
    review = suspicious(world)
    with at_work(world.merchant):
        decide(
            review=review, advocate_ok=False, friend_ok=True, note="One household", tell=False, now=world.now, by=BOB
        )
    assert stand(world) == {
        "review": ("REFUSED", False, True),
        "rewards": {"ADVOCATE": "CANCELLED", "FRIEND": "HELD"},
        "stopped": 0,
    }
    with at_work(world.merchant):
        event = Event.objects.get(code="review.refused")
        assert (event.by, event.data["advocate_ok"], event.data["friend_ok"], event.data["told"]) == (
            BOB, False, True, False,
        )  # fmt: skip


def test_one_side_alone_leaves_the_other_waiting(world):
    review = suspicious(world)
    with at_work(world.merchant):
        decide(review=review, advocate_ok=None, friend_ok=True, now=world.now, by=BOB)
    assert (stand(world)["review"], stand(world)["stopped"]) == (("OPEN", None, True), 1)
    with at_work(world.merchant):
        decide(review=review, advocate_ok=True, friend_ok=None, now=world.now, by=BOB)
    assert (stand(world)["review"], stand(world)["stopped"]) == (("CLEARED", True, True), 0)


def test_the_second_of_two_people_is_told_that_it_is_done(world):
    review = suspicious(world)
    with at_work(world.merchant):
        decide(review=review, advocate_ok=True, friend_ok=True, now=world.now, by=BOB)
    before = stand(world)
    with at_work(world.merchant), pytest.raises(ReviewStateError, match="already_decided"):
        decide(review=review, advocate_ok=False, friend_ok=False, now=world.now, by=ALICE)
    assert stand(world) == before


@pytest.mark.parametrize("ok", [True, False])
def test_a_decision_is_undone_while_nothing_is_paid(world, ok):
    review = suspicious(world)
    with at_work(world.merchant):
        decide(review=review, advocate_ok=ok, friend_ok=ok, now=world.now, by=BOB)
        undo(review=review, now=world.now + DAY, by=ALICE)
        found = Review.objects.get()
        assert (found.opened_at, found.undone_at) == (world.now + DAY, world.now + DAY)
    assert stand(world) == {
        "review": ("OPEN", None, None),
        "rewards": {"ADVOCATE": "HELD", "FRIEND": "HELD"},
        "stopped": 2,
    }


def test_what_is_paid_cannot_be_undone(world):
    review = suspicious(world)
    with at_work(world.merchant):
        decide(review=review, advocate_ok=True, friend_ok=True, now=world.now, by=BOB)
        Reward.objects.filter(side="ADVOCATE").update(state="FULFILLED", released_at=world.now, fulfilled_at=world.now)
    before = stand(world)
    with at_work(world.merchant), pytest.raises(ReviewStateError, match="already_paid"):
        undo(review=review, now=world.now, by=BOB)
    assert stand(world) == before


def test_an_order_decided_before_it_is_paid_makes_no_reward(world):
    click = world.click(at=world.now - timedelta(hours=1))
    world.take(snapshot(world.now, token=click, paid=False), email="eve1@mailinator.com")
    with at_work(world.merchant):
        review = Review.objects.get()
        decide(review=review, advocate_ok=False, friend_ok=False, now=world.now, by=BOB)
    world.take(snapshot(world.now, token=click, as_of=world.now + DAY), email="eve1@mailinator.com")
    assert stand(world) == {"review": ("REFUSED", False, False), "rewards": {}, "stopped": 0}
    with at_work(world.merchant):
        undo(review=review, now=world.now, by=BOB)
    assert stand(world)["rewards"] == {"ADVOCATE": "HELD", "FRIEND": "HELD"}
    assert stand(world)["stopped"] == 2


def test_a_refund_while_in_review_ends_it_and_the_order_s_return_brings_it_back(world):
    suspicious(world)
    world.take(refund(world.now, amount=20000), email="")
    assert stand(world)["review"] == ("LAPSED", None, None)
    assert stand(world)["rewards"] == {"ADVOCATE": "CANCELLED", "FRIEND": "CANCELLED"}


def test_a_dispute_while_in_review_stops_beside_it(world):
    review = suspicious(world)
    world.take(dispute(world.now), email="")
    with at_work(world.merchant):
        decide(review=review, advocate_ok=True, friend_ok=True, now=world.now, by=BOB)
        kinds = RewardBlock.objects.filter(lifted_at=None).values_list("kind", flat=True)
        assert list(kinds) == ["DISPUTE", "DISPUTE"]


def test_the_advocate_asks_for_a_second_look_once(world):
    review = suspicious(world)
    with at_work(world.merchant):
        referral = Referral.objects.get()
        with pytest.raises(ReviewStateError, match="second_look_not_possible"):
            ask_second_look(referral=referral, text="Why?", now=world.now, by="advocate:1")
        decide(review=review, advocate_ok=False, friend_ok=False, now=world.now, by=BOB)
        ask_second_look(referral=referral, text=" It was my neighbour. ", now=world.now + DAY, by="advocate:1")
        found = Review.objects.get()
        assert (found.state, found.cause, found.appeal_text) == ("OPEN", "APPEAL", "It was my neighbour.")
        assert found.answer_by == world.now + 15 * DAY
    assert stand(world)["rewards"] == {"ADVOCATE": "CANCELLED", "FRIEND": "CANCELLED"}
    with at_work(world.merchant):
        decide(review=review, advocate_ok=True, friend_ok=True, now=world.now + 2 * DAY, by=ALICE)
        assert Review.objects.get().appeal_answered_at == world.now + 2 * DAY
    assert stand(world) == {
        "review": ("CLEARED", True, True),
        "rewards": {"ADVOCATE": "HELD", "FRIEND": "HELD"},
        "stopped": 0,
    }
    with at_work(world.merchant), pytest.raises(ReviewStateError, match="second_look_not_possible"):
        ask_second_look(referral=referral, text="Again", now=world.now, by="advocate:1")


def test_a_second_look_at_what_blocks_for_certain_cannot_give_it(world):
    world.take(snapshot(world.now, token=world.click()), email="dana@advocate.example")
    with at_work(world.merchant):
        referral = Referral.objects.get()
        review = ask_second_look(referral=referral, text="Please", now=world.now, by="advocate:1")
        with pytest.raises(ReviewStateError, match="blocked_for_certain"):
            decide(review=review, advocate_ok=True, friend_ok=None, now=world.now, by=BOB)
        decide(review=review, advocate_ok=False, friend_ok=None, now=world.now, by=BOB)
        assert Review.objects.get().state == "REFUSED"


def test_a_review_by_hand_stops_both_sides_and_is_one_truth_with_the_queue(world):
    world.take(snapshot(world.now, token=world.click(at=world.now - timedelta(hours=1))), delivery(world.now))
    with at_work(world.merchant):
        reward = Reward.objects.select_related("referral").get(side="ADVOCATE")
        review = review_reward(reward=reward, reason="Odd", now=world.now, by=BOB)
        assert list(reviews_open()) == [review]
        with pytest.raises(ReviewStateError, match="already_stopped"):
            review_reward(reward=reward, reason="Odd", now=world.now, by=BOB)
    assert stand(world)["stopped"] == 2
    sweep(world, 35)
    assert stand(world)["review"] == ("OPEN", None, None)


def test_a_sample_stops_no_money_and_is_the_same_for_everybody(world):
    with at_work(world.merchant):
        FraudPolicy.objects.create(program=world.program, sample_percent=100)
    world.take(snapshot(world.now, token=world.click(at=world.now - timedelta(hours=1))), delivery(world.now))
    with at_work(world.merchant):
        review = Review.objects.get()
        assert (review.cause, review.level, list(reviews_open()), list(reviews_open(samples=True))) == (
            "SAMPLE", "PASS", [], [review],
        )  # fmt: skip
    assert stand(world)["stopped"] == 0
    sweep(world, 61)
    assert stand(world)["review"] == ("LAPSED", None, None)
    heard = told(world)
    with at_work(world.merchant):
        settle_order(order=Referral.objects.get().order, now=world.now + 61 * DAY, by="system")
    assert (stand(world)["review"], told(world)) == (("LAPSED", None, None), heard)


def unpaid(world: World) -> Review:
    """Suspicious as well, and there are no rewards yet."""
    bought = snapshot(world.now, token=world.click(at=world.now - timedelta(hours=1)), paid=False)
    world.take(bought, email="eve@mailinator.com")
    with at_work(world.merchant):
        return Review.objects.get()


def pay(world: World) -> None:
    world.take(snapshot(world.now, as_of=world.now + DAY), delivery(world.now), email="", now=world.now + DAY)


def test_what_was_refused_before_there_was_a_reward_stays_so_while_a_second_look_is_asked_for(world):
    review = unpaid(world)
    with at_work(world.merchant):
        decide(review=review, advocate_ok=False, friend_ok=False, now=world.now, by=BOB)
        ask_second_look(referral=Referral.objects.get(), text="Why?", now=world.now, by="advocate:1")
    pay(world)
    assert stand(world) == {"review": ("OPEN", False, False), "rewards": {}, "stopped": 0}
    with at_work(world.merchant):
        decide(review=review, advocate_ok=True, friend_ok=None, now=world.now + 2 * DAY, by=ALICE)
    assert stand(world) == {"review": ("CLEARED", True, False), "rewards": {"ADVOCATE": "HELD"}, "stopped": 0}


def test_a_side_refused_beforehand_gets_nothing_though_the_other_is_given(world):
    review = unpaid(world)
    with at_work(world.merchant):
        decide(review=review, advocate_ok=True, friend_ok=False, now=world.now, by=BOB)
    pay(world)
    assert stand(world) == {"review": ("CLEARED", True, False), "rewards": {"ADVOCATE": "HELD"}, "stopped": 0}


def test_a_doubt_that_turns_into_a_mere_sample_stops_no_money_any_more(world):
    suspicious(world)
    with at_work(world.merchant):
        FraudPolicy.objects.create(program=world.program, weights={"DISPOSABLE_MAIL": 0}, sample_percent=100)
    token = world.click(at=world.now - timedelta(minutes=30))
    world.take(snapshot(world.now, token=token, as_of=world.now + DAY), email="", now=world.now + DAY)
    with at_work(world.merchant):
        assert (Review.objects.get().cause, Review.objects.get().level) == ("SAMPLE", "PASS")
    assert stand(world) == {
        "review": ("OPEN", None, None),
        "rewards": {"ADVOCATE": "HELD", "FRIEND": "HELD"},
        "stopped": 0,
    }


def test_many_are_decided_each_by_itself(world):
    first, second = suspicious(world, "1"), suspicious(world, "2", at=world.now - 2 * DAY)
    with at_work(world.merchant):
        decide(review=first, advocate_ok=True, friend_ok=True, now=world.now, by=BOB)
    done = reviews.decide_many(
        world.merchant.tenant_ref(), review_ids=[first.pk, second.pk], advocate_ok=False, friend_ok=False, by=ALICE
    )
    assert (done.done, done.late) == (1, {first.pk: "already_decided"})
    with at_work(world.merchant):
        assert dict(Review.objects.values_list("pk", "state")) == {first.pk: "CLEARED", second.pk: "REFUSED"}
        assert similar_cases(second) == [first]
    again = reviews.undo_many(world.merchant.tenant_ref(), review_ids=[second.pk], by=ALICE)
    assert again.done == 1


def test_the_sweep_says_when_it_is_needed_next(world):
    suspicious(world)
    ref = world.merchant.tenant_ref()
    due = reviews.sweep(ref)
    with at_work(world.merchant):
        hold_ends = Reward.objects.first().release_at
    assert due == hold_ends - world.merchant.clock_offset
    assert in_tenant_transaction(ref, lambda: Review.objects.get().state) == "OPEN"


def test_whichever_way_it_opens_again_it_is_answered_in_as_many_days_as_the_program_says(world):
    with at_work(world.merchant):
        FraudPolicy.objects.create(program=world.program, remind_days=5)
    review = suspicious(world)
    answers = [review.answer_by]
    with at_work(world.merchant):
        decide(review=review, advocate_ok=False, friend_ok=False, now=world.now, by=BOB)
        answers.append(undo(review=review, now=world.now, by=BOB).answer_by)
        decide(review=review, advocate_ok=True, friend_ok=True, now=world.now, by=BOB)
        reward = Reward.objects.filter(side="ADVOCATE").get()
        answers.append(review_reward(reward=reward, reason="Again", now=world.now, by=BOB).answer_by)
        decide(review=Review.objects.get(), advocate_ok=False, friend_ok=False, now=world.now, by=BOB)
        asked = ask_second_look(referral=Referral.objects.get(), text="Why?", now=world.now, by="advocate:1")
        answers.append(asked.answer_by)
        assert (asked.advocate_ok, asked.friend_ok) == (False, False)
    assert answers == [world.now + 5 * DAY] * 4
