"""Every case in which a friend cannot have the offer has a page of its own: why, and what now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from advocates.actions.standing import ban_advocate, pause_advocate
from kit.days import local_date
from merchants.events import SYSTEM
from programs.actions.lifecycle import end_program, pause_program, resume_program
from programs.models import PoolCode
from programs.rules import CodeSource, Offer
from tests.cast import World, a_world, at_work, enrolled
from tests.facts import snapshot
from tests.friend.test_offer_page import claims, clicks, path, token_in
from tests.portal.world import signed_in
from tracking.models import Claim

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return a_world()


def posted(world: World, friend: Client, **told: str) -> Any:
    return friend.post(path(world), {"token": token_in(friend.get(path(world))), **told})


def test_paused_program_says_so_and_comes_back(world: World, friend: Client) -> None:
    with at_work(world.merchant) as now:
        pause_program(program=world.program, by=SYSTEM, now=now)
    page = friend.get(path(world))
    assert (page.status_code, "taking a break" in page.content.decode()) == (200, True)
    assert clicks(world) == 0
    with at_work(world.merchant) as now:
        resume_program(program=world.program, by=SYSTEM, now=now)
    assert "taking a break" not in friend.get(path(world)).content.decode()


def test_program_paused_between_page_and_press_claims_nothing(world: World, friend: Client) -> None:
    token = token_in(friend.get(path(world)))
    with at_work(world.merchant) as now:
        pause_program(program=world.program, by=SYSTEM, now=now)
    assert "taking a break" in friend.post(path(world), {"token": token}).content.decode()
    assert claims(world) == []


def test_ended_program_is_gone(world: World, friend: Client) -> None:
    with at_work(world.merchant) as now:
        end_program(program=world.program, by=SYSTEM, now=now)
    page = friend.get(path(world))
    assert (page.status_code, "This offer is over" in page.content.decode()) == (410, True)


def test_program_that_begins_later_names_the_day(friend: Client) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        tomorrow = local_date(cursor.fetchone()[0], "Europe/Berlin") + timedelta(days=3)
    page = friend.get(path(a_world(starts_on=tomorrow.isoformat())))
    assert page.status_code == 200
    assert f"It begins on {tomorrow.day} {tomorrow:%B %Y}." in page.content.decode()


@pytest.mark.parametrize("stop", [pause_advocate, ban_advocate])
def test_link_of_a_stopped_advocate_is_no_longer_in_use(world: World, friend: Client, stop: Any) -> None:
    with at_work(world.merchant) as now:
        stop(advocate=world.advocate, by=SYSTEM, now=now)
    page = friend.get(path(world))
    assert (page.status_code, "no longer in use" in page.content.decode()) == (410, True)
    assert "paused" not in page.content.decode()


def test_own_link_is_known_by_the_portal_session(world: World) -> None:
    advocate = signed_in(world)
    page = advocate.get(path(world))
    assert (page.status_code, "This is your own link" in page.content.decode()) == (200, True)
    assert clicks(world) == 0
    answer = advocate.post(path(world), {"token": world.click()})
    assert (answer.status_code, claims(world)) == (409, [])


def test_somebody_elses_session_is_just_a_friend(world: World) -> None:
    other = enrolled(world.merchant, world.program, "olga@advocate.example", "Olga")
    assert "own link" not in signed_in(world, other).get(path(world)).content.decode()


def test_empty_pool_is_a_kind_page_and_the_claim_waits(world: World, friend: Client) -> None:
    with at_work(world.merchant):
        for code in PoolCode.objects.filter(pool__purpose="OFFER", taken_for=None):
            code.taken_for, code.taken_at = code.pk, world.now
            code.save()
    answer = posted(world, friend)
    assert (answer.status_code, "No code is left" in answer.content.decode()) == (503, True)
    assert [claim.state for claim in claims(world)] == [Claim.State.REFUSED]


def test_used_code_says_so(world: World, friend: Client) -> None:
    page = posted(world, friend)["Location"]
    (claim,) = claims(world)
    world.take(snapshot(world.now + timedelta(minutes=1), codes=[(claim.code, 1000)]))
    assert "Your code has been used" in friend.get(page).content.decode()


def test_shop_wide_code_is_shown_to_everybody(friend: Client) -> None:
    world = a_world(offer=Offer(source=CodeSource.SHOP_CODE, shop_code="WILLKOMMEN"))
    assert "WILLKOMMEN" in friend.get(posted(world, friend)["Location"]).content.decode()
