"""The menu: which places each role sees, and what is marked."""

from __future__ import annotations

from merchants.models import Role
from referral_saas.dashboard.menu import navigation


def seen(role: str, path: str) -> list[tuple[str, str, bool, list[tuple[str, bool]]]]:
    """Of each entry: label, address, whether it is open, and the places listed beneath with the open one."""
    return [
        (str(item.label), item.url, item.current, [(str(place.label), place.current) for place in item.places])
        for item in navigation("shop", role, f"/w/shop{path}")
    ]


def test_only_the_places_beside_the_open_page_are_listed() -> None:
    assert seen(Role.OWNER, "/customers/cus_1") == [
        ("Home", "/w/shop", False, []),
        ("Programs", "/w/shop/programs", False, []),
        (
            "People",
            "/w/shop/advocates",
            True,
            [("Advocates", False), ("Customers", True), ("Tasks", False), ("Find a person", False)],
        ),
        ("Referrals", "/w/shop/referrals", False, []),
        ("Money", "/w/shop/rewards", False, []),
        ("Reviews", "/w/shop/reviews", False, []),
        ("Promote", "/w/shop/promote", False, []),
        ("Settings", "/w/shop/settings", False, []),
    ]


def test_home_is_open_on_home_alone() -> None:
    assert [entry[2] for entry in seen(Role.OWNER, "/")] == [True] + [False] * 7
    assert [entry[2] for entry in seen(Role.OWNER, "/nowhere")] == [False] * 8


def test_pages_at_other_addresses_stand_where_they_are_reached_from() -> None:
    for path, entry, place in (
        ("/links/lnk_1", 2, "Advocates"),
        ("/clicks", 3, "Referrals"),
        ("/claims", 3, "Referrals"),
    ):
        _label, _url, is_open, places = seen(Role.OWNER, path)[entry]
        assert is_open
        assert [label for label, is_it in places if is_it] == [place]


def test_places_a_role_may_not_open_are_absent() -> None:
    listed = {role: [label for label, _is_open in seen(role, "/rewards")[4][3]] for role in Role}
    assert [role for role in Role if "Payouts" in listed[role]] == [Role.OWNER, Role.ADMIN, Role.FINANCE]
    assert listed[Role.MARKETER] == ["Rewards", "Calendar", "Surprise desk", "Kinds and stock", "Ledger"]
