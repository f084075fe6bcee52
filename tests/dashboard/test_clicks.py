"""The list of clicks, what could not be counted, and how long clicks are kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from merchants.models import Workspace
from tests.cast import World, a_world, at_work, live_program
from tests.dashboard.test_workspace_pages import client_of
from tests.once import undone
from tracking.actions.aside import Line, set_aside

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), undone():
        yield a_world()


@pytest.fixture
def world(built: World) -> Iterator[World]:
    with undone():
        yield built


@pytest.fixture
def alice(world: World) -> Client:
    return client_of("alice@nordlicht.example")


def base(world: World) -> str:
    return f"/w/{world.merchant.slug}"


def kept(world: World) -> int | None:
    with at_work(world.merchant):
        return Workspace.objects.get().click_retention_days


def test_the_list_narrows_to_a_programs_clicks_and_to_none_where_it_has_none(world: World, alice: Client) -> None:
    world.click()
    world.click(at=world.now - timedelta(days=9))
    other = live_program(world.merchant, name="Zweites")
    pages = {
        asked: len(alice.get(f"{base(world)}/clicks{asked}").context["page"].rows)
        for asked in ("", f"?program={world.program.slug}", f"?program={other.slug}")
    }
    assert list(pages.values()) == [2, 2, 0]


def test_what_could_not_be_counted_is_told_with_its_reason(world: World, alice: Client) -> None:
    assert "could not be counted" not in alice.get(f"{base(world)}/clicks").content.decode()
    with at_work(world.merchant) as now:
        for number in range(3):
            set_aside(line=Line(f"1-{number}", b"1|x"), reason="unknown_link", now=now)
    shown = alice.get(f"{base(world)}/clicks").content.decode()
    assert "Some clicks could not be counted" in shown
    assert "3 clicks: The link is not one of yours any more." in shown


@pytest.mark.parametrize(("typed", "stored"), [("30", 30), ("400", 400), ("", None)])
def test_how_long_clicks_are_kept_is_stored_and_shown(
    world: World, alice: Client, typed: str, stored: int | None
) -> None:
    alice.post(f"{base(world)}/settings/retention", {"click_retention_days": typed})
    assert kept(world) == stored
    assert f"{stored or 400} days" in alice.get(f"{base(world)}/settings").content.decode()


@pytest.mark.parametrize("typed", ["0", "29", "401", "-1", "99999", "soon", "1.5"])
def test_days_that_cannot_be_are_pointed_at_and_nothing_is_stored(world: World, alice: Client, typed: str) -> None:
    with at_work(world.merchant):
        before = Workspace.objects.values().get()
    answer = alice.post(f"{base(world)}/settings/retention", {"click_retention_days": typed})
    assert (answer.status_code, "click_retention_days" in answer.context["form"].errors) == (422, True)
    with at_work(world.merchant):
        assert Workspace.objects.values().get() == before
