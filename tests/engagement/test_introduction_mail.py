"""The two mails of "who sent you?": the question to the buyer, and to the advocate whom they named."""

from __future__ import annotations

import pytest

from programs.models import Program
from rewards.actions.introduced import answer_introduction
from tests.cast import World, at_work
from tests.engagement.post import a_shop, deliver, html_of, skipped
from tests.facts import snapshot
from tracking.actions.introductions import say_who
from tracking.models import Introduction, Order

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = a_shop()
    with at_work(world.merchant):
        Program.objects.update(introduction_mail=True)
    world.take(snapshot(world.now))
    return world


def test_a_new_customer_is_asked_once_and_can_unsubscribe(world: World) -> None:
    [sent] = deliver(world, "introduction.asked")
    assert (sent.to, sent.subject) == (["eve@friend.example"], "Did somebody recommend Nordlicht Kaffee to you?")
    assert "/who/" in sent.body
    assert "List-Unsubscribe" in sent.extra_headers
    assert "eve" not in sent.body.partition("/who/")[2].split()[0].lower()


def test_whoever_has_said_it_already_is_not_asked(world: World) -> None:
    say(world, "Nobody Atall")
    with at_work(world.merchant):
        Introduction.objects.update(state="EXPIRED")
    assert deliver(world, "introduction.asked") == []
    assert skipped(world) == [("who_sent_you", "overtaken")]


def test_the_advocate_hears_a_first_name_and_nothing_of_the_order(world: World) -> None:
    say(world, "Dana Muster")
    [sent] = deliver(world, "introduction.named")
    assert (sent.to, sent.subject) == (["dana@advocate.example"], "Eve says that you recommended Nordlicht Kaffee")
    for told in (sent.body, html_of(sent)):
        assert "friend.example" not in told
        assert f"/p/{world.merchant.slug}/" in told


def test_an_answer_given_meanwhile_needs_no_mail(world: World) -> None:
    say(world, "Dana Muster")
    with at_work(world.merchant) as now:
        answer_introduction(introduction=Introduction.objects.get(), yes=False, by="t", now=now)
    assert deliver(world, "introduction.named") == []
    assert ("introduction", "overtaken") in skipped(world)


def say(world: World, said: str) -> None:
    with at_work(world.merchant) as now:
        say_who(order=Order.objects.get(), said=said, friend_name="Eve", now=now)
