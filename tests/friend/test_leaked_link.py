"""A link that was replaced because it had leaked: what strangers meet, and what friends from before still can do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from advocates.actions.rotation import rotate_link, undo_rotation
from advocates.models import Link
from tests.cast import World, a_world, at_work
from tests.friend.test_offer_page import claims, clicks, path, token_in
from tracking.models import Claim

pytestmark = pytest.mark.django_db

EVE = {"email": "eve@friend.example", "name": "Eve", "tell": ""}


@pytest.fixture
def world() -> World:
    return a_world()


def rotate(world: World) -> Link:
    with at_work(world.merchant) as now:
        return rotate_link(link=world.link, by="system", now=now)


def test_strangers_meet_a_kind_page_and_are_not_counted(world: World, friend: Client) -> None:
    new = rotate(world)
    page = friend.get(path(world))
    text = page.content.decode()
    assert (page.status_code, token_in(page)) == (410, "")
    assert "There is a new link" in text
    assert "Ask whoever sent it to you for the new one." in text
    assert new.code not in text
    assert clicks(world) == 0
    assert token_in(friend.get(f"/r/{new.code}")) != ""


def test_who_had_opened_it_before_still_gets_the_offer(world: World, friend: Client) -> None:
    token = token_in(friend.get(path(world)))
    rotate(world)
    answer: Any = friend.post(path(world), {**EVE, "token": token})
    assert (answer.status_code, "Look into your mail" in answer.content.decode()) == (200, True)
    [claim] = claims(world)
    assert (claim.link_id, claim.state) == (world.link.pk, "ISSUED")


def test_without_a_visit_from_before_nothing_is_claimed(world: World, friend: Client) -> None:
    rotate(world)
    for token in ("", "v1.nonsense", world.click(at=world.now + timedelta(minutes=1))):
        assert friend.post(path(world), {**EVE, "token": token}).status_code == 410
    with at_work(world.merchant):
        assert not Claim.objects.exists()


def test_after_an_undo_both_links_answer(world: World, friend: Client) -> None:
    new = rotate(world)
    with at_work(world.merchant) as now:
        undo_rotation(link=world.link, by="system", now=now)
    assert token_in(friend.get(path(world)))
    assert token_in(friend.get(f"/r/{new.code}"))
