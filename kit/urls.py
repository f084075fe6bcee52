"""Addresses people may be sent to, read by a grammar so narrow that every parser sees the same host.

Libraries and browsers disagree about the host of odd addresses (`http://evil.com\\@good.com/` is good.com to one and
evil.com to the other). So nothing odd is repaired or interpreted here: it is refused.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

LONGEST_URL = 2048

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?:{_LABEL}\.)*{_LABEL}"
# What RFC 3986 allows after the host, and nothing else: no backslash, space, quote, bracket or control character.
_REST = r"[A-Za-z0-9._~!$&'()*+,;=:@%/?#-]"
_URL = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_HOST})(?::(?P<port>[0-9]{{1,5}}))?(?P<rest>(?:[/?#]{_REST}*)?)",
    re.IGNORECASE | re.ASCII,
)
_WHOLE_HOST = re.compile(rf"(?:{_LABEL}\.)+{_LABEL}(?::[0-9]{{1,5}})?", re.IGNORECASE | re.ASCII)
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1"})
#: An address somebody came from, as browsers tell it, or the bare host that a shop makes of it.
_CAME_FROM = re.compile(r"(?:(?:https?:)?//)?([a-z0-9.-]{1,100})(?::[0-9]{1,5})?(?:[/?#]|$)", re.IGNORECASE | re.ASCII)
_DEFAULT_PORTS = {"http": 80, "https": 443}


class BadDestination(ValueError):
    """An address that friends must not be sent to; the message says what to write instead."""


@dataclass(frozen=True)
class Address:
    """A web address taken apart; `rest` is path, query and fragment as written, or empty."""

    scheme: str
    host: str
    port: int
    rest: str

    @property
    def authority(self) -> str:
        return self.host if self.port == _DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.rest or '/'}"


def read_address(url: object) -> Address | None:
    """The parts of an absolute http(s) address in plain ASCII without log-in; None for anything else."""
    if not isinstance(url, str) or len(url) > LONGEST_URL:
        return None
    found = _URL.fullmatch(url)
    if found is None or len(found["host"]) > 253:
        return None
    scheme = found["scheme"].lower()
    port = int(found["port"] or _DEFAULT_PORTS[scheme])
    return Address(scheme, found["host"].lower(), port, found["rest"]) if 0 < port < 65536 else None


def parse_destination(url: str, *, hosts: Collection[str], allow_localhost: bool = False) -> str:
    """The canonical spelling of `url` if it leads to exactly one of the verified `hosts`.

    An entry of `hosts` is a host, meaning its standard port, or host:port. With `allow_localhost` (demo only) a
    local shop in `hosts` may use http, and any port where its entry names none.
    """
    address = read_address(url)
    if address is None:
        raise BadDestination(_("Write the address in full with plain characters, like https://shop.example.com/page."))
    verified = {host.lower() for host in hosts}
    if allow_localhost and address.host in _LOCAL_HOSTS:
        if verified & {address.host, f"{address.host}:{address.port}"}:
            return str(address)
    elif address.scheme != "https":
        raise BadDestination(_("The address must begin with https://."))
    elif verified & {address.authority, f"{address.host}:{address.port}"}:
        return str(address)
    raise BadDestination(
        _("%(host)s is not one of your verified shop addresses: verify it first, or use one that is.")
        % {"host": address.authority}
    )


def parse_host(text: str) -> str:
    """The host in what a person typed as "shop address": a bare host or a whole address. Lower case."""
    typed = text.strip()
    bare = _WHOLE_HOST.fullmatch(typed)
    address = read_address(f"https://{typed}" if bare else typed)
    if address is None or not _WHOLE_HOST.fullmatch(address.host):
        raise BadDestination(_("Write the address of the shop like shop.example.com."))
    return address.authority


@lru_cache(maxsize=4096)
def came_from(said: str) -> str:
    """The host of the page somebody came from, in lower case; empty for what names none."""
    found = _CAME_FROM.match(said)
    return found[1].lower().rstrip(".") if found else ""
