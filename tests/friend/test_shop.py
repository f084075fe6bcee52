"""Where a friend is sent: pure, so every case stands here."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from referral_saas.friend.shop import Route, Shop, way_to_shop

PLAIN = Shop("https://shop.example/", ("shop.example", "blog.shop.example"), False)
SHOPIFY = Shop("https://shop.example/", ("shop.example", "blog.shop.example"), True)
TOKEN = "v1.abc-_.def.1.mac"


def test_the_shops_front_door_with_the_token_and_the_code() -> None:
    assert way_to_shop(PLAIN, token=TOKEN, code="A B&c") == f"https://shop.example/?rt={TOKEN}&rc=A+B%26c"
    assert way_to_shop(PLAIN, token="") == "https://shop.example/"


def test_a_destination_keeps_its_own_parameters_and_fragment() -> None:
    way = way_to_shop(PLAIN, Route("https://shop.example/tea?size=2&utm_source=own#top"), token=TOKEN)
    assert way == f"https://shop.example/tea?size=2&utm_source=own&rt={TOKEN}#top"


def test_campaign_parameters_come_last_and_never_over_the_merchants_own() -> None:
    route = Route("https://shop.example/tea?utm_source=own", (("source", "friends"), ("campaign", "Früh & spät")))
    asked = parse_qs(urlsplit(way_to_shop(PLAIN, route, token=TOKEN)).query)
    assert asked == {"utm_source": ["own"], "rt": [TOKEN], "utm_campaign": ["Früh & spät"]}


def test_a_token_in_the_shops_own_address_never_beats_the_friends() -> None:
    shop = Shop("https://shop.example/?rt=old&r%63=OLD&a=1", ("shop.example",), False)
    assert way_to_shop(shop, token=TOKEN, code="NEW") == f"https://shop.example/?a=1&rt={TOKEN}&rc=NEW"


def test_shopify_puts_the_code_into_the_cart_and_goes_on_to_the_destination() -> None:
    assert way_to_shop(SHOPIFY, token=TOKEN, code="A/B") == (
        f"https://shop.example/discount/A%2FB?redirect=%2F%3Frt%3D{TOKEN}%26rc%3DA%252FB"
    )
    way = way_to_shop(SHOPIFY, Route("https://shop.example/tea?a=1", (("source", "x"),)), token=TOKEN, code="AB")
    [redirect] = parse_qs(urlsplit(way).query)["redirect"]
    assert redirect == f"/tea?a=1&rt={TOKEN}&rc=AB&utm_source=x"


def test_shopify_redirects_within_its_own_host_only() -> None:
    way = way_to_shop(SHOPIFY, Route("https://blog.shop.example/tea"), token=TOKEN, code="AB")
    assert way == f"https://blog.shop.example/tea?rt={TOKEN}&rc=AB"


@pytest.mark.parametrize(
    "destination",
    [
        "https://evil.example/",
        "http://shop.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://evil.com\\@shop.example",
        "https://shop.example@evil.com",
        "https://shop.example.evil.com/",
        "https://shop.example:8443/",
        "https://ｓhop.example/",
        "https://shop.example/\r\nSet-Cookie: a=b",
    ],
)
def test_a_destination_off_the_verified_hosts_is_left_out(destination: str) -> None:  # hostile 49
    assert way_to_shop(PLAIN, Route(destination), token=TOKEN) == f"https://shop.example/?rt={TOKEN}"


def test_without_a_verified_front_door_there_is_no_way_at_all() -> None:
    shop = Shop("https://evil.example/", ("shop.example",), False)
    assert way_to_shop(shop, Route("https://shop.example/tea"), token=TOKEN) == ""
