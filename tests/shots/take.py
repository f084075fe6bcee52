"""Takes pictures of the pages, for people to look at: `./run shots`. No part of the suite.

Of every page that an owner can reach in a full workspace, at a desk by day; and of those named in tests/shots/plan.py,
in a full and in an empty one, at a desk and on a phone, by day and at night.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from advocates.models import Customer
from merchants.events import SYSTEM
from merchants.models import SavedView
from programs.actions.setup import choose_preset
from referral_saas.dashboard.paths import public
from tests.cast import PASSWORD, World, a_world, at_work, workspace_of
from tests.crawl.robot import Robot, route_of
from tests.crawl.world import Full, full_world
from tests.dns import name_server
from tests.facts import snapshot
from tests.portal.world import signed_in
from tests.shots.plan import NAMED, SIZES, Shot, beyond_links, every_page, in_all_ways
from tracking.models import Order, Referral

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FOLDER = Path(os.environ.get("SHOTS_DIR", ".shots"))
ONLY = os.environ.get("SHOTS_ONLY", "").split()
#: The window becomes as high as the page, so that what stands at its foot does not lie over the middle.
HIGH, HIGHEST = "() => document.documentElement.scrollHeight", 12_000
MOMENT = "() => document.getAnimations().forEach(each => each.finish())"
#: Frames that would wait until somebody comes near them: asked for again, now, and waited for.
FRAMES = """() => Promise.all([...document.querySelectorAll('iframe[loading=lazy]')].map(frame => {
  const loaded = new Promise(done => frame.addEventListener('load', done, {once: true}));
  frame.loading = 'eager';
  frame.src = frame.src;
  return loaded.then(() => null);
}))"""


@pytest.fixture(autouse=True)
def _believed_to_the_last_picture(settings: Any) -> None:
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 3600


@pytest.fixture(autouse=True)
def _no_name_server_of_the_world(settings: Any) -> Iterator[None]:
    with name_server() as server:
        settings.DNS_SERVERS = [server.address]
        yield


def test_take_pictures(chromium: Any, live_server: Any) -> None:
    full, bare = full_world(), a_world(owner="ella@leer.example", name="Leere Werkstatt")
    begun, new = workspace_of("ben@neu.example", "Unterwegs"), workspace_of("nina@neu.example", "Neu")
    with at_work(begun) as now:
        choose_preset(preset="shop", by=SYSTEM, now=now)
    bare.take(snapshot(bare.now, token=bare.click()), number="1", email="first@friend.example")
    clients = {
        "owner": client_of("alice@nordlicht.example"),
        "owner-of-little": client_of("ella@leer.example"),
        "beginner": client_of("ben@neu.example"),
        "newcomer": client_of("nina@neu.example"),
        "advocate": signed_in(full.world),
        "new-advocate": signed_in(bare),
        "friend": Client(),
    }
    base = f"/w/{full.slug}"
    shots = [
        *in_all_ways(places(full, bare, f"/w/{begun.slug}", f"/w/{new.slug}")),
        *every_page(pages_of(clients["owner"], base), "owner"),
        *beyond(full, base),
    ]
    wanted = [shot for shot in shots if not ONLY or any(part in shot.file for part in ONLY)]
    taken = [
        taken_of(chromium, live_server.url, clients[who], [one for one in wanted if one.who == who]) for who in clients
    ]
    problems = [problem for each in taken for problem in each]
    print(f"\n{len(wanted)} pictures in {FOLDER}/", *problems, sep="\n")
    assert not problems


def client_of(email: str) -> Client:
    """By the password, and by it once more: for the pages that ask who it is before they show anything."""
    client = Client()
    assert client.post("/account/login/", {"login": email, "password": PASSWORD}).status_code == 302
    assert client.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


def pages_of(client: Client, base: str) -> list[tuple[str, str]]:
    """What the robot of the crawl reaches by links, a page of each kind."""
    robot = Walker(client, stays_in=base, thorough=False)
    robot.crawl(base)
    return sorted((route_of(address.partition("?")[0]), address) for address in robot.pages)


def beyond(full: Full, base: str) -> Iterator[Shot]:
    with at_work(full.world.merchant):
        twin = Customer.objects.filter(email__contains="+").earliest("pk")
        return beyond_links(base, full.ids["customer"], public(twin), SavedView.objects.get(is_shared=True).query)


class Walker(Robot):
    """Looks, and sends no form."""

    @cached_property
    def pages(self) -> list[str]:
        """What was a whole page: no file to keep, no part of a page."""
        return []

    def _get(self, address: str) -> Any:
        answer = super()._get(address)
        if answer.status_code == 200 and not answer.streaming and b"<main" in answer.content:
            self.pages.append(address)
        return answer

    def _forms(self, page: Any, address: str) -> None:
        return


def places(full: Full, bare: World, begun: str, new: str) -> dict[tuple[str, str], tuple[str, str]]:
    base, little, ids = f"/w/{full.slug}", f"/w/{bare.merchant.slug}", full.ids
    with at_work(bare.merchant):
        first, order = Referral.objects.get(), Order.objects.get()
        few = {"advocate": public(bare.advocate), "referral": public(first), "order": public(order)}
    found = {
        ("home", "full"): ("owner", base),
        ("home", "empty"): ("newcomer", new),
        ("set-up", "full"): ("beginner", f"{begun}/setup/reward"),
        ("set-up", "empty"): ("newcomer", f"{new}/setup/sell"),
        ("editor", "full"): ("owner", f"{base}/programs/{full.world.program.slug}/edit"),
        ("editor", "empty"): ("beginner", f"{begun}/programs/{_first_draft(begun)}/edit"),
        ("friend-page", "full"): ("friend", f"/r/{full.world.link.code}"),
        ("friend-page", "empty"): ("friend", "/r/nothing-here"),
        ("columns", "full"): ("owner", f"{base}/imports/{ids['import']}"),
        ("portal", "full"): ("advocate", f"/p/{full.slug}/"),
        ("portal", "empty"): ("new-advocate", f"/p/{bare.merchant.slug}/"),
    }
    for name, folder in (("advocate", "advocates"), ("referral", "referrals"), ("order", "orders")):
        found |= {(name, "full"): ("owner", f"{base}/{folder}/{ids[name]}")}
        found |= {(name, "empty"): ("owner-of-little", f"{little}/{folder}/{few[name]}")}
    for name, path in (
        ("reviews", "reviews"),
        ("rewards", "rewards"),
        ("payouts", "payouts"),
        ("import", "customers/import"),
        ("leads", "leads"),
        ("closing", "settings/close"),
    ):
        found |= {(name, "full"): ("owner", f"{base}/{path}"), (name, "empty"): ("newcomer", f"{new}/{path}")}
    assert {name for name, _world in found} == set(NAMED)
    return found


def _first_draft(base: str) -> str:
    from merchants.models import Merchant
    from programs.models import Program

    with at_work(Merchant.objects.get(slug=base.rpartition("/")[2])):
        return str(Program.objects.get().slug)


def taken_of(chromium: Any, base: str, client: Client, shots: list[Shot]) -> list[str]:
    """What could not be taken, and what is wider than the window; each picture shows the whole page."""
    context = chromium.new_context(base_url=base)
    context.add_cookies([{"name": name, "value": each.value, "url": base} for name, each in client.cookies.items()])
    page, problems = context.new_page(), []
    for shot in shots:
        width, height = SIZES[shot.size]
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=shot.scheme)
        answer = page.goto(shot.path)
        if answer is None or answer.status >= 500:
            problems.append(f"{shot.file}: {shot.path} answered {answer and answer.status}")
            continue
        page.evaluate(MOMENT)
        wider = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider > 0:
            problems.append(f"{shot.file}: {wider} pixels too wide")
        page.set_viewport_size({"width": width, "height": min(max(height, page.evaluate(HIGH)), HIGHEST)})
        page.evaluate(FRAMES)
        page.screenshot(path=str(FOLDER / shot.file))
    context.close()
    return problems
