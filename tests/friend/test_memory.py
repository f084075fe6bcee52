"""What a browser remembers of a visit, as the merchant's consent says: nothing, what was agreed to, or always."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from advocates.selectors import main_link
from kit.signing import parse_click_token
from kit.wire import Wire
from merchants.models import Workspace
from programs.models import Program
from programs.rules import CodeSource, Offer
from referral_saas.friend.counting import Book
from referral_saas.lane.application import Lane
from tests.cast import World, a_world, at_work, enrolled
from tests.friend.lanes import ask, django_alone, environ_of
from tests.friend.test_offer_page import clicks, path, token_in

pytestmark = pytest.mark.django_db

A_MONTH = 30 * 86_400


@pytest.fixture
def world() -> World:
    return a_world()


def consent(world: World, mode: str) -> None:
    with at_work(world.merchant):
        Workspace.objects.update(consent=mode)


def test_always_means_a_cookie_with_the_visit_and_nothing_else(world: World, friend: Client) -> None:
    consent(world, Workspace.Consent.ALWAYS)
    page = friend.get(path(world))
    cookie = page.cookies["rs_visit"]
    assert cookie.value == token_in(page)
    assert list(page.cookies) == ["rs_visit"]
    assert (cookie["max-age"], cookie["path"], cookie["samesite"]) == (A_MONTH, "/", "Lax")
    assert (bool(cookie["httponly"]), cookie["domain"]) == (True, "")


def test_who_comes_back_goes_on_with_the_first_touch(world: World, friend: Client) -> None:
    consent(world, Workspace.Consent.ALWAYS)
    first = token_in(friend.get(path(world)))
    again = friend.get(path(world))
    assert token_in(again) == first
    assert not again.cookies


def test_another_advocates_link_is_a_touch_of_its_own_and_the_first_stays(world: World, friend: Client) -> None:
    consent(world, Workspace.Consent.ALWAYS)
    first = token_in(friend.get(path(world)))
    other = enrolled(world.merchant, world.program, "olga@advocate.example", "Olga")
    with at_work(world.merchant):
        link = main_link(other)
    page = friend.get(f"/r/{link.code}")
    found = parse_click_token(token_in(page), keys=settings.CLICK_TOKEN_KEYS)
    assert found is not None
    assert found.link_id == link.pk
    assert not page.cookies
    assert friend.cookies["rs_visit"].value == first
    assert clicks(world) == 2


def test_a_forged_cookie_is_nothing(world: World, friend: Client) -> None:
    consent(world, Workspace.Consent.ALWAYS)
    friend.cookies["rs_visit"] = "v1." + "A" * 22 + "." + "B" * 22 + ".1700000000." + "C" * 22
    page = friend.get(path(world))
    assert page.cookies["rs_visit"].value == token_in(page)


@pytest.mark.parametrize("mode", Workspace.Consent.values)
def test_programs_and_previews_get_no_cookie(world: World, mode: str) -> None:
    consent(world, mode)
    page = Client(headers={"User-Agent": "WhatsApp/2.23.20.0"}).get(path(world))
    assert (page.status_code, bool(page.cookies), "friend-remember" in page.content.decode()) == (200, False, False)


def test_asking_sets_it_only_after_the_friend_agreed(world: World, friend: Client) -> None:
    consent(world, Workspace.Consent.ASK)
    page = friend.get(path(world))
    assert not page.cookies
    assert f'action="{path(world)}/remember"' in page.content.decode()
    answer = friend.post(f"{path(world)}/remember", {"token": token_in(page)})
    assert (answer.status_code, answer["Location"]) == (303, path(world))
    assert answer.cookies["rs_visit"].value == token_in(page)
    back = friend.get(path(world))
    assert (token_in(back), "friend-remember" in back.content.decode()) == (token_in(page), False)


@pytest.mark.parametrize("mode", [Workspace.Consent.NONE, Workspace.Consent.ALWAYS])
def test_agreeing_where_nobody_asked_sets_nothing(world: World, friend: Client, mode: str) -> None:
    consent(world, mode)
    token = world.click()
    assert not friend.post(f"{path(world)}/remember", {"token": token}).cookies


def test_another_sites_form_and_a_forged_token_set_nothing(world: World, friend: Client) -> None:
    consent(world, Workspace.Consent.ASK)
    told = {"token": token_in(friend.get(path(world)))}
    foreign = friend.post(f"{path(world)}/remember", told, headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, bool(foreign.cookies)) == (403, False)
    assert not friend.post(f"{path(world)}/remember", {"token": "v1.a.b.c.d"}).cookies


def straight_to_the_shop() -> World:
    world = a_world(offer=Offer(source=CodeSource.SHOP_CODE, shop_code="HALLO"))
    with at_work(world.merchant):
        Program.objects.update(landing=Program.Landing.REDIRECT, utm={"source": "friends"})
        Workspace.objects.update(verified_hosts=["shop.example"])
    return world


def test_a_link_may_lead_straight_to_the_shop_with_token_code_and_campaign(friend: Client) -> None:
    world = straight_to_the_shop()
    answer = friend.get(path(world))
    found = parse_click_token(answer["Location"].partition("rt=")[2].partition("&")[0], keys=settings.CLICK_TOKEN_KEYS)
    assert found is not None
    assert (answer.status_code, found.link_id) == (302, world.link.pk)
    assert answer["Location"].startswith("https://shop.example/?rt=v1.")
    assert answer["Location"].endswith("&rc=HALLO&utm_source=friends")
    assert not answer.cookies
    assert clicks(world) == 1


def test_a_preview_of_such_a_link_is_a_page_with_open_graph_tags() -> None:
    page = Client(headers={"User-Agent": "WhatsApp/2.23.20.0"}).get(path(straight_to_the_shop()))
    assert (page.status_code, 'property="og:title"' in page.content.decode()) == (200, True)


def test_the_lane_says_the_same(live_redis: Any) -> None:
    world = straight_to_the_shop()
    consent(world, Workspace.Consent.ALWAYS)
    with django_alone() as django:
        lane = Lane(django, Book(Wire(settings.REDIS_URL)))
        first, second = (ask(lane, environ_of(path(world))) for _ in range(2))
    assert first.token != second.token
    for answer in (first, second):
        told = dict(answer.headers)
        assert (answer.status, told["Set-Cookie"].strip().split("; ")[0]) == ("302 Found", f"rs_visit={answer.token}")
        assert f"?rt={answer.token}&rc=HALLO" in told["Location"]
