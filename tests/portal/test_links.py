"""The advocate's own links: places, codes where the merchant lets them, QR codes and cards."""

from __future__ import annotations

import pytest

from advocates.actions.codes import choose_code
from advocates.models import Link
from advocates.selectors import main_link
from kit.ids import public_id
from merchants.models import Event
from programs.models import Program
from tests.cast import World, at_work, enrolled
from tests.portal.test_pages import counted, text_of
from tests.portal.world import portal, signed_in

pytestmark = pytest.mark.django_db


def own_codes(world: World) -> None:
    with at_work(world.merchant):
        Program.objects.update(own_codes=True)


def link_of(world: World, **named: str) -> Link:
    with at_work(world.merchant):
        found: Link = Link.objects.get(advocate=world.advocate, **named)
        return found


def path(world: World, link: Link, rest: str) -> str:
    return portal(world, f"links/{public_id('lnk', link.pk)}/{rest}")


def test_every_way_to_share_and_every_place_stands_with_what_it_brought(world: World) -> None:
    client = signed_in(world)
    assert client.post(portal(world, "links/add"), {"placement": "podcast"}).status_code == 303
    link = link_of(world, placement="podcast")
    world.click(link)
    text = text_of(client, world, "links")
    for name in ("Your code", "Copied link", "WhatsApp", "E-mail", "QR code", "podcast"):
        assert f"<h3>{name}</h3>" in text
    assert f"/r/{link.code}" in text
    assert "opened once" in text
    assert "Choose a code of your own" not in text


def test_pages_of_links_cost_the_same_with_more_of_them(world: World) -> None:
    client = signed_in(world)
    client.post(portal(world, "links/add"), {"placement": "one"})
    text_of(client, world, "links")
    with counted() as few:
        text_of(client, world, "links")
    for place in ("two", "three"):
        client.post(portal(world, "links/add"), {"placement": place})
    with counted() as more:
        text_of(client, world, "links")
    assert few == more


def test_a_code_is_chosen_only_where_the_merchant_lets_them(world: World) -> None:
    client = signed_in(world)
    assert client.post(portal(world, "links/code"), {"code": "DANA-10"}).status_code == 404
    refused = client.post(portal(world, "links/add"), {"placement": "podcast", "code": "DANA-10"})
    assert refused.status_code == 303  # the field is not there: a code is made
    assert len(link_of(world, placement="podcast").code) == 8
    own_codes(world)
    assert client.post(portal(world, "links/code"), {"code": "nazi88"}).status_code == 422
    assert client.post(portal(world, "links/code"), {"code": "dana 10"}).status_code == 303
    chosen = link_of(world, channel="LINK", placement="", replaced_by=None)
    assert (chosen.code, chosen.is_vanity) == ("DANA-10", True)
    with at_work(world.merchant):
        event = Event.objects.get(code="link.changed")
        assert event.by == f"advocate:{world.advocate.pk}"
    text = text_of(client, world, "links")
    assert f"/r/{world.merchant.slug}/DANA-10" in text
    assert "DANA-10" in text_of(client, world)


def test_a_place_is_taken_out_of_use_and_a_channel_is_not(world: World) -> None:
    client = signed_in(world)
    client.post(portal(world, "links/add"), {"placement": "podcast"})
    link = link_of(world, placement="podcast")
    assert client.post(path(world, link, "retire")).status_code == 303
    assert link_of(world, placement="podcast").retired_for == "hand"
    assert client.post(path(world, link, "retire")).status_code == 404
    assert client.post(path(world, world.link, "retire")).status_code == 404
    assert link_of(world, pk=world.link.pk).retired_at is None


def test_qr_codes_and_cards_of_own_links_alone(world: World) -> None:
    other = enrolled(world.merchant, world.program, email="other@advocate.example")
    with at_work(world.merchant):
        theirs = Link.objects.get(advocate=other)
    client = signed_in(world)
    drawn = client.get(path(world, world.link, "qr.svg"))
    assert (drawn["Content-Type"], drawn["Cache-Control"]) == ("image/svg+xml", "no-store, private")
    cards = client.get(path(world, world.link, "cards")).content.decode()
    assert cards.count('class="print-card"') == 8
    assert "Dana gives you 10% off" in cards
    for rest in ("qr.svg", "cards"):
        assert client.get(path(world, theirs, rest)).status_code == 404
    assert client.post(path(world, theirs, "retire")).status_code == 404


def test_codes_are_tried_a_few_times_an_hour_wherever_they_are_tried(world: World) -> None:
    own_codes(world)
    other = enrolled(world.merchant, world.program, "olga@advocate.example", "Olga")
    with at_work(world.merchant) as now:
        choose_code(link=main_link(other), code="OLGA-10", by="t", now=now)
    client = signed_in(world)
    for number in range(6):
        answer = client.post(portal(world, "links/code"), {"code": "olga-10"}, REMOTE_ADDR=f"192.0.{number}.1")
        assert (answer.status_code, "This code is taken" in answer.content.decode()) == (422, True)
    for place, told in (("links/code", {"code": "free-1"}), ("links/add", {"placement": "podcast", "code": "free-2"})):
        answer = client.post(portal(world, place), told, REMOTE_ADDR="198.51.100.1")
        assert (answer.status_code, "Take a break" in answer.content.decode()) == (429, True)
    with at_work(world.merchant):
        assert main_link(world.advocate) == world.link
    assert client.post(portal(world, "links/add"), {"placement": "podcast"}).status_code == 303
    assert signed_in(world, other).post(portal(world, "links/code"), {"code": "free-1"}).status_code == 303
