"""Links over the API: made per place, changed, retired, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from advocates.actions.standing import pause_advocate
from advocates.models import Link
from kit.ids import public_id
from merchants.models import Event
from tests.api.conftest import Shop, key_of
from tests.cast import World, a_world, at_work
from tests.rows import rows_of

PODCAST = {
    "placement": "podcast",
    "code": "dana-10",
    "destination": "https://shop.example/tea?a=1",
    "utm": {"source": "podcast"},
}


def path(world: World) -> str:
    return f"advocates/{public_id('adv', world.advocate.pk)}/links"


def one(link: Link) -> str:
    return f"links/{public_id('lnk', link.pk)}"


def test_a_link_for_a_place_is_made_listed_changed_and_retired(shop: Shop, world: World) -> None:
    made = shop.post(path(world), PODCAST)
    told = made.json()
    assert (made.status_code, told["code"], told["channel"]) == (201, "DANA-10", "LINK")
    assert told["link"].endswith(f"/r/{world.merchant.slug}/DANA-10")
    assert (told["destination"], told["utm"]) == (PODCAST["destination"], PODCAST["utm"])
    assert [row["code"] for row in shop.get(path(world)).json()["data"]] == ["DANA-10", world.link.code]
    changed = shop.post(f"links/{told['id']}", {"code": "dana-20"}).json()
    assert (changed["code"], changed["destination"], changed["utm"]) == ("DANA-20", told["destination"], told["utm"])
    assert shop.get(f"links/{told['id']}").json()["replaced_by"] == changed["id"]
    bare = shop.post(f"links/{changed['id']}", {"destination": "", "utm": {}}).json()
    assert (bare["destination"], bare["utm"]) == (None, {})
    gone = shop.delete(f"links/{changed['id']}").json()
    assert (gone["shown"], gone["retired"]["retired_at"] is None) == (None, False)
    with at_work(world.merchant):
        codes = Event.objects.filter(code__startswith="link.").order_by("seq").values_list("code", flat=True)
        assert list(codes) == ["link.added", "link.changed", "link.changed", "link.changed", "link.retired"]


def test_retiring_a_channels_own_link_gives_the_next(shop: Shop, world: World) -> None:
    told = shop.delete(one(world.link)).json()
    assert told["retired"]["id"] == public_id("lnk", world.link.pk)
    assert told["shown"]["code"] not in {world.link.code, None}
    assert told["retired"]["replaced_by"] == told["shown"]["id"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"placement": ""}, "placement"), ({"placement": None}, "placement"), ({"channel": "FAX"}, "channel"),
        ({"code": "support"}, "code"), ({"code": "a"}, "code"),
        ({"destination": "https://evil.example/"}, "destination"),
        ({"destination": "javascript:alert(1)"}, "destination"),
        ({"utm": {"source": "eve@friend.example"}}, "utm.source"),
        ({"utm": {"who": "x"}}, "utm.who"), ({"utm": "x"}, "utm"), ({"utm_source": "x"}, "utm_source"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_whole(changes: dict[str, Any], field: str, shop: Shop, world: World) -> None:
    before = rows_of(world.merchant)
    answer = shop.post(path(world), {**PODCAST, **changes})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, field)
    assert rows_of(world.merchant) == before


def test_a_code_of_another_link_or_of_the_shop_is_taken(shop: Shop, world: World) -> None:
    before = rows_of(world.merchant)
    for code in (world.link.code, "FREUNDE-OFFER-1"):
        answer = shop.post(path(world), {**PODCAST, "code": code})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "code")
    assert rows_of(world.merchant) == before


def test_a_paused_advocate_gets_no_new_link(shop: Shop, world: World) -> None:
    with at_work(world.merchant) as now:
        pause_advocate(advocate=world.advocate, by="system", now=now)
    before = rows_of(world.merchant)
    answer = shop.post(path(world), PODCAST)
    assert (answer.status_code, answer.json()["code"]) == (422, "not_active")
    assert rows_of(world.merchant) == before


def test_another_merchant_finds_no_link(shop: Shop, world: World) -> None:
    other = a_world(owner="charlie@halcyon.example", name="Halcyon")
    theirs = Shop(key_of(other.merchant))
    assert theirs.get(path(world)).status_code == 404
    assert theirs.post(path(world), PODCAST).status_code == 404
    for call in (theirs.get, theirs.post, theirs.delete):
        assert call(one(world.link)).status_code == 404
