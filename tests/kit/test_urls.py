import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.urls import BadDestination, came_from, parse_destination, parse_host, read_address

HOSTS = ["shop.com", "shop.example.co.uk:8443"]


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://shop.com", "https://shop.com/"),
        ("HTTPS://Shop.COM/Path?q=1#top", "https://shop.com/Path?q=1#top"),
        ("https://shop.com:443/a%20b", "https://shop.com/a%20b"),
        ("https://shop.com?x=1", "https://shop.com?x=1"),
        (
            "https://shop.com/discount/CODE?redirect=/products/a@b",
            "https://shop.com/discount/CODE?redirect=/products/a@b",
        ),
        ("https://shop.example.co.uk:8443/", "https://shop.example.co.uk:8443/"),
    ],
)
def test_destination_on_a_verified_host(url: str, canonical: str) -> None:
    assert parse_destination(url, hosts=HOSTS) == canonical


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.com",
        "javascript:alert(1)",
        "javascript://shop.com/%0aalert(1)",
        "data:text/html,x",
        "//evil",
        "//shop.com",
        "/\\evil",
        "https:shop.com",
        "https:/shop.com",
        "https:///shop.com",
        "https:\\\\shop.com",
        "https://evil.com\\@shop.com",
        "http://evil.com\\@shop.com/",
        "https://shop.com@evil.com",
        "https://shop.com:x@evil.com",
        "https://user@shop.com",
        "https://@shop.com",
        "https://shop.com.evil.com",
        "https://evil-shop.com",
        "https://www.shop.com",
        "https://shop.com.",
        "https://shop.com:8443",
        "https://shop.example.co.uk",
        "https://shop.com:0",
        "https://shop.com:99999",
        "https://shop.com:",
        "https://shop.com\x00.evil.com",
        "https://shop.com/\r\nSet-Cookie: a=b",
        "https://shop.com/a b",
        "https://shop.com/\x7f",
        " https://shop.com",
        "https://shop.com\n",
        "\thttps://shop.com",
        "https://ｓｈｏｐ.com",
        "https://shop\uff0ecom",
        "https://shop\u3002com",
        "https://\u24e2hop.com",
        "https://shop.com/ü",
        "https://sh\u00f6p.com",
        "https://shop%2ecom",
        "https://[::1]/",
        "https://2130706433/",
        "http://shop.com/",
        "http://localhost/",
        "ftp://shop.com/",
        "https://shop.com/" + "a" * 2048,
    ],
)
def test_destination_refused(url: str) -> None:
    with pytest.raises(BadDestination, match=r"address|https"):
        parse_destination(url, hosts=HOSTS)


def test_destination_on_a_local_shop_only_where_allowed() -> None:
    hosts = ["localhost", "127.0.0.1:8001"]
    assert parse_destination("http://localhost:9/x", hosts=hosts, allow_localhost=True) == "http://localhost:9/x"
    assert parse_destination("http://127.0.0.1:8001/", hosts=hosts, allow_localhost=True) == "http://127.0.0.1:8001/"
    for url in ("http://127.0.0.1:8002/", "http://shop.com/", "http://localhost.evil.com/"):
        with pytest.raises(BadDestination):
            parse_destination(url, hosts=[*hosts, "shop.com"], allow_localhost=True)
    with pytest.raises(BadDestination):
        parse_destination("http://localhost/", hosts=hosts)


@given(st.text(st.characters(exclude_categories=[])))
def test_whatever_follows_a_verified_host_never_changes_it(text: str) -> None:
    try:
        canonical = parse_destination(f"https://shop.com{text}", hosts=HOSTS)
    except BadDestination:
        return
    address = read_address(canonical)
    assert address is not None
    assert address.host == "shop.com"
    assert canonical[len("https://shop.com") :][:1] in ("/", "?", "#")


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("shop.com", "shop.com"),
        (" Shop.COM ", "shop.com"),
        ("https://shop.com/en?x", "shop.com"),
        ("http://shop.com", "shop.com"),
        ("shop.com:8443", "shop.com:8443"),
    ],
)
def test_parse_host(text: str, host: str) -> None:
    assert parse_host(text) == host


@pytest.mark.parametrize(
    "text", ["", "shop", "localhost", "shop.com/path", "a@shop.com", "shop com", "https://", "shöp.com"]
)
def test_parse_host_of_anything_else_refused(text: str) -> None:
    with pytest.raises(BadDestination, match=r"shop\.example\.com"):
        parse_host(text)


@pytest.mark.parametrize(
    ("said", "host"),
    [
        ("https://www.Retailmenot.com/view/shop.example?c=1", "www.retailmenot.com"),
        ("//coupons.example", "coupons.example"),
        ("coupons.example.", "coupons.example"),
        ("http://coupons.example:8080#top", "coupons.example"),
        ("android-app://com.example.mail/", ""),
        ("https://user:word@evil.example/", ""),
        ("https://evil.example\\@good.example/", ""),
        ("two words", ""),
        ("", ""),
    ],
)
def test_where_somebody_came_from_is_a_host_or_nothing(said: str, host: str) -> None:
    assert came_from(said) == host
