"""Links in the merchant's pages: places, codes, QR codes, landing, consent, and hosts of the merchant's own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from advocates.actions.codes import choose_code
from advocates.models import Link
from kit.ids import public_id
from merchants.models import Event, Host, Workspace
from merchants.selectors import own_host
from programs.actions.edit import save_draft
from programs.actions.lifecycle import publish_program
from programs.models import Program
from programs.rules import CodeSource, Offer
from tests.cast import World, a_world, at_work
from tests.dashboard.desk import as_role, base, owner, text_of
from tests.dns import NameServer, name_server
from tests.friend.conftest import PHONE

WAY = {"destination": "https://shop.example/tea?a=1", "utm_source": "friends", "utm_campaign": "Früh & spät"}


@pytest.fixture
def world(db: None) -> World:
    return a_world()


def link_path(world: World, link: Link | None = None, rest: str = "") -> str:
    return f"{base(world)}/links/{public_id('lnk', (link or world.link).pk)}{rest}"


def codes_of(world: World) -> list[str]:
    with at_work(world.merchant):
        return list(Event.objects.filter(code__startswith="link.").order_by("seq").values_list("code", flat=True))


class TestOneLink:
    def test_a_place_gets_a_link_with_a_code(self, world: World) -> None:
        path = f"{base(world)}/advocates/{public_id('adv', world.advocate.pk)}/links/new"
        client = owner(world)
        assert client.get(path).status_code == 200
        made = client.post(path, {"channel": "LINK", "placement": "podcast", "code": "dana-10"})
        with at_work(world.merchant):
            link = Link.objects.get(placement="podcast")
        assert (made.status_code, made["Location"], link.code) == (302, link_path(world, link), "DANA-10")
        again = client.post(path, {"channel": "LINK", "placement": "podcast", "code": ""})
        assert (again.status_code, "There is a link for this place already." in text_of(again)) == (422, True)
        assert f"/r/{world.merchant.slug}/DANA-10" in client.get(link_path(world, link)).content.decode()
        assert codes_of(world) == ["link.added"]

    def test_its_page_shows_earlier_codes_and_what_they_brought(self, world: World) -> None:
        world.click()
        with at_work(world.merchant) as now:
            chosen = choose_code(link=world.link, code="DANA-10", by="system", now=now)
        text = text_of(owner(world).get(link_path(world, chosen)))
        assert re.search(rf"{world.link.code} Still counts 1 0", text), text
        earlier = text_of(owner(world).get(link_path(world)))
        assert "This code was changed." in earlier
        assert "Change the code" not in earlier

    def test_codes_are_changed_renewed_and_retired(self, world: World) -> None:
        client = owner(world)
        assert client.post(link_path(world, rest="/code"), {"code": "rude fuck"}).status_code == 422
        assert codes_of(world) == []
        for rest, data in (("/code", {"code": "Dana 10"}), ("/renew", {}), ("/retire", {})):
            with at_work(world.merchant):
                link = Link.objects.get(replaced_by=None, retired_at=None)
            assert client.post(link_path(world, link, rest), data).status_code == 302
        with at_work(world.merchant):
            states = [(link.is_vanity, link.retired_for) for link in Link.objects.order_by("created_at")]
        assert states == [(False, ""), (True, ""), (False, "hand"), (False, "")]
        assert codes_of(world) == ["link.changed", "link.changed", "link.retired"]

    def test_it_leads_elsewhere_and_says_what_is_wrong(self, world: World) -> None:
        client, path = owner(world), link_path(world, rest="/way")
        for changes, said in (
            ({"destination": "https://evil.example/"}, "evil.example is not one of your verified shop addresses"),
            ({"utm_source": "eve@friend.example"}, "This looks like a person's address or number."),
        ):
            wrong = client.post(path, {**WAY, **changes})
            assert (wrong.status_code, said in text_of(wrong)) == (422, True)
        assert codes_of(world) == []
        assert client.post(path, WAY).status_code == 302
        with at_work(world.merchant):
            kept = Link.objects.get(pk=world.link.pk)
        assert (kept.destination, kept.utm) == (WAY["destination"], {"source": "friends", "campaign": "Früh & spät"})

    def test_its_qr_code_is_a_drawing_that_does_nothing(self, world: World) -> None:
        drawn = owner(world).get(link_path(world, rest="/qr.svg"))
        assert drawn["Content-Type"] == "image/svg+xml"
        assert drawn["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert drawn["Cache-Control"] == "no-store, private"
        assert drawn.content.startswith(b"<svg")
        assert b"style=" not in drawn.content
        saved = owner(world).get(link_path(world, rest="/qr.svg?download"))
        assert saved["Content-Disposition"] == f'attachment; filename="qr-{world.link.code.lower()}.svg"'

    def test_cards_stand_several_on_a_sheet(self, world: World) -> None:
        for asked, count in (("", 8), ("?cards=2", 2), ("?cards=1", 1), ("?cards=900", 8), ("?cards=x", 8)):
            page = owner(world).get(link_path(world, rest=f"/cards{asked}")).content.decode()
            assert page.count('class="print-card"') == count
        assert "Advertisement" in page
        assert "style=" not in page

    def test_who_may_only_look_changes_nothing(self, world: World) -> None:
        analyst = as_role(world, "ANALYST")
        page = analyst.get(link_path(world))
        shown = page.content.decode().partition("<main")[2].partition("</main>")[0]
        assert (page.status_code, "<form" in shown) == (200, False)
        for rest in ("/code", "/renew", "/way", "/retire"):
            assert analyst.post(link_path(world, rest=rest), {"code": "DANA-10"}).status_code == 404
        assert codes_of(world) == []


class TestLanding:
    def path(self, world: World) -> str:
        return f"{base(world)}/programs/{world.program.slug}/links"

    def shop_wide(self, world: World) -> None:
        with at_work(world.merchant) as now:
            offer = Offer(source=CodeSource.SHOP_CODE, shop_code="FRIENDS")
            terms = replace(world.program.draft_terms, offer=offer)
            ways = {"name": "Freunde", "auto_enrol": "OFF", "self_sign_up": True}
            save_draft(program=world.program, terms=terms, **ways, by="system", now=now)
            publish_program(program=world.program, by="system", now=now)

    def test_all_of_it_is_saved_and_told(self, world: World) -> None:
        client = owner(world)
        assert client.get(self.path(world)).status_code == 200
        assert client.post(self.path(world), {**WAY, "landing": "PAGE", "own_codes": "on"}).status_code == 302
        with at_work(world.merchant):
            program = Program.objects.get(pk=world.program.pk)
            assert (program.landing, program.destination, program.own_codes) == ("PAGE", WAY["destination"], True)
            event = Event.objects.get(code="program.links_changed")
            assert event.data == {"fields": ["destination", "utm", "own_codes"]}
        client.post(self.path(world), {**WAY, "landing": "PAGE", "own_codes": "on"})
        with at_work(world.merchant):
            assert Event.objects.filter(code="program.links_changed").count() == 1

    def test_a_code_of_ones_own_needs_a_page(self, world: World) -> None:
        client = owner(world)
        refused = client.post(self.path(world), {"landing": "REDIRECT"})
        assert (refused.status_code, "there must be a page that shows it" in text_of(refused)) == (422, True)
        self.shop_wide(world)
        assert client.post(self.path(world), {"landing": "REDIRECT"}).status_code == 302
        with at_work(world.merchant):
            assert Program.objects.get(pk=world.program.pk).landing == "REDIRECT"

    def test_the_friend_is_led_there_with_token_and_campaign(self, world: World) -> None:
        owner(world).post(self.path(world), {**WAY, "landing": "PAGE"})
        with at_work(world.merchant):
            Link.objects.filter(pk=world.link.pk).update(utm={"source": "podcast"})
        friend = Client(headers={"User-Agent": PHONE})
        page = friend.get(f"/r/{world.link.code}").content.decode()
        [token] = re.findall(r'name="token" value="([^"]+)"', page)
        offer = friend.get(friend.post(f"/r/{world.link.code}", {"token": token})["Location"]).content.decode()
        [way] = re.findall(r'href="(https://shop\.example/tea[^"]+)"', offer)
        assert way.startswith(f"https://shop.example/tea?a=1&amp;rt={token}&amp;rc=")
        assert way.endswith("&amp;utm_source=podcast&amp;utm_campaign=Fr%C3%BCh+%26+sp%C3%A4t")


def test_consent_is_chosen_and_told(world: World) -> None:
    client, path = owner(world), f"{base(world)}/settings/consent"
    assert "No cookie at all" in text_of(client.get(path))
    for consent in ("ASK", "ASK", "ALWAYS"):
        assert client.post(path, {"consent": consent}).status_code == 302
    assert client.post(path, {"consent": "PERHAPS"}).status_code == 422
    with at_work(world.merchant):
        assert Workspace.objects.get().consent == "ALWAYS"
        told = Event.objects.filter(code="workspace.consent_changed").order_by("seq")
        assert [event.data for event in told] == [
            {"consent": "ASK", "before": "NONE"},
            {"consent": "ALWAYS", "before": "ASK"},
        ]
    assert as_role(world, "MARKETER").post(path, {"consent": "NONE"}).status_code == 404


class TestHosts:
    @pytest.fixture
    def names(self, settings: Any, live_redis: Any) -> Iterator[NameServer]:
        with name_server() as server:
            settings.DNS_SERVERS = [server.address]
            yield server

    def test_added_shown_checked_and_removed(self, transactional_db: None, names: NameServer) -> None:
        world = a_world()
        client, path = owner(world), f"{base(world)}/settings/hosts"
        assert client.post(f"{path}/new", {"host": "Friends.Nordlicht.example"}).status_code == 302
        with at_work(world.merchant):
            host = Host.objects.get()
        page = client.get(path).content.decode()
        assert 'value="_referral.friends.nordlicht.example"' in page
        assert f'value="referral-verification={host.challenge}"' in page
        check = f"{path}/{public_id('hst', host.pk)}/check"
        assert "There is no such TXT record yet." in text_of(client.post(check, follow=True))
        names.texts["_referral.friends.nordlicht.example"] = [f"referral-verification={host.challenge}"]
        assert "friends.nordlicht.example is yours." in text_of(client.post(check, follow=True))
        door = own_host("friends.nordlicht.example")
        assert door is not None
        assert door.merchant_id == world.merchant.pk
        there = Client(headers={"User-Agent": PHONE, "Host": "friends.nordlicht.example"})
        assert there.get(f"/{world.link.code}").status_code == 200
        assert client.post(f"{path}/{public_id('hst', host.pk)}/remove").status_code == 302
        assert there.get(f"/{world.link.code}").status_code == 400

    def test_a_second_address_of_the_shop(self, transactional_db: None, names: NameServer) -> None:
        world = a_world()
        client, path = owner(world), f"{base(world)}/settings/shops"
        assert "Write the address like" in text_of(client.post(f"{path}/new", {"host": "nordlicht"}))
        assert client.post(f"{path}/new", {"host": "shop.nordlicht.at"}).status_code == 302
        with at_work(world.merchant):
            host = Host.objects.get()
        assert "CNAME" not in text_of(client.get(path))
        assert "shop.nordlicht.at" not in text_of(client.get(f"{base(world)}/settings/hosts"))
        names.texts["_referral.shop.nordlicht.at"] = [f"referral-verification={host.challenge}"]
        check = f"{base(world)}/settings/hosts/{public_id('hst', host.pk)}/check"
        assert "Links may lead there from now on." in text_of(client.post(check, follow=True))
        links = f"{base(world)}/programs/{world.program.slug}/links"
        told = {"landing": "PAGE", "destination": "https://shop.nordlicht.at/tea", "own_codes": "on"}
        assert client.post(links, told).status_code == 302
        assert client.post(check.replace("check", "remove")).status_code == 302
        assert client.post(links, told).status_code == 422

    def test_what_is_no_host_is_told(self, world: World) -> None:
        client, path = owner(world), f"{base(world)}/settings/hosts/new"
        for typed, said in (
            ("nordlicht", "Write the address like"),
            ("testserver.", ""),
            ("a.localhost", "a host of yours"),
        ):
            refused = client.post(path, {"host": typed})
            assert (refused.status_code, said in text_of(refused)) == (422, True)
        with at_work(world.merchant):
            assert not Host.objects.exists()
        assert as_role(world, "MARKETER").post(path, {"host": "friends.nordlicht.example"}).status_code == 404
