"""Which pictures `./run shots` takes: the named ones in all eight ways, every page once."""

from __future__ import annotations

from ops.verbs import HOMES
from tests.shots.plan import NAMED, WORLDS, beyond_links, every_page, file_name, in_all_ways


def test_the_named_ones_are_taken_in_all_eight_ways_by_whoever_may_see_them() -> None:
    places = {(name, world): (f"{world}-{name[0]}", f"/{name}") for name in NAMED for world in WORLDS}
    shots = list(in_all_ways(places))
    assert len(NAMED) == 15
    assert len(shots) == len({shot.file for shot in shots}) == 15 * 8
    assert {(shot.who, shot.path) for shot in shots} == set(places.values())
    assert "named/friend-page-phone-dark-empty.png" in {shot.file for shot in shots}


def test_a_page_of_each_kind_is_taken_once() -> None:
    kinds = [("/w/:slug", "/w/a"), ("/w/:slug/orders/:public_id", "/w/a/orders/1"),
             ("/w/:slug/orders/:public_id", "/w/a/orders/2"), ("/w/:slug/team/new", "/w/a/team/new")]  # fmt: skip
    shots = list(every_page(kinds, "owner"))
    assert [(shot.file, shot.path) for shot in shots] == [
        ("pages/home.png", "/w/a"),
        ("pages/orders-one.png", "/w/a/orders/1"),
        ("pages/team-new.png", "/w/a/team/new"),
    ]
    assert file_name("/w/:slug/programs/:program_slug/codes/:purpose") == "programs-one-codes-one"


def test_what_no_link_leads_to_is_taken_too() -> None:
    shots = {shot.name: shot.path for shot in beyond_links("/w/a", "cus_1", "cus_2", "outcome=x")}
    assert shots["account-delete"] == "/account/delete/"
    assert shots["customers-one-merge-preview"] == "/w/a/customers/cus_1/merge?with=cus_2"
    assert {path for name, path in shots.items() if name in {"search-found", "orders-view"}} == {
        "/w/a/search?q=dana",
        "/w/a/orders?outcome=x",
    }


def test_the_verb_is_there() -> None:
    assert HOMES["shots"] == ("ops.testing", "shots")
