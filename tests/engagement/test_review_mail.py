"""Mails about reviews: declined or kept quiet, the second look answered, and what the team hears of."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.mail import EmailMultiAlternatives

from merchants.models import Event, Role
from rewards.actions import breaker
from rewards.actions.review_sweep import move_on
from rewards.actions.reviews import ask_second_look, decide
from tests.cast import World, at_work, member
from tests.dashboard.cases import FRIENDS_GET, HER_OWN, HER_TAG, buys, review_of_order
from tests.engagement.post import a_shop, deliver, html_of, skipped
from tracking.models import Review

pytestmark = pytest.mark.django_db
#: Nothing of what was seen is written to anybody outside of the team.
NEVER = ("similar", "score", "signal", "points", "plus sign", "same full name", "suspicious", "fraud", "Same flat.")


@pytest.fixture
def world() -> World:
    world = a_shop(friend_reward=FRIENDS_GET)
    buys(world, "1", HER_OWN)
    buys(world, "2", HER_TAG)
    return world


def refuse(world: World, number: str, *, tell: bool) -> None:
    review = review_of_order(world, number)
    with at_work(world.merchant) as now:
        told = {"advocate_ok": False, "friend_ok": False, "note": "Same flat.", "by": "user:x", "now": now}
        decide(review=review, tell=tell, **told)


def assert_kind(sent: EmailMultiAlternatives) -> None:
    for body in (sent.subject, sent.body, html_of(sent).partition("</style>")[2]):
        for word in NEVER:
            assert word.lower() not in str(body).lower(), word


def test_whoever_is_told_of_a_refusal_may_ask_for_a_second_look(world: World) -> None:
    refuse(world, "1", tell=True)
    sent = {mail.to[0]: mail for mail in deliver(world, "reward.cancelled")}
    assert set(sent) == {"dana@advocate.example", HER_OWN[0]}
    assert "Ask for a second look in your portal." in sent["dana@advocate.example"].body
    assert "second look" not in sent[HER_OWN[0]].body
    for mail in sent.values():
        assert_kind(mail)


def test_a_refusal_can_be_kept_quiet(world: World) -> None:
    refuse(world, "1", tell=False)
    assert deliver(world, "reward.cancelled") == []
    assert skipped(world) == [("reward_not_given", "not_to_be_told")] * 2


def ask(world: World, number: str) -> None:
    referral = review_of_order(world, number).referral
    with at_work(world.merchant) as now:
        by = f"advocate:{world.advocate.pk}"
        ask_second_look(referral=referral, text="She is my sister in law.", by=by, now=now + timedelta(hours=1))


@pytest.mark.parametrize(
    ("ok", "subject", "words"),
    [
        (True, "Nordlicht Kaffee has looked again: it counts", "You were right: it counts."),
        (False, "Nordlicht Kaffee has looked again", "We stay with our answer: this one brings no reward."),
    ],
)
def test_a_second_look_is_answered(world: World, ok: bool, subject: str, words: str) -> None:
    refuse(world, "1", tell=True)
    ask(world, "1")
    review = review_of_order(world, "1")
    with at_work(world.merchant) as now:
        decide(review=review, advocate_ok=ok, friend_ok=ok, by="user:x", now=now + timedelta(hours=2))
    [sent] = [mail for code in (["review.cleared"] if ok else ["review.refused"]) for mail in deliver(world, code)][-1:]
    assert (sent.subject, sent.to) == (subject, ["dana@advocate.example"])
    assert words in sent.body
    assert_kind(sent)
    if ok:
        assert [mail.to[0] for mail in deliver(world, "reward.restored")] == [HER_OWN[0]]


def test_a_decision_nobody_asked_about_is_no_mail_of_its_own(world: World) -> None:
    refuse(world, "1", tell=True)
    assert deliver(world, "review.refused") == []


# --- to the team ----------------------------------------------------------------------------------------------------


def later(world: World, days: int) -> None:
    """What the sweep does with each review after so many days; only sandboxes have a clock that can be moved."""
    with at_work(world.merchant) as now:
        for key in list(Review.objects.values_list("pk", flat=True)):
            move_on(review_id=key, now=now + timedelta(days=days))


def told(world: World) -> int:
    with at_work(world.merchant):
        return int(Event.objects.filter(code="team.told").count())


def test_reviewers_are_reminded_once_a_day_of_all_that_is_late(world: World) -> None:
    member(world.merchant, "rita@nordlicht.example", Role.REVIEWER)
    member(world.merchant, "bob@nordlicht.example", Role.ANALYST)
    buys(world, "3", ("dana+muster@advocate.example", "Dana Muster"))
    later(world, 15)
    assert deliver(world, "review.reminded") == []
    assert told(world) == 2
    sent = deliver(world, "team.told")
    assert sorted(mail.to[0] for mail in sent) == ["alice@nordlicht.example", "rita@nordlicht.example"]
    assert {mail.subject for mail in sent} == {"2 reviews wait for a decision"}
    assert "/reviews" in sent[0].body
    assert "/mail/unsubscribe/team/" in sent[0].extra_headers["List-Unsubscribe"]
    deliver(world, "review.reminded")
    assert told(world) == 2


def test_what_nobody_decided_is_told_to_the_people_and_the_team(world: World) -> None:
    later(world, 15)
    later(world, 61)
    assert {mail.to[0] for mail in deliver(world, "reward.cancelled")} == {"dana@advocate.example", HER_OWN[0]}
    deliver(world, "review.voided")
    [sent] = [mail for mail in deliver(world, "team.told") if "refused" in mail.subject]
    assert (sent.subject, sent.to) == ("1 review was refused because nobody decided", ["alice@nordlicht.example"])
    assert "/reviews/decided" in sent.body


def test_too_many_at_once_alert_the_team(world: World) -> None:
    with at_work(world.merchant) as now:
        breaker.trip(program_id=world.program.pk, counted=201, now=now)
    deliver(world, "program.breaker_tripped")
    deliver(world, "program.breaker_tripped")
    [sent] = deliver(world, "team.told")
    assert (sent.subject, sent.to) == ("Unusually many referrals in Freunde", ["alice@nordlicht.example"])
    assert "Freunde had 201 referrals within an hour" in sent.body
    assert f"/programs/{world.program.slug}/checks" in sent.body
