"""Who the client is: the peer itself, or what a proxy we trust says about it. Nobody else is believed."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from socket import AF_INET, inet_pton
from typing import Any

from kit.env import Network

WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
Settle = Callable[[dict[str, Any]], None]
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def behind_proxies(application: WsgiApplication, *, trusted: Sequence[Network]) -> WsgiApplication:
    """Settle who asks before the application runs, so that every reader agrees on it."""
    settle = settler(trusted)

    def settled(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        settle(environ)
        return application(environ, start_response)

    return settled


def settler(trusted: Sequence[Network]) -> Settle:
    """Sets REMOTE_ADDR and the scheme of a request. To be called once: what it sets it does not know from a peer."""

    @lru_cache(maxsize=1024)
    def seen(peer: str) -> tuple[str, bool]:
        """The peer alone, and whether it is one of our proxies: few, and the same all the time."""
        return client_address(peer, "", trusted), is_trusted(parse_address(peer), trusted)

    def settle(environ: dict[str, Any]) -> None:
        peer = environ.get("REMOTE_ADDR", "")
        address, is_proxy = seen(peer)
        if is_proxy:
            forwarded = environ.get("HTTP_X_FORWARDED_FOR", "")
            address = forwarded if _is_plain(forwarded) else client_address(peer, forwarded, trusted)
            environ["wsgi.url_scheme"] = _scheme(environ)
        environ["REMOTE_ADDR"] = address

    return settle


def _is_plain(forwarded: str) -> bool:
    """One IPv4 address in the only spelling there is of it: by far the most frequent, and nothing to take apart."""
    try:
        inet_pton(AF_INET, forwarded)
    except (OSError, ValueError):
        return False
    return True


def client_address(peer: str, forwarded_for: str, trusted: Sequence[Network]) -> str:
    """The nearest address that is not one of our own proxies, walking from the peer outwards; "" when unreadable."""
    address = _parsed_peer(peer)
    for hop in reversed(forwarded_for.split(",")):
        if not is_trusted(address, trusted):
            break
        address = parse_address(hop) or address
    return str(address) if address else ""


@lru_cache(maxsize=1024)
def _parsed_peer(peer: str) -> Address | None:
    return parse_address(peer)


def parse_address(value: str) -> Address | None:
    """An address with or without a port: 192.0.2.1, 192.0.2.1:443, [2001:db8::1]:443, 2001:db8::1."""
    value = value.strip()
    if value.startswith("["):
        value = value[1:].partition("]")[0]
    elif value.count(":") == 1:
        value = value.partition(":")[0]
    try:
        return _plain(ipaddress.ip_address(value))
    except ValueError:
        return None


def network_of(address: str) -> str:
    """Who is counted as one: an IPv4 address, or the /64 of an IPv6 one, of which every household has all to itself."""
    found = parse_address(address)
    if not isinstance(found, ipaddress.IPv6Address):
        return str(found) if found else address
    return str(ipaddress.IPv6Network((found, 64), strict=False).network_address)


def is_trusted(address: Address | None, trusted: Sequence[Network]) -> bool:
    return address is not None and any(address in network for network in trusted)


def _plain(address: Address) -> Address:
    """An IPv4 address written as IPv6 (::ffff:192.0.2.1) is that IPv4 address."""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _scheme(environ: dict[str, Any]) -> str:
    said: str = environ.get("HTTP_X_FORWARDED_PROTO", "")
    return said if said in {"http", "https"} else environ["wsgi.url_scheme"]
