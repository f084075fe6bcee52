"""Who sent you? From the link after an order, through the advocate's answer, to the reward; and what it never tells."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from advocates.actions.standing import pause_advocate
from advocates.models import Advocate
from engagement.addresses import read_who_sent_you, who_sent_you
from integrations.actions.connections import add_shopify_connection
from merchants.models import Event
from programs.models import Program
from rewards.models import Reward
from tests.cast import World, a_world, at_work, enrolled
from tests.facts import DAY, snapshot
from tests.once import undone
from tests.portal.world import portal, signed_in
from tracking.actions.introductions import MOST_TRIES, ask_by_mail, code_in, plain_name, say_who
from tracking.models import Introduction, Order, Referral
from tracking.steps import introductions

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), undone():
        yield a_world()


@pytest.fixture
def world(built: World) -> Iterator[World]:
    with undone():
        yield built


def bought(world: World, number: str = "1", email: str = "eve@friend.example", **more: Any) -> Order:
    more.setdefault("placed_at", world.now)
    order: Order = world.take(snapshot(more.pop("placed_at"), number=number, **more), number=number, email=email).order
    return order


def path_of(order: Order) -> str:
    return "/who/" + who_sent_you(order.merchant_id, order.pk).rpartition("/who/")[2]


def say(friend: Client, order: Order, said: str, name: str = "Eve") -> str:
    """What the friend sees then, without what differs although the pages are the same: the address of the form."""
    answer = friend.post(path_of(order), {"said": said, "friend_name": name})
    assert answer.status_code == 303, answer.content
    return re.sub(r"/who/[^\"]+", "/who/", friend.get(path_of(order)).content.decode())


def told(world: World, **which: Any) -> Introduction:
    with at_work(world.merchant):
        found: Introduction = Introduction.objects.select_related("advocate__customer", "order").get(**which)
    return found


def answer(world: World, value: str, **who: Any) -> Any:
    return signed_in(world, **who).post(portal(world, f"friends/{told(world).public_id}/answer"), {"answer": value})


def codes(world: World) -> list[str]:
    with at_work(world.merchant):
        found = Event.objects.filter(code__startswith="introduction.").order_by("id")
        return list(found.values_list("code", flat=True))


def standing(world: World) -> list[tuple[Any, ...]]:
    with at_work(world.merchant):
        return list(Referral.objects.values_list("matched_by", "state", "reasons", "advocate_id"))


def test_the_whole_way(world: World, friend: Client) -> None:
    order = bought(world)
    page = friend.get(path_of(order)).content.decode()
    assert "Did somebody recommend Nordlicht Kaffee to you?" in page
    say(friend, order, "dana muster")
    assert (told(world).state, told(world).advocate_id, told(world).friend_name) == ("NAMED", world.advocate.pk, "Eve")
    home = signed_in(world).get(portal(world)).content.decode()
    assert "Eve says that you recommended Nordlicht Kaffee" in home
    assert "eve@friend.example" not in home
    assert answer(world, "yes").status_code == 303
    with at_work(world.merchant):
        referral = Referral.objects.get()
        found = (referral.matched_by, referral.how, referral.state, referral.advocate_id)
        reward = Reward.objects.get(side="ADVOCATE")
    assert found == ("INTRODUCED", "introduced", "QUALIFIED", world.advocate.pk)
    assert (reward.state, reward.amount_minor) == ("HELD", 2000)
    assert "It is confirmed" in friend.get(path_of(order)).content.decode()
    assert codes(world) == ["introduction.named", "introduction.confirmed"]


# --- it tells nobody who recommends -------------------------------------------------------------------------------


def test_whatever_is_written_the_page_is_the_same(world: World, friend: Client) -> None:
    enrolled(world.merchant, world.program, "dana2@advocate.example", "Dana Zweite")
    written = ["Dana Muster", "dana", "Nobody Atall", world.link.code, "ZZZZZZZZ", "eve@friend.example", "<b>x</b>"]
    pages = []
    for number, words in enumerate(written, start=1):
        order = bought(world, str(number), f"friend{number}@friend.example")
        pages.append(say(friend, order, words))
    assert len(set(pages)) == 1
    assert "Dana" not in pages[0]
    with at_work(world.merchant):
        found = dict(Introduction.objects.values_list("order__number", "state"))
    assert found == {"1": "NAMED", "2": "ASKED", "3": "ASKED", "4": "NAMED", "5": "ASKED", "6": "ASKED", "7": "ASKED"}


@pytest.mark.parametrize("words", ["dana muster", "  DANA   MUSTER ", "Dana", "CODE", "code", "LINK", "LINK?utm=1"])
def test_a_name_a_code_and_a_link_mean_the_same_person(world: World, friend: Client, words: str) -> None:
    spelled = words.replace("CODE", world.link.code).replace("code", world.link.code.lower())
    spelled = spelled.replace("LINK", f"https://links.example/r/{world.link.code}")
    say(friend, bought(world), spelled)
    assert (told(world).state, told(world).advocate_id) == ("NAMED", world.advocate.pk)


def test_a_name_that_two_have_needs_the_code(world: World, friend: Client) -> None:
    second = enrolled(world.merchant, world.program, "d.muster@advocate.example", "Dana Muster")
    order = bought(world)
    assert "Do you know their code?" in say(friend, order, "Dana Muster")
    assert told(world).state == "ASKED"
    say(friend, order, world.link.code)
    assert (told(world).state, told(world).advocate_id, told(world).tries) == ("NAMED", world.advocate.pk, 2)
    assert second.pk != world.advocate.pk
    assert codes(world) == ["introduction.unknown", "introduction.named"]


def test_one_person_in_two_programs_is_one_person(world: World, friend: Client) -> None:
    with at_work(world.merchant):
        twin = Program.objects.get(pk=world.program.pk)
        twin.pk, twin.slug, twin._state.adding = None, "twin", True
        twin.save(force_insert=True)
    enrolled(world.merchant, twin)
    say(friend, bought(world), "Dana Muster")
    assert told(world).state == "NAMED"


def test_nobody_names_themselves(world: World, friend: Client) -> None:
    order = bought(world, email="dana@advocate.example")
    say(friend, order, "Dana Muster")
    say(friend, order, world.link.code)
    assert (told(world).state, told(world).advocate_id) == ("ASKED", None)


def test_only_who_is_given_the_link_can_open_it(world: World, friend: Client) -> None:
    path = path_of(bought(world))
    assert friend.get(path[:-1] + ("A" if path[-1] != "A" else "B")).status_code == 404
    assert friend.get("/who/nonsense").status_code == 404
    assert read_who_sent_you("nonsense") is None
    page = friend.get(path)
    assert (page["Cache-Control"], page["Referrer-Policy"]) == ("no-store, private", "origin")
    assert not page.cookies
    assert "eve" not in path.lower()


def test_another_sites_form_is_refused(world: World, friend: Client) -> None:
    path = path_of(bought(world))
    assert friend.post(path, {"said": "Dana"}, headers={"Origin": "https://evil.example"}).status_code == 403
    assert codes(world) == []


def test_an_empty_answer_is_asked_again(world: World, friend: Client) -> None:
    page = friend.post(path_of(bought(world)), {"said": " "})
    assert (page.status_code, b"Write a name or a code." in page.content) == (400, True)


def test_after_a_few_tries_nothing_more_is_looked_up(world: World, friend: Client) -> None:
    order = bought(world)
    for _ in range(MOST_TRIES):
        say(friend, order, "Nobody Atall")
    assert "said" not in say(friend, order, "Dana Muster").partition("<form")[2]
    assert (told(world).state, told(world).tries) == ("ASKED", MOST_TRIES)


def test_one_address_may_write_only_so_often(world: World, friend: Client) -> None:
    orders = [bought(world, str(n), f"friend{n}@friend.example") for n in range(1, 4)]
    answers = [friend.post(path_of(orders[n % 3]), {"said": "Nobody"}).status_code for n in range(21)]
    assert answers == [303] * 20 + [429]


# --- the advocate answers -----------------------------------------------------------------------------------------


def test_no_changes_nothing_and_the_friend_may_name_another(world: World, friend: Client) -> None:
    dora = enrolled(world.merchant, world.program, "dora@advocate.example", "Dora Zwei")
    order = bought(world)
    say(friend, order, "Dana")
    assert answer(world, "no").status_code == 303
    assert (told(world).state, standing(world)) == ("DENIED", [])
    say(friend, order, "Dana")
    assert told(world).state == "DENIED"  # asked once is asked
    say(friend, order, "Dora Zwei")
    assert (told(world).state, told(world).advocate_id, told(world).answered_at) == ("NAMED", dora.pk, None)


def test_a_question_is_answered_once_and_only_by_who_is_asked(world: World, friend: Client) -> None:
    dora = enrolled(world.merchant, world.program, "dora@advocate.example", "Dora Zwei")
    say(friend, bought(world), "Dana")
    assert answer(world, "yes", advocate=dora).status_code == 404
    assert answer(world, "maybe").status_code == 303
    assert (told(world).state, standing(world)) == ("NAMED", [])
    answer(world, "yes")
    answer(world, "no")
    assert told(world).state == "CONFIRMED"
    assert codes(world) == ["introduction.named", "introduction.confirmed"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [("paused", "advocate_not_active"), ("joined", "advocate_joined_later"), ("bought", "existing_customer")],
)
def test_every_check_still_applies(world: World, friend: Client, change: str, reason: str) -> None:
    advocate, early = world.advocate, world.now - 30 * DAY
    with at_work(world.merchant):
        Program.objects.update(created_at=early, published_at=early)
        Advocate.objects.update(enrolled_at=early)
    if change == "joined":
        advocate = enrolled(world.merchant, world.program, "new@advocate.example", "Newa Neu")
    order = bought(world, placed_at=world.now - DAY)
    say(friend, order, str(advocate.customer.name))
    if change == "bought":
        bought(world, "0", placed_at=world.now - 9 * DAY)
    if change == "paused":
        with at_work(world.merchant) as now:
            pause_advocate(advocate=advocate, by="t", now=now)
    answer(world, "yes", advocate=advocate)
    with at_work(world.merchant):
        order.refresh_from_db()
        assert order.decision["reason"] == reason
        assert not Reward.objects.exists()


def test_evidence_of_the_visit_is_stronger(world: World, friend: Client) -> None:
    dora = enrolled(world.merchant, world.program, "dora@advocate.example", "Dora Zwei")
    order = bought(world)
    say(friend, order, "Dora Zwei")
    answer(world, "yes", advocate=dora)
    token = world.click(at=world.now - DAY)
    world.take(snapshot(world.now, number="1", token=token, as_of=world.now + DAY))
    assert [row[::3] for row in standing(world)] == [("TOKEN", world.advocate.pk)]
    with at_work(world.merchant):
        order.refresh_from_db()
    reasons = {line["by"]: line["reason"] for line in order.decision["considered"]}
    assert reasons == {"TOKEN": "first_touch", "INTRODUCED": "other_touch_won"}


def test_nobody_answers_and_it_ends(world: World, friend: Client) -> None:
    order = bought(world)
    say(friend, order, "Dana")
    late = told(world).expires_at
    with at_work(world.merchant):
        Introduction.objects.update(expires_at=world.now - DAY)
    assert late > world.now
    introductions.sweep(world.merchant.tenant_ref())
    assert (told(world).state, codes(world)[-1]) == ("EXPIRED", "introduction.expired")
    answer(world, "yes")
    assert standing(world) == []


# --- who is asked -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "age", "asked"), [(14, 13, True), (14, 15, False), (0, 1, False), (30, 15, True)])
def test_the_window_is_the_programs(world: World, friend: Client, days: int, age: int, asked: bool) -> None:
    with at_work(world.merchant):
        Program.objects.update(introduction_days=days)
    order = bought(world, placed_at=world.now - age * DAY)
    assert (b"Ask them" in friend.get(path_of(order)).content) == asked
    say(friend, order, "Dana")
    with at_work(world.merchant):
        assert Introduction.objects.exists() == asked


@pytest.mark.parametrize("change", ["referred", "cancelled", "test", "bought"])
def test_whoever_has_nothing_to_say_is_not_asked(world: World, friend: Client, change: str) -> None:
    if change == "bought":
        bought(world, "0", placed_at=world.now - 9 * DAY)
    more: dict[str, Any] = {
        "referred": {"token": world.click()},
        "cancelled": {"cancelled_at": world.now},
        "test": {"test": True},
    }.get(change, {})
    page = friend.get(path_of(bought(world, **more))).content.decode()
    assert "There is nothing left to say" in page
    assert "<form" not in page


def mailed(world: World, order: Order, now: datetime | None = None) -> bool:
    with at_work(world.merchant):
        Introduction.objects.all().delete()
        return ask_by_mail(order=order, now=now or world.now) is not None


def test_the_mail_goes_out_once_where_the_program_wants_it(world: World) -> None:
    bought(world, "0", "a@friend.example")
    assert codes(world) == []
    with at_work(world.merchant):
        Program.objects.update(introduction_mail=True)
    order = bought(world)
    world.take(snapshot(world.now, number="1", as_of=world.now + DAY, country="AT"))
    assert codes(world) == ["introduction.asked"]
    assert not mailed(world, order, world.now + 4 * DAY)  # history is not written to
    assert not mailed(world, bought(world, "2", "b@friend.example", token=world.click()))
    assert not mailed(world, bought(world, "3", placed_at=world.now + DAY / 24))  # no longer new


# --- from the shop's own thank-you page --------------------------------------------------------------------------


def test_a_shop_that_signs_leads_its_buyers_here(world: World, friend: Client) -> None:
    with at_work(world.merchant) as now:
        add_shopify_connection(domain="shop.myshopify.com", secret="shpss_1", by="t", now=now)
    order = bought(world)
    with at_work(world.merchant):
        Order.objects.filter(pk=order.pk).update(platform="shopify", external_id="8123")

    def asked(number: str, secret: str = "shpss_1", slug: str = world.merchant.slug) -> Any:
        signature = hmac.new(secret.encode(), f"who|{number}".encode(), "sha256").hexdigest()
        return friend.get(f"/who/shop/{slug}/{number}/{signature}")

    led = asked("8123")
    assert (led.status_code, led["Location"].rpartition("/who/")[2]) == (302, path_of(order).rpartition("/who/")[2])
    waiting = asked("8124")
    assert (waiting.status_code, waiting["Refresh"], b"One moment" in waiting.content) == (200, "5", True)
    assert {asked("8123", "shpss_2").status_code, asked("8123", slug="nobody").status_code} == {404}
    assert friend.get(f"/who/shop/{world.merchant.slug}/8123/ü").status_code == 404


# --- words --------------------------------------------------------------------------------------------------------


def test_names_are_plain(world: World) -> None:
    assert plain_name("Eve\n<a href=x>") == "Eve a hrefx"
    assert plain_name("https://evil.example Zoë O'Neil-Üçüncü") == "httpsevilexample Zoë O'Neil-Üçüncü"
    assert plain_name("x" * 99) == "x" * 40
    assert [code_in(text) for text in ("abc-12", "two words", "https://a.b/r/ABCDE/", "", "ab")] == [
        "ABC-12", "", "ABCDE", "", ""
    ]  # fmt: skip


def test_a_lost_order_says_nothing(world: World) -> None:
    order = bought(world, paid=False)
    with at_work(world.merchant):
        Order.objects.update(outcome="BLOCKED")
        say_who(order=order, said="Dana", friend_name="", now=world.now)
        assert not Introduction.objects.exists()
