"""The advocate's pages: what they show, what they never show, and what sharing records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from advocates.actions.standing import pause_advocate
from advocates.models import Advocate, Customer, Link, Share, Task
from kit.days import local_date
from merchants.events import SYSTEM
from merchants.models import Event
from programs.actions.edit import save_draft
from programs.actions.lifecycle import publish_program
from rewards.actions.blocks import block_reward
from rewards.models import Reward
from rewards.steps import fulfil, release
from tests.cast import World, a_world, at_work
from tests.facts import DAY, delivery, refund, snapshot
from tests.portal.world import portal, signed_in
from tracking.steps.claims import claim_offer

pytestmark = pytest.mark.django_db

PAGES = ["", "friends", "rewards", "terms", "settings", "qr"]


def claim(world: World, *, email: str = "", name: str = "", shown: bool = False) -> Any:
    from kit.ids import uuid7

    return claim_offer(
        world.merchant.tenant_ref(), link_id=world.link.pk, email=email, name=name, click_id=uuid7(), name_shown=shown
    )


def buy(world: World, number: int, *, ago: int = 0, net: int = 20000, delivered: bool = False, **more: Any) -> Any:
    """A friend's order ``ago`` days before now, delivered the day after if asked."""
    at = world.now - ago * DAY
    facts = [snapshot(at, lines=[net], token=world.click(at=at - timedelta(hours=1)), number=f"#90{number:02}", **more)]
    facts += [delivery(at + DAY)] if delivered else []
    return world.take(*facts, number=f"9{number:03}", email=f"friend{number}@secret.example", now=at + 2 * DAY)


def text_of(client: Client, world: World, rest: str = "") -> str:
    page = client.get(portal(world, rest))
    assert page.status_code == 200, (rest, page.content)
    return str(page.content.decode())


def test_link_and_copy_button_come_first(world: World) -> None:
    text = text_of(signed_in(world), world)
    with at_work(world.merchant):
        codes = dict(Link.objects.filter(advocate=world.advocate).values_list("channel", "code"))
    assert set(codes) == {"LINK", "COPY", "NATIVE", "WHATSAPP", "MAIL", "QR"}
    assert f"/r/{codes['COPY']}" in text
    assert codes["LINK"] in text
    assert f"%2Fr%2F{codes['WHATSAPP']}" in text
    assert f"%2Fr%2F{codes['MAIL']}" in text
    assert "Advertisement%3A%20I%20get%20a%20reward" in text
    assert text.index("data-copy") < text.index("How it goes")


def test_pages_are_private(world: World) -> None:
    page = signed_in(world).get(portal(world))
    assert page["Cache-Control"] == "no-store, private"
    assert "script-src 'self'" in page["Content-Security-Policy"]


@pytest.mark.parametrize("channel", ["copy", "native", "whatsapp", "mail", "qr"])
def test_sharing_is_recorded_on_its_own_link(world: World, channel: str) -> None:
    client = signed_in(world)
    answer = client.post(portal(world, f"share/{channel}"), headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 204
    with at_work(world.merchant):
        share = Share.objects.select_related("link").get()
        assert (share.channel, share.link.channel) == (channel.upper(), channel.upper())


def test_sharing_without_scripts_leads_on(world: World) -> None:
    client = signed_in(world)
    page = client.post(portal(world, "share/whatsapp"))
    assert re.search(r'href="https://wa\.me/\?text=[^"]+"', page.content.decode())
    assert 'href="mailto:?subject=' in client.post(portal(world, "share/mail")).content.decode()
    assert client.post(portal(world, "share/qr"))["Location"] == portal(world, "qr")
    assert client.post(portal(world, "share/fax")).status_code == 404
    with at_work(world.merchant):
        assert Share.objects.count() == 3


def test_paused_advocate_shares_nothing_and_is_told(world: World) -> None:
    client = signed_in(world)
    with at_work(world.merchant) as now:
        pause_advocate(advocate=world.advocate, by=SYSTEM, now=now)
    assert client.post(portal(world, "share/copy")).status_code == 409
    assert "Your link is paused" in text_of(client, world)
    with at_work(world.merchant):
        assert Share.objects.count() == 0


def test_qr_code_is_drawn_as_svg(world: World) -> None:
    answer = signed_in(world).get(portal(world, "qr.svg"))
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer.content.startswith(b"<svg")


def test_friend_is_nameless_without_consent(world: World) -> None:
    claim(world, email="eve@secret.example", name="Eve Geheim", shown=False)
    claim(world, email="finn@secret.example", name="Finn Geheim", shown=True)
    text = text_of(signed_in(world), world, "friends")
    assert ("A friend" in text, "Eve" in text, "Finn" in text, "Geheim" in text) == (True, False, True, False)


def test_missing_step_and_day_are_told(world: World) -> None:
    claim(world)
    client = signed_in(world)
    assert "No order yet. The code is valid until" in text_of(client, world)
    buy(world, 1, ago=3)
    assert "once everything was shipped" in text_of(client, world)
    buy(world, 2, ago=5, delivered=True)
    due = world.now - 5 * DAY + DAY + 30 * DAY
    local = due.astimezone(ZoneInfo(world.zone))
    assert f"Your reward comes on {local.day} {local:%B %Y}, when the return period ends." in text_of(client, world)
    buy(world, 3, ago=1, paid=False)
    assert "The order is not paid yet." in text_of(client, world)


def test_delivered_reward_shows_its_code(world: World) -> None:
    buy(world, 1, ago=40, delivered=True)
    release.sweep(world.merchant.tenant_ref())
    fulfil.sweep(world.merchant.tenant_ref())
    with at_work(world.merchant):
        reward = Reward.objects.get(side="ADVOCATE")
        assert (reward.state, bool(reward.voucher)) == ("FULFILLED", True)
    text = text_of(signed_in(world), world, "rewards")
    assert reward.voucher in text
    assert "€20.00" in text


def test_reduced_and_cancelled_rewards_say_why_kindly(world: World) -> None:
    buy(world, 1, ago=5, delivered=True)
    world.take(refund(world.now - DAY, lines=[("1", 1, 10000)]), number="9001", email="")
    client = signed_in(world)
    assert "smaller, because part of the order was returned" in text_of(client, world, "rewards")
    world.take(refund(world.now, "r2", lines=[("1", 1, 10000)]), number="9001", email="")
    assert "The purchase was cancelled or returned." in text_of(client, world, "rewards")


def test_reward_under_review_tells_no_signal(world: World) -> None:
    reward = buy(world, 1, ago=5, delivered=True).rewards[0]
    with at_work(world.merchant) as now:
        block_reward(reward=reward, kind="REVIEW", reason="same_device_score_87", by=SYSTEM, now=now)
    text = text_of(signed_in(world), world)
    assert "Being checked" in text
    assert "score" not in text


def test_cap_is_told_before_and_when_reached() -> None:
    world = a_world(advocate_cap=2)
    client = signed_in(world)
    assert "0 of 2" in text_of(client, world)
    buy(world, 1, ago=3)
    buy(world, 2, ago=2)
    assert "You have reached the limit" in text_of(client, world)
    buy(world, 3, ago=1)
    assert "Your friend keeps the offer." in text_of(client, world)


def test_new_terms_are_asked_for_again(world: World) -> None:
    client = signed_in(world)
    assert "Please read and accept them once." in text_of(client, world)
    assert "The terms are new" not in text_of(client, world)  # to somebody who never accepted any
    old = world.program.terms_id
    assert client.post(portal(world, "terms/accept"), {"version": old}).status_code == 303
    assert "accept them" not in text_of(client, world)
    with at_work(world.merchant) as now:
        terms = replace(world.program.draft_terms, min_order_minor=5000)
        save_draft(
            program=world.program, terms=terms, name="Freunde", auto_enrol="OFF", self_sign_up=True, by=SYSTEM, now=now
        )
        published = publish_program(program=world.program, by=SYSTEM, now=now)
    assert "The terms are new" in text_of(client, world)
    client.post(portal(world, "terms/accept"), {"version": old})
    with at_work(world.merchant):
        assert Advocate.objects.get(pk=world.advocate.pk).accepted_terms_id == old
    client.post(portal(world, "terms/accept"), {"version": published.terms_id})
    with at_work(world.merchant):
        assert Advocate.objects.get(pk=world.advocate.pk).accepted_terms_id == published.terms_id


def test_settings_are_saved(world: World) -> None:
    client = signed_in(world)
    assert client.post(portal(world, "settings/save"), {"name": "Dana Neu", "language": "de"}).status_code == 303
    with at_work(world.merchant):
        dana = Customer.objects.get(pk=world.advocate.customer_id)
        assert (dana.name, dana.language, dana.unsubscribed_at is None) == ("Dana Neu", "de", False)
    assert client.post(portal(world, "settings/save"), {"language": "xx"}).status_code == 400
    client.post(portal(world, "settings/save"), {"name": "Dana", "language": "", "wants_mail": "on"})
    with at_work(world.merchant):
        assert Customer.objects.get(pk=world.advocate.customer_id).unsubscribed_at is None


def test_who_asks_to_be_forgotten_is_a_task_for_the_shop_once(world: World) -> None:
    client = signed_in(world)
    for _ in range(2):
        assert client.post(portal(world, "settings/forget")).status_code == 303
    assert "The shop answers by" in client.get(portal(world, "settings")).content.decode()
    with at_work(world.merchant) as now:
        [task] = Task.objects.all()
        assert (task.customer_id, task.owner_id, task.made_by_id) == (world.advocate.customer_id, None, None)
        assert task.due_date == local_date(now, world.zone) + timedelta(days=30)
        [event] = Event.objects.filter(code="customer.asked_erasure")
        assert (event.by, event.data["task"]) == (f"advocate:{world.advocate.pk}", str(task.pk))


def test_no_page_shows_what_belongs_to_the_friend(world: World) -> None:
    """Addresses, surnames, order numbers, amounts of orders, products, decisions: on no page and in no header."""
    claim(world, email="eve@secret.example", name="Eve Geheimrat", shown=True)
    facts = {"lines": [{
        "id": "7001", "product_id": "espresso-geheim", "quantity": 3, "net_minor": 43210, "tax_minor": 8210,
    }]}  # fmt: skip
    order = snapshot(world.now - 5 * DAY, token=world.click(at=world.now - 6 * DAY), number="#GEHEIM77")
    order.data.update(facts)
    world.take(order, delivery(world.now - 4 * DAY), number="ext-5551212", email="eve@secret.example")
    buy(world, 2, ago=4, net=77777)
    buy(world, 3, ago=3, net=8888, cancelled_at=world.now - DAY)
    with at_work(world.merchant):
        first = Reward.objects.earliest("pk")
    with at_work(world.merchant) as now:
        block_reward(reward=first, kind="REVIEW", reason="ring_of_three", by=SYSTEM, now=now)
    forbidden = [
        "eve@", "secret.example", "Geheimrat", "GEHEIM77", "5551212", "espresso", "432.10", "43210", "514.20", "777.77",
        "77777", "88.88", "#90", "9002", "ring_of", "score", "REVIEW", "own_purchase", "order_cancelled", "touch",
    ]  # fmt: skip
    client = signed_in(world)
    for rest in PAGES:
        page = client.get(portal(world, rest))
        shown = page.content.decode() + str(page.headers)
        assert [value for value in forbidden if value in shown] == [], rest
    assert "Eve" in text_of(client, world, "friends")


@contextmanager
def counted() -> Iterator[list[int]]:
    found: list[int] = []
    with CaptureQueriesContext(connection) as queries:
        yield found
    found.append(len(queries))


@pytest.mark.parametrize("rest", PAGES)
def test_pages_ask_the_same_number_of_questions_for_one_row_and_three(world: World, rest: str) -> None:
    client = signed_in(world)
    claim(world)
    buy(world, 1, ago=5, delivered=True)
    text_of(client, world, rest)
    with counted() as one:
        text_of(client, world, rest)
    for number in (2, 3):
        claim(world)
        buy(world, number, ago=number, delivered=True)
    with counted() as three:
        text_of(client, world, rest)
    assert one == three


def test_long_lists_come_in_pages(world: World) -> None:
    for _ in range(23):
        claim(world)
    client = signed_in(world)
    first = text_of(client, world, "friends")
    assert first.count("<article") == 20
    older = re.search(r'href="([^"]*before=[^"]*)" rel="next"', first)
    assert older
    assert client.get(older[1]).content.decode().count("<article") == 3
    assert client.get(portal(world, "friends?before=nonsense")).status_code == 200


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=1>', "{{7*7}}", "{% load x %}", "${7*7}"]
)
def test_names_are_shown_literally(name: str) -> None:
    world = a_world(name=name)
    client = signed_in(world)
    for rest in PAGES:
        text = text_of(client, world, rest)
        assert "<script>alert" not in text
        assert "<img src=x" not in text
