"""Links, landing, consent and own hosts in a real browser: the merchant's pages and the advocate's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from advocates.actions.codes import add_link, choose_code
from advocates.models import Customer
from kit.clock import database_now
from kit.ids import public_id
from merchants.actions.hosts import add_host
from merchants.models import Door, Host
from programs.models import Program
from tests.cast import World, a_world, at_work
from tests.dashboard.desk import owner
from tests.looks import LONG, PICTURES, onlooker
from tests.portal.world import portal, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def world() -> World:
    world = a_world()
    world.click()
    with at_work(world.merchant) as now:
        Program.objects.update(own_codes=True, utm={"source": "friends"})
        Customer.objects.filter(pk=world.advocate.customer_id).update(name=LONG)
        add_link(advocate=world.advocate, channel="LINK", placement="Podcast über Kaffee", by="system", now=now)
        world.link = choose_code(link=world.link, code="DANA-10", by="system", now=now)
        since = database_now() - timedelta(days=2)
        for number, state in enumerate(("WAITING", "VERIFIED", "VERIFIED", "LOST")):
            host = add_host(host=f"friends{number}.nordlicht.example", by="system", now=now)
            host.state, host.checked_at = state, since
            host.verified_at = None if state == "WAITING" else since
            host.missing = "" if number == 1 else "absent"
            host.failing_since = since if number > 1 else None
            host.lost_at = since if state == "LOST" else None
            host.save()
            if state != "WAITING":
                Door.objects.create(kind=Door.Kind.HOST, key=host.host, merchant=world.merchant, object_id=host.pk)
        add_host(host="shop.nordlicht.at", use=Host.Use.SHOP, by="system", now=now)
    return world


def test_every_page_is_readable(chromium: Any, live_server: Any, world: World) -> None:
    link = f"links/{public_id('lnk', world.link.pk)}"
    advocate = f"advocates/{public_id('adv', world.advocate.pk)}"
    with onlooker(chromium, live_server.url, owner(world), within=f"/w/{world.merchant.slug}/") as eyes:
        for name, path in {
            "link": link,
            "link-cards": f"{link}/cards",
            "link-new": f"{advocate}/links/new",
            "advocate": advocate,
            "consent": "settings/consent",
            "hosts": "settings/hosts",
            "shops": "settings/shops",
        }.items():
            eyes.look(name, path)
        eyes.go(f"programs/{world.program.slug}/links")
        eyes.page.get_by_label("Your shop at once").check()
        eyes.press("Save")
        eyes.inspect("program-links-refused")
    with onlooker(chromium, live_server.url, signed_in(world)) as eyes:
        eyes.look("portal-links", portal(world, "links"))
        eyes.look("portal-cards", portal(world, f"{link}/cards"))
        eyes.page.emulate_media(media="print")
        assert not eyes.page.get_by_role("button", name="Print").is_visible()
        assert not eyes.page.get_by_role("navigation").first.is_visible()
        if PICTURES:
            eyes.page.pdf(path=f"{PICTURES}/cards.pdf", prefer_css_page_size=True)
    with at_work(world.merchant):
        Host.objects.all().delete()
    with onlooker(chromium, live_server.url, owner(world), within=f"/w/{world.merchant.slug}/") as eyes:
        eyes.look("hosts-none", "settings/hosts")
