"""TXT records, asked of resolvers the operator names or of the machine's own."""

from __future__ import annotations

from collections.abc import Sequence

import dns.exception
import dns.name
import dns.resolver

#: For one question, tries and all resolvers together. People wait for it.
SECONDS = 5.0
MOST_RECORDS = 50


class Unreachable(Exception):
    """No resolver gave an answer: the record may be there or not."""


def texts_at(name: str, *, servers: Sequence[str] = ()) -> list[str]:
    """What the TXT records of ``name`` say, nothing where there are none. ``servers``: address or address:port.

    Raises Unreachable. Aliases are followed; what is no ASCII is left out.
    """
    try:
        answer = _resolver(servers).resolve(name, "TXT", search=False, lifetime=SECONDS)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except (dns.exception.DNSException, OSError) as error:
        raise Unreachable(type(error).__name__) from error
    texts = [b"".join(record.strings) for record in list(answer)[:MOST_RECORDS]]
    return [text.decode("ascii") for text in texts if text.isascii()]


def _resolver(servers: Sequence[str]) -> dns.resolver.Resolver:
    """Nothing is kept between questions: who has just set a record wants to see it."""
    resolver = dns.resolver.Resolver(configure=not servers)
    if servers:
        places = [_place(server) for server in servers]
        resolver.nameservers = [address for address, _port in places]
        resolver.nameserver_ports = dict(places)
    return resolver


def _place(server: str) -> tuple[str, int]:
    """IPv6 with a port is written in brackets."""
    if server.startswith("["):
        address, _bracket, rest = server[1:].partition("]")
        return address, int(rest.removeprefix(":") or 53)
    address, colon, port = server.partition(":")
    return (address, int(port)) if colon and ":" not in port else (server, 53)
