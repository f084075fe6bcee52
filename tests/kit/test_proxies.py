from __future__ import annotations

import ipaddress
from typing import Any

import pytest

from kit.proxies import behind_proxies, client_address, network_of, parse_address

TRUSTED = [ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),  # a stranger's header is not believed
        ("10.0.0.2", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.2", "6.6.6.6, 198.51.100.7", "198.51.100.7"),  # what the client itself wrote stands further left
        ("10.0.0.2", "198.51.100.7, 10.0.0.3", "198.51.100.7"),
        ("10.0.0.2", "", "10.0.0.2"),
        ("10.0.0.2", "garbage", "10.0.0.2"),
        ("10.0.0.2:38552", "198.51.100.7:4711", "198.51.100.7"),
        ("fd00::1", "2001:db8::5", "2001:db8::5"),
        ("[fd00::1]:443", "[2001:db8::5]:80", "2001:db8::5"),
        ("::ffff:10.0.0.2", "198.51.100.7", "198.51.100.7"),
        ("", "198.51.100.7", ""),
    ],
)
def test_client_address(peer: str, forwarded: str, client: str) -> None:
    assert client_address(peer, forwarded, TRUSTED) == client


@pytest.mark.parametrize("value", ["", "unix:", "999.1.1.1", "a" * 5000, "[", "1.2.3.4, 5.6.7.8"])
def test_parse_address_of_anything_else_is_none(value: str) -> None:
    assert parse_address(value) is None


def settled(**environ: str) -> dict[str, Any]:
    seen: dict[str, Any] = {}

    def application(inner: dict[str, Any], start_response: object) -> list[bytes]:
        seen.update(inner)
        return []

    list(behind_proxies(application, trusted=TRUSTED)({"wsgi.url_scheme": "http", **environ}, lambda *a: None))
    return seen


def test_scheme_of_a_trusted_proxy_believed() -> None:
    assert settled(REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_PROTO="https")["wsgi.url_scheme"] == "https"


@pytest.mark.parametrize(("peer", "said"), [("203.0.113.9", "https"), ("10.0.0.2", "javascript"), ("10.0.0.2", "")])
def test_scheme_of_anybody_else_or_anything_else_not_believed(peer: str, said: str) -> None:
    assert settled(REMOTE_ADDR=peer, HTTP_X_FORWARDED_PROTO=said)["wsgi.url_scheme"] == "http"


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("", ""),
    ],
)
def test_a_limit_counts_a_household_and_not_its_many_addresses(address: str, counted: str) -> None:
    assert network_of(address) == counted
