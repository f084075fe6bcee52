"""The promotion kit in a real browser: every page in both themes and widths, previews, copying, and what is printed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engagement.actions.promotion import add_staff_link, note_opened, say_of_place
from engagement.rules.coverage import Place
from engagement.selectors import By
from integrations.heartbeats import note_heartbeat
from merchants.models import Merchant
from tests.cast import World, a_world, at_work, workspace_of
from tests.dashboard.desk import owner, signed_in
from tests.looks import LONG, PICTURES, onlooker

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> World:
    """Some places are live, one is quiet, one was ticked; the shop and a colleague have long names."""
    world = a_world(name="Nordlicht Kaffeerösterei & Söhne")
    with at_work(world.merchant) as now:
        for name in ("Till 2", LONG):
            link = add_staff_link(program=world.program, name=name, by="system", now=now)
            note_opened(program=world.program, by=By(Place.STAFF, link), now=now)
        note_opened(program=world.program, by=By(Place.NEWSLETTER), now=now - timedelta(days=2))
        note_opened(program=world.program, by=By(Place.SOCIAL), now=now - timedelta(days=60))
        note_heartbeat(placement="homepage", page_host="shop.example", now=now)
        say_of_place(place=Place.PHONE, says="DONE", by="system", now=now)
        say_of_place(place=Place.APP_MENU, says="NOT_OURS", by="system", now=now)
    return world


def test_every_page_is_readable(chromium: Any, live_server: Any, world: World) -> None:
    kit = f"promote/{world.program.slug}"
    with onlooker(chromium, live_server.url, owner(world), within=f"/w/{world.merchant.slug}/") as eyes:
        pages = {"promote": "promote", "promote-homepage": f"{kit}/homepage", "promote-chat": f"{kit}/chat"}
        pages |= {"promote-staff": f"{kit}/staff"}
        if PICTURES:
            more = set(Place) - {Place.HOMEPAGE, Place.CHAT, Place.STAFF}
            pages |= {f"promote-{place}": f"{kit}/{place}" for place in more}
        for name, path in pages.items():
            eyes.look(name, path)
        eyes.look("promote-print", f"{kit}/poster/print")
        if PICTURES:
            eyes.page.emulate_media(media="print")
            eyes.page.pdf(path=f"{PICTURES}/poster.pdf", prefer_css_page_size=True)
        eyes.page.emulate_media(media="screen")
        _the_preview_is_drawn(eyes.page, f"/w/{world.merchant.slug}/{kit}/homepage", eyes)
        _what_is_copied_is_what_stands_there(eyes.page, f"/w/{world.merchant.slug}/{kit}/chat", eyes)
    fresh = workspace_of("zoe@neu.example", "Neu")
    zoe = signed_in(Merchant.objects.get(pk=fresh.pk).memberships.get().user)
    with onlooker(chromium, live_server.url, zoe, within=f"/w/{fresh.slug}/") as eyes:
        eyes.look("promote-empty", "promote")


def _the_preview_is_drawn(page: Any, path: str, eyes: Any) -> None:
    """In its own colours although no style stands on an element: the policy let the one sheet through."""
    eyes.go(path)
    for frame in page.frames[1:]:
        frame.wait_for_load_state()
    for number in (0, 1):
        shown = page.frame_locator("iframe").nth(number).get_by_role("link", include_hidden=True)
        assert shown.evaluate("it => getComputedStyle(it).borderRadius") == "6px"


def _what_is_copied_is_what_stands_there(page: Any, path: str, eyes: Any) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    eyes.go(path)
    page.get_by_role("button", name="Copy").first.click()
    page.get_by_text("Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == page.get_by_role("textbox").first.input_value()
