"""What was doubted in the demo world, who said afterwards who sent them, and what programs opened.

Collected by test_world.py: one building of the world serves both.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Sum

from demo.world.footprints import AGENTS, ROBOTS
from kit.clock import database_now
from merchants.events import SHOP, SYSTEM
from merchants.models import Event, Merchant
from rewards.models import (
    Reward,
    RewardBlock,
)  # fmt: skip
from rewards.review_selectors import of_the_circle
from tests.demo.looking import COUNTS
from tracking.humans import agent_of, is_program
from tracking.models import (
    Click,
    DayStat,
    FraudPolicy,
    Introduction,
    Leak,
    ListEntry,
    Order,
    Referral,
    Review,
)  # fmt: skip
from tracking.rules.fraud import WEIGHTS


def open_reviews() -> Any:
    """Those that money waits for: neither samples nor second looks, of which the demo has some besides."""
    return Review.objects.filter(state=Review.State.OPEN, cause=Review.Cause.SCORE).select_related("referral__order")


def signals_of(review: Review) -> set[str]:
    return {signal["code"] for signal in review.referral.assessment["signals"]}


def test_open_reviews_come_from_what_was_played_and_hold_their_money(nordlicht: Merchant) -> None:
    assert open_reviews().count() == COUNTS.review
    blocks = RewardBlock.objects.filter(lifted_at=None, kind=RewardBlock.Kind.REVIEW).select_related("reward")
    assert {block.reward.referral_id for block in blocks} == {review.referral_id for review in open_reviews()}
    assert {(block.reason, block.by, block.reward.state) for block in blocks} <= {
        ("score", SHOP, "HELD"),
        ("score", SYSTEM, "HELD"),
    }


def test_open_reviews_show_every_signal_there_is(nordlicht: Merchant) -> None:
    seen = set().union(*map(signals_of, open_reviews()))
    assert seen == set(WEIGHTS)
    ring = {review.pk: review for review in open_reviews() if "RING" in signals_of(review)}
    assert len(ring) == 3
    for review in ring.values():
        assert {other.pk for other in of_the_circle(review)} == ring.keys() - {review.pk}
    leak = Leak.objects.get(state=Leak.State.OPEN)
    [leaked] = [review for review in open_reviews() if "LEAKED_CODE" in signals_of(review)]
    assert leaked.referral.link_id == leak.link_id
    assert not any(review.referral.assessment["missing"] for review in open_reviews())


def test_open_reviews_are_at_every_point_of_their_time(nordlicht: Merchant) -> None:
    now, policy = database_now(), FraudPolicy()
    high = open_reviews().filter(level=Review.Level.HIGH).order_by("opened_at")
    ends = [(review.opened_at + timedelta(days=policy.void_days) - now).total_seconds() / 86_400 for review in high]
    assert 1 < ends[0] < 3
    assert all(left > 30 for left in ends[1:])
    reminded = high.filter(opened_at__lt=now - timedelta(days=policy.remind_days))
    assert reminded.count() == 2
    assert reminded.filter(reminded_at=None).count() == 0
    held = Reward.objects.filter(referral__in=open_reviews().filter(level=Review.Level.MEDIUM).values("referral"))
    assert min(held.values_list("release_at", flat=True)) - now < timedelta(days=3)


def test_decided_reviews_stand_and_some_were_undone(nordlicht: Merchant) -> None:
    decided = Review.objects.filter(decided_by__startswith="user:")
    assert decided.count() == COUNTS.decided
    assert decided.filter(state="CLEARED").count() == COUNTS.cleared + COUNTS.undone
    assert decided.filter(state="CLEARED", undone_at__isnull=False).count() == COUNTS.undone
    assert all(review.note for review in decided)
    looked = decided.filter(state="REFUSED", appealed_at__isnull=False, appeal_answered_at__isnull=False)
    assert looked.count() == COUNTS.second_looks
    waiting = Review.objects.get(state="OPEN", cause="APPEAL")
    assert (waiting.referral.state, bool(waiting.appeal_text)) == ("BLOCKED", True)


def test_some_said_afterwards_who_sent_them(nordlicht: Merchant) -> None:
    told = Introduction.objects.select_related("order")
    assert told.filter(state="NAMED", advocate__isnull=False, answered_at=None).exists()
    waiting, confirmed = told.exclude(state="CONFIRMED"), told.get(state="CONFIRMED")
    assert all(introduction.order.outcome == Order.Outcome.NOT_REFERRED for introduction in waiting)
    referral = Referral.objects.get(order=confirmed.order)
    assert (referral.matched_by, referral.state, referral.advocate) == ("INTRODUCED", "QUALIFIED", confirmed.advocate)
    assert Reward.objects.get(referral=referral, side="ADVOCATE").state == "HELD"


def test_an_order_in_another_currency_waits_for_somebody_to_say_its_worth(nordlicht: Merchant) -> None:
    abroad = Referral.objects.select_related("order").get(needs_worth=True)
    assert (abroad.order.currency, abroad.order.outcome) == ("CHF", Order.Outcome.ATTRIBUTED)
    assert not Reward.objects.filter(referral=abroad).exists()


def test_lists_of_the_team_fit_nobody_of_the_story(nordlicht: Merchant) -> None:
    assert ListEntry.objects.count() == 3
    assert not Event.objects.filter(code="referral.blocked", data__reason="block_listed").exists()


def test_programs_that_opened_links_left_nothing(nordlicht: Merchant) -> None:
    assert not any(is_program(agent) for agent in AGENTS)
    assert all(is_program(agent) for agent in ROBOTS)
    assert set(Click.objects.values_list("agent", flat=True)) == {agent_of(agent) for agent in AGENTS}
    assert DayStat.objects.aggregate(total=Sum("clicks"))["total"] == COUNTS.clicks
