"""People who come by the places where a shop tells of its program, and how the page of those places reads then."""

from __future__ import annotations

import re

from django.test import Client

from advocates.models import Advocate
from engagement.models import PlaceDay
from tests.cast import World, at_work
from tests.dashboard.desk import base, text_of
from tests.friend.conftest import PHONE
from tests.portal.world import portal
from tests.portal.world import signed_in as let_in


def kit(world: World, rest: str = "") -> str:
    return f"{base(world)}/promote/{world.program.slug}{rest}"


def way_in(world: World, mark: str) -> str:
    return portal(world, f"join/{world.program.slug}/{mark}")


def visitor(agent: str = PHONE) -> Client:
    return Client(headers={"User-Agent": agent})


def joins(world: World, mark: str, email: str = "nora@advocate.example") -> Advocate:
    """Somebody signs up by the address and opens the mailed link."""
    told = {"email": email, "name": "Nora Neu", "accept": "on"}
    assert visitor().post(way_in(world, mark), told).status_code == 303
    with at_work(world.merchant):
        advocate: Advocate = Advocate.objects.get(customer__email=email)
    let_in(world, advocate)
    return advocate


def openings(world: World) -> list[tuple[str, str, int]]:
    with at_work(world.merchant):
        rows = PlaceDay.objects.order_by("place", "staff_link__name")
        return [(row.place, row.staff_link.name if row.staff_link else "", row.opened) for row in rows]


def line(client: Client, world: World, place: str) -> str:
    """One place as the overview shows it."""
    page = client.get(f"{base(world)}/promote").content.decode()
    [row] = re.findall(rf'<tr><th scope="row"><a href="{kit(world)}/{place}">.*?</tr>', page, re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip()


def score(client: Client, world: World) -> str:
    return re.findall(r"\d+ of \d+ places are live", text_of(client.get(f"{base(world)}/promote")))[0]
