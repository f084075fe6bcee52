"""Which pictures are taken of which pages: every page once, and those that matter most in all eight ways."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

SIZES = {"desktop": (1440, 900), "phone": (390, 844)}
SCHEMES = ("light", "dark")
WORLDS = ("full", "empty")
#: What is called by these names is looked at in all ways.
NAMED = (
    "home",
    "set-up",
    "editor",
    "advocate",
    "referral",
    "order",
    "reviews",
    "rewards",
    "payouts",
    "import",
    "friend-page",
    "portal",
    "leads",
    "columns",
    "closing",
)


@dataclass(frozen=True)
class Shot:
    """``who`` looks: a browser of that name is signed in as somebody, or as nobody."""

    name: str
    path: str
    who: str
    size: str = "desktop"
    scheme: Any = "light"
    world: str = "full"
    folder: str = "pages"

    @property
    def file(self) -> str:
        ways = f"-{self.size}-{self.scheme}-{self.world}" if self.folder == "named" else ""
        return f"{self.folder}/{self.name}{ways}.png"


def in_all_ways(places: dict[tuple[str, str], tuple[str, str]]) -> Iterator[Shot]:
    """``places``: (name, world) -> (who, path). Ordered so that a window seldom changes."""
    for (world, who), size, scheme in product(
        sorted({(key[1], place[0]) for key, place in places.items()}), SIZES, SCHEMES
    ):
        for (name, of_world), (its, path) in places.items():
            if (of_world, its) == (world, who):
                yield Shot(name, path, who, size, scheme, world, "named")


def every_page(addresses: Iterable[tuple[str, str]], who: str) -> Iterator[Shot]:
    """One picture of each kind of page, by the name of its route: (route, address)."""
    seen: set[str] = set()
    for route, address in addresses:
        name = file_name(route)
        if name not in seen:
            seen.add(name)
            yield Shot(name, address, who)


def beyond_links(base: str, person: str, twin: str, view: str) -> Iterator[Shot]:
    """What the robot reaches by no link: answers to what somebody typed or chose, and one's own account.

    ``view``: what a kept view asks of the list of orders.
    """
    for name, path in (
        ("search-found", f"{base}/search?q=dana"),
        ("orders-view", f"{base}/orders?{view}"),
        ("customers-one-merge-found", f"{base}/customers/{person}/merge?q=eve"),
        ("customers-one-merge-preview", f"{base}/customers/{person}/merge?with={twin}"),
        ("account-delete", "/account/delete/"),
    ):
        yield Shot(name, path, "owner")


def file_name(route: str) -> str:
    """/w/:slug/orders/:public_id -> orders-one."""
    parts = [part for part in route.strip("/").split("/")[2:] if part]
    named = ["one" if part.startswith(":") else re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-") for part in parts]
    return "-".join(named) or "home"
