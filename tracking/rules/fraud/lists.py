"""The merchant's own lists. ``*`` stands for any characters, and that is all: no pattern can be made slow to match."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LONGEST_PATTERN = 200
MOST_WILDCARDS = 10
#: Bits of the largest network an entry may be about: no provider has more, and less would fit half the internet.
WIDEST_NETWORK = 8

#: What may stand in a pattern besides ``*``: what can stand in the thing itself.
_MAY_HOLD = {
    "EMAIL": re.compile(r"[^\s@,;<>()\[\]\\|^$?{}]+@?[^\s@,;<>()\[\]\\|^$?{}]*"),
    "DOMAIN": re.compile(r"[\w.*-]+"),
    "NETWORK": re.compile(r"[0-9a-f:./*]+"),
    "COUNTRY": re.compile(r"[a-z]{2}"),
    "REFERRER": re.compile(r"[\w.*:-]+"),
    "ADVOCATE": re.compile(r"[^\s@,;<>()\[\]\\|^$?{}]+@?[^\s@,;<>()\[\]\\|^$?{}]*"),
}


#: Fields about hosts, which have two spellings where they hold more than plain letters.
HOSTS = ("DOMAIN", "REFERRER")


class BadPattern(ValueError):
    """``code``: empty, too_long, too_wide, characters, network."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    list: str
    field: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What the entries are held against; a field with nothing known fits no entry."""

    values: Mapping[str, tuple[str, ...]]
    #: Entries about networks that fitted when the address was told; it is not kept.
    fitted: frozenset[str] = frozenset()


def clean_pattern(field: str, pattern: str) -> str:
    """As it is stored. Raises BadPattern: with reason, and nothing that would fit everybody."""
    cleaned = re.sub(r"\*+", "*", unicodedata.normalize("NFC", pattern.strip()).lower())
    if field == "DOMAIN":
        cleaned = cleaned.removeprefix("@")
    if field in HOSTS:
        cleaned = plain_host(cleaned)
    if not cleaned:
        raise BadPattern("empty")
    if len(cleaned) > LONGEST_PATTERN or cleaned.count("*") > MOST_WILDCARDS:
        raise BadPattern("too_long")
    if not _MAY_HOLD[field].fullmatch(cleaned):
        raise BadPattern("characters")
    if not cleaned.replace("*", "").strip("@.:-/"):
        raise BadPattern("too_wide")
    return _one_spelling(cleaned) if field == "NETWORK" and "*" not in cleaned else cleaned


def plain_host(host: str) -> str:
    """A host in its one spelling, as the domain name system writes it: über.example is xn--ber-goa.example. Wildcards
    stay; a label that has one and letters of its own as well is left as it is typed."""
    return ".".join(_plain_label(label) for label in unicodedata.normalize("NFC", host.strip()).lower().split("."))


def _plain_label(label: str) -> str:
    if label.isascii() or "*" in label:
        return label
    return f"xn--{label.encode('punycode').decode()}"


def typed_host(host: str) -> str:
    """The same as people write it, for entries from before there was one spelling."""
    return ".".join(_typed_label(label) for label in host.split("."))


def _typed_label(label: str) -> str:
    try:
        return label[4:].encode().decode("punycode") if label.startswith("xn--") else label
    except UnicodeError:
        return label


def _one_spelling(pattern: str) -> str:
    """As ``plain_address`` writes addresses, so that one alone is found by its text."""
    network = _network(plain_address(pattern))
    if network is None:
        raise BadPattern("network")
    if network.prefixlen < WIDEST_NETWORK:
        raise BadPattern("too_wide")
    return str(network) if "/" in pattern else str(network.network_address)


def plain_address(text: str) -> str:
    """An address in its one spelling: an IPv4 one wrapped into IPv6 is that one. What is no address stays as it is."""
    try:
        found = ipaddress.ip_address(text.strip().lower().partition("%")[0])
    except ValueError:
        return text.strip().lower()
    return str(getattr(found, "ipv4_mapped", None) or found)


def fits(pattern: str, text: str) -> bool:
    """Whether the whole of ``text`` fits. Each piece is looked for once, from where the last one ended: the time grows
    with the length of both, whatever the pattern is."""
    pieces = pattern.split("*")
    if len(pieces) == 1:
        return pattern == text
    first, *middle, last = pieces
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def fitting(entries: Iterable[Entry], subject: Subject) -> Entry | None:
    """The first that fits: what is blocked is blocked, whatever is trusted besides."""
    known = [entry for entry in entries if may_stand(entry.list, entry.field)]
    found = [entry for entry in known if entry.id in subject.fitted or _is_about(entry, subject)]
    blocked = [entry for entry in found if entry.list == "BLOCK"]
    return next(iter([*blocked, *found]), None)


def may_stand(list_: str, field: str) -> bool:
    """Where somebody came from is what their browser says: it may count against them, and never for them."""
    return (list_, field) != ("TRUST", "REFERRER")


def _is_about(entry: Entry, subject: Subject) -> bool:
    texts = subject.values.get(entry.field, ())
    if entry.field in HOSTS:
        return _is_about_host(plain_host(entry.pattern), [plain_host(text) for text in texts])
    if entry.field == "NETWORK":
        return any(fits_address(entry.pattern, text) for text in texts)
    return any(fits(entry.pattern, text) for text in texts)


def _is_about_host(pattern: str, hosts: Iterable[str]) -> bool:
    """Without a wildcard, with everything below it. One that stands within letters fits them as they are typed."""
    if "*" in pattern:
        return any(fits(pattern, host) or fits(typed_host(pattern), typed_host(host)) for host in hosts)
    return any(host == pattern or host.endswith(f".{pattern}") for host in hosts)


def fits_address(pattern: str, address: str) -> bool:
    """203.0.113.7, 203.0.113.0/24 or 203.0.113.*"""
    address = plain_address(address)
    if "*" in pattern:
        return fits(pattern, address)
    network = _network(pattern)
    try:
        return network is not None and ipaddress.ip_address(address) in network
    except ValueError:
        return False


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
