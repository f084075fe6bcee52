"""What the lane knows about a link, as it lies in memory and in Redis."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from uuid import UUID

from django.utils.html import escape

from referral_saas.friend.access import Place
from referral_saas.friend.visits import LinkFacts
from referral_saas.lane.feed import Pulse
from referral_saas.lane.requests import Spelling
from referral_saas.templatetags.ui import initials

_HEAD = struct.Struct("!B16s16s16sB")
_VERSION = 1
_BETWEEN = "\x1f"

#: In Redis in place of a record that was just changed: ask the database, and keep nothing for a moment.
CHANGED = b"-"


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """A link that can be used. ``way`` is the link's own destination and campaign, where it has some."""

    merchant_id: UUID
    link_id: UUID
    program_id: UUID
    tier: int
    channel: str
    variant: str
    name: str
    way: str

    def pack(self) -> bytes:
        head = _HEAD.pack(
            _VERSION, self.merchant_id.bytes, self.link_id.bytes, self.program_id.bytes, min(self.tier, 255)
        )
        return head + _BETWEEN.join([self.channel, self.variant, self.name, self.way]).encode()

    @property
    def shape(self) -> str:
        """Links of the same shape have the same page, but for the name and the code."""
        named = "n" if self.name else ""
        return _BETWEEN.join([self.merchant_id.hex, self.program_id.hex, str(self.tier), self.variant, self.way, named])


def unpack(data: bytes) -> LinkRecord | None:
    """None for what is no record, or one of another version of this program."""
    try:
        version, merchant, link, program, tier = _HEAD.unpack_from(data)
        channel, variant, name, way = data[_HEAD.size :].decode().split(_BETWEEN)
    except (struct.error, ValueError):
        return None
    if version != _VERSION:
        return None
    return LinkRecord(UUID(bytes=merchant), UUID(bytes=link), UUID(bytes=program), tier, channel, variant, name, way)


def record_of(place: Place) -> LinkRecord:
    link, advocate = place.link, place.link.advocate
    return LinkRecord(
        place.merchant.pk,
        link.pk,
        advocate.program_id,
        advocate.tier,
        link.channel,
        advocate.variant.replace(_BETWEEN, ""),
        place.advocate_name.replace(_BETWEEN, ""),
        json.dumps([link.destination, link.utm]) if link.destination or link.utm else "",
    )


class Entry:
    """A link in this process's memory, with everything about it that every visit needs again."""

    __slots__ = ("checked", "code", "data", "initials", "name", "parts", "pulse", "record", "shape", "spelling")

    def __init__(self, data: bytes, record: LinkRecord, spelling: Spelling, pulse: Pulse, checked: float) -> None:
        self.data = data
        self.record = record
        self.pulse = pulse
        self.checked = checked
        self.spelling = spelling
        self.shape = _BETWEEN.join([spelling.place, "s" if spelling.is_short else "", record.shape])
        self.code = spelling.code.encode()
        self.name = escape(record.name).encode()
        self.initials = escape(initials(record.name)).encode()
        self.parts = _facts(record).parts()


def _facts(record: LinkRecord) -> LinkFacts:
    return LinkFacts(record.merchant_id, record.link_id, record.program_id, record.channel, record.variant)
