"""The merchant's own lists, and how a program checks its referrals: pages, refusals, what is stored."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from kit.ids import public_id
from merchants.models import Event
from programs.models import Program
from tests.cast import World, at_work
from tests.dashboard.cases import HER_OWN, buys, odd_world
from tests.dashboard.desk import base, owner, text_of
from tests.once import for_a_file
from tracking.models import Breaker, FraudPolicy, ListEntry


def looked_at() -> World:
    world = odd_world()
    buys(world, "1", HER_OWN)
    return world


built, world = for_a_file(looked_at)


@pytest.fixture
def client(world: World) -> Client:
    return owner(world)


def lists(world: World, rest: str = "") -> str:
    return f"{base(world)}/reviews/lists{rest}"


def entries(world: World) -> list[tuple[str, str, str]]:
    with at_work(world.merchant):
        return list(ListEntry.objects.order_by("pk").values_list("list", "field", "pattern"))


def test_lists_are_kept_tried_out_and_taken_off(client: Client, world: World) -> None:
    client.post(lists(world, "/add"), {"to": "BLOCK", "field": "DOMAIN", "pattern": "@Cheats.Example"})
    client.post(lists(world, "/add"), {"to": "TRUST", "field": "EMAIL", "pattern": "*@cheats.example", "note": "Ours"})
    assert entries(world) == [("BLOCK", "DOMAIN", "cheats.example"), ("TRUST", "EMAIL", "*@cheats.example")]
    blocked = text_of(client.get(lists(world), {"this": "eve@mail.cheats.example"}))
    assert "eve@mail.cheats.example is blocked by cheats.example." in blocked
    assert "Nothing on your lists fits" in text_of(client.get(lists(world), {"this": "eve@friend.example"}))
    with at_work(world.merchant):
        entry = ListEntry.objects.get(list="BLOCK")
    client.post(lists(world, f"/{public_id('lst', entry.pk)}/remove"))
    trusted = text_of(client.get(lists(world), {"this": "eve@cheats.example"}))
    assert "is trusted because of *@cheats.example" in trusted


@pytest.mark.parametrize(
    ("field", "pattern", "why"),
    [
        ("EMAIL", "*", "This would fit everybody."),
        ("NETWORK", "300.1.1.1", "Write a network address"),
        ("DOMAIN", "^(a+)+$", "This does not look like what you chose"),
        ("COUNTRY", "", "required"),
    ],
)
def test_what_cannot_be_on_a_list_is_refused(client: Client, world: World, field: str, pattern: str, why: str) -> None:
    answer = client.post(lists(world, "/add"), {"to": "BLOCK", "field": field, "pattern": pattern})
    assert answer.status_code == 422
    assert why in text_of(answer)
    assert entries(world) == []


def checks(world: World, rest: str = "") -> str:
    return f"{base(world)}/programs/{world.program.slug}/checks{rest}"


def filled(client: Client, world: World) -> dict[str, Any]:
    form = client.get(checks(world)).context["form"]
    values = {bound.html_name: bound.value() for bound in form}
    return {name: ("" if value is None else value) for name, value in values.items() if value is not False}


def test_checks_are_saved_with_only_what_differs(client: Client, world: World) -> None:
    told = filled(client, world) | {
        "medium_at": 30,
        "weight_similar_name": 35,
        "breaker_per_hour": "",
        "sample_percent": 5,
    }
    answer = client.post(checks(world, "/save"), told, follow=True)
    assert "Saved. It counts from the next order on." in text_of(answer)
    with at_work(world.merchant):
        policy = FraudPolicy.objects.get(program=world.program)
        assert (policy.medium_at, policy.high_at, policy.weights) == (30, 80, {"SIMILAR_NAME": 35})
        assert (policy.breaker_per_hour, policy.sample_percent, policy.medium_releases) == (None, 5, True)
        event = Event.objects.get(code="program.checks_changed")
        assert event.data == {"changed": ["medium_at", "breaker_per_hour", "sample_percent", "weights"]}


def test_lines_that_cross_are_refused(client: Client, world: World) -> None:
    told = filled(client, world) | {"medium_at": 90, "remind_days": 70}
    answer = client.post(checks(world, "/save"), told)
    assert answer.status_code == 422
    page = text_of(answer)
    assert "This must be more than the points" in page
    assert "This must be later than the reminder." in page
    with at_work(world.merchant):
        assert not FraudPolicy.objects.exists()


def test_the_page_of_checks_says_what_each_needs_and_whether_it_works(client: Client, world: World) -> None:
    page = text_of(client.get(checks(world)))
    assert "Needs the internet address and browser of the order. Not available with this connection" in page
    assert "Works" in page


def test_too_many_at_once_is_shown_and_ended_by_a_person(client: Client, world: World) -> None:
    with at_work(world.merchant) as now:
        program = Program.objects.get(pk=world.program.pk)
        Breaker.objects.update_or_create(program=program, defaults={"tripped_at": now, "counted": 300})
    assert "there were 300 referrals within an hour" in text_of(client.get(checks(world)))
    client.post(checks(world, "/reset"))
    with at_work(world.merchant):
        assert Breaker.objects.get().tripped_at is None
    answer = client.post(checks(world, "/reset"), follow=True)
    assert "Somebody let new ones go on already." in text_of(answer)
