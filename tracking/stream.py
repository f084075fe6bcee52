"""How a click waits in the Redis stream: 14 parts joined by "|", written before the friend gets an answer.

    1|click|merchant|link|program|at_ms|channel|variant|device|agent|referrer|salt|address|network

Keys are 32 hex digits; the click's is a uuid7 of real time, which says the partition its row goes to. ``at_ms`` is the
merchant's business time in milliseconds since 1970. Nothing personal: address and network are keyed hashes
(tracking.salts), empty where the address was not known. No part holds "|" or a control character.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from uuid import UUID

#: Key of the stream in Redis, and the one field of its entries.
STREAM = "clicks"
FIELD = b"c"
VERSION = "1"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEY = "[0-9a-f]{32}"
_HASH = "(?:[A-Za-z0-9_-]{22})?"


def _text(longest: int, shortest: int = 0) -> str:
    return rf"[^|\x00-\x1f\x7f-\x9f]{{{shortest},{longest}}}"


#: What each part may be, in order. Lengths are those of the columns (tracking.models.Click).
_PARTS = {
    "click_id": "[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}",
    "merchant_id": _KEY,
    "link_id": _KEY,
    "program_id": _KEY,
    "at_ms": "[0-9]{1,14}",
    "channel": _text(10),
    "variant": _text(40),
    "device": "phone|tablet|desktop",
    "agent": _text(40),
    "referrer": _text(100),
    "salt": "[0-9]{1,9}",
    "address": _HASH,
    "network": _HASH,
}
_ENTRY = re.compile(rf"{VERSION}\|" + r"\|".join(f"({part})" for part in _PARTS.values()))
_SINGLE = {name: re.compile(part) for name, part in _PARTS.items()}


#: The parts of one entry as they are written, without the version: in the order of ClickEntry's fields.
Parts = tuple[str, ...]


class BadEntry(ValueError):
    """An entry that nobody can read. ``reason`` is a code without any of its content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ClickEntry:
    click_id: UUID
    merchant_id: UUID
    link_id: UUID
    program_id: UUID
    at_ms: int
    channel: str
    variant: str
    device: str
    agent: str
    referrer: str
    salt: int
    address: str
    network: str

    @property
    def at(self) -> datetime:
        """Business time, UTC."""
        return moment_of(self.at_ms)


def moment_of(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)


def milliseconds_of(at: datetime) -> int:
    """``at_ms`` of an aware moment; what is finer than a millisecond is cut off."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def pack(entry: ClickEntry) -> bytes:
    """The entry's bytes. Raises BadEntry where a part is none that ``unpack`` would give back."""
    line = "|".join([VERSION, *parts_of(entry)])
    _match(line)
    return line.encode()


def parts_of(entry: ClickEntry) -> Parts:
    return tuple(_written(getattr(entry, field.name)) for field in fields(entry))


def unpack(data: bytes) -> ClickEntry:
    """The entry behind the bytes. Raises BadEntry, and nothing else, for anything that ``pack`` would not make."""
    click, merchant, link, program, at_ms, channel, variant, device, agent, referrer, salt, *places = read(data)
    keys = (UUID(click), UUID(merchant), UUID(link), UUID(program))
    address, network = places
    return ClickEntry(*keys, int(at_ms), channel, variant, device, agent, referrer, int(salt), address, network)


def read(data: bytes) -> Parts:
    """The parts, each of the shape it must have, for whoever passes them on as they are. Raises BadEntry."""
    try:
        return _match(data.decode())
    except UnicodeDecodeError:
        raise BadEntry("not_text") from None


def _written(value: object) -> str:
    return value.hex if isinstance(value, UUID) else str(value)


def _match(line: str) -> Parts:
    found = _ENTRY.fullmatch(line)
    if not found:
        raise BadEntry(_reason(line))
    return found.groups()


def _reason(line: str) -> str:
    version, *parts = line.split("|")
    if version != VERSION:
        return "unknown_version"
    if len(parts) != len(_PARTS):
        return "wrong_number_of_parts"
    bad = (name for (name, wanted), part in zip(_SINGLE.items(), parts, strict=True) if not wanted.fullmatch(part))
    return f"bad_{next(bad, 'entry')}"
