"""A robot with a valid answer for every question goes everywhere as everybody, in a full world and in an empty one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from merchants.events import SYSTEM
from merchants.models import Role, User
from programs.actions.setup import choose_preset
from tests.cast import at_work, member, workspace_of
from tests.crawl.robot import Robot
from tests.crawl.world import Full, full_world
from tests.dns import name_server
from tests.portal.world import signed_in

pytestmark = pytest.mark.django_db

#: Forms that rightly write nothing into the database, each with its reason.
QUIET = frozenset(
    {
        "POST /w/:slug/kinds/:public_id/rename",  # the same name again
        "POST /w/:slug/tasks/:public_id",  # the same task again
        "POST /w/:slug/views/:public_id",  # the same name again
        "POST /w/:slug/leads/:public_id/details",  # the same details again
        "POST /w/:slug/leads/:public_id/plan",  # the same plan again
        "POST /w/:slug/programs/:program_slug/checks/save",  # the same points again
        "POST /w/:slug/programs/:program_slug/preview",  # shows the sentences of what is being typed
        "POST /w/:slug/settings/notifications",  # the same choices again
        "POST /w/:slug/connections/:public_key/test",  # asks the other side and says what it answered
        "POST /p/:slug/sign-out",  # the cookie is the session
        "POST /p/:slug/friends/:public_id/answer",  # without either of its buttons it says which to press
        "POST /language",  # of who is nobody of a team a cookie keeps it
        "POST /account/login/",  # wrong password, right answer
        "POST /account/password/reset/",  # the address is nobody's, and nobody is told so
    }
)
#: Answers of 400 or above that a page rightly gives to valid input, each with its reason.
ALLOWED: dict[str, int] = {
    "POST /w/:slug/programs/:program_slug/bonus": 422,  # a second bonus of the same days is refused
    "POST /w/:slug/surprises/new?advocate": 422,  # nobody set this role an allowance
    "POST /w/:slug/payouts/:public_id/results": 422,  # the robot's table is no answer of a bank
}


@pytest.fixture(autouse=True)
def _no_name_server_of_the_world(settings: Any) -> Iterator[None]:
    with name_server() as server:
        settings.DNS_SERVERS = [server.address]
        yield


def robot_for(role: Role, slug: str, before: frozenset[str] = frozenset()) -> Robot:
    client = Client()
    client.force_login(User.objects.get(email=f"{role.lower()}@{slug}.example"))
    return Robot(
        client,
        role=role,
        stays_in=f"/w/{slug}",
        thorough=role == Role.OWNER,
        before=before,
        allowed=ALLOWED,
        quiet=QUIET,
    )


def test_every_role_everywhere_in_a_full_world() -> None:
    """The owner first, who may all that the others may: they follow."""
    full = full_world()
    complaints: list[str] = []
    before: frozenset[str] = frozenset()
    for role in Role:
        robot = robot_for(role, full.slug, before)
        robot.crawl(f"/w/{full.slug}")
        before |= robot.kinds.keys()
        complaints += robot.complaints
        assert len(robot.compared) > 5 or not robot.thorough, "hardly a figure was compared with its rows"
    assert not complaints, "\n".join(["", *sorted(set(complaints))])


def test_advocates_and_friends_everywhere_in_a_full_world() -> None:
    full = full_world()
    complaints = [*advocate_robot(full).complaints, *friend_robot(full).complaints]
    assert not complaints, "\n".join(["", *complaints])


def advocate_robot(full: Full) -> Robot:
    robot = Robot(signed_in(full.world), stays_in=f"/p/{full.slug}/", allowed=ALLOWED, quiet=QUIET)
    robot.crawl(f"/p/{full.slug}/")
    return robot


def friend_robot(full: Full) -> Robot:
    robot = Robot(Client(), stays_in="/r/", allowed=ALLOWED, quiet=QUIET)
    robot.crawl(f"/r/{full.world.link.code}", f"/r/{full.world.link.code}/terms")
    return robot


def test_everybody_everywhere_in_an_empty_workspace() -> None:
    merchant = workspace_of("alice@nordlicht.example", "Leer", sandbox=True)
    complaints: list[str] = []
    for role in Role:
        member(merchant, f"{role.lower()}@{merchant.slug}.example", role)
    before: frozenset[str] = frozenset()
    for role in Role:
        robot = robot_for(role, merchant.slug, before)
        robot.crawl(f"/w/{merchant.slug}")
        before |= robot.kinds.keys()
        complaints += robot.complaints
    assert not complaints, "\n".join(["", *sorted(set(complaints))])


def test_everybody_on_the_way_to_the_first_program() -> None:
    """With a draft there that could be published, so that every step is open."""
    merchant = workspace_of("alice@nordlicht.example", "Unterwegs")
    with at_work(merchant) as now:
        choose_preset(preset="services", by=SYSTEM, now=now)
    complaints: list[str] = []
    before: frozenset[str] = frozenset()
    for role in (Role.OWNER, Role.MARKETER):
        member(merchant, f"{role.lower()}@{merchant.slug}.example", role)
        robot = robot_for(role, merchant.slug, before)
        robot.stays_in = f"/w/{merchant.slug}/setup"
        robot.crawl(f"/w/{merchant.slug}/setup/sell")
        before |= robot.kinds.keys()
        complaints += robot.complaints
    assert not complaints, "\n".join(["", *sorted(set(complaints))])


def test_strangers_see_the_way_in() -> None:
    robot = Robot(Client(), stays_in="/account/", quiet=QUIET)
    robot.crawl("/", "/account/login/", "/account/signup/", "/account/password/reset/")
    assert not robot.complaints, "\n".join(["", *robot.complaints])
