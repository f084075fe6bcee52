"""Entries of the stream that cannot be recorded: kept with the reason, so that they can be tried again."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from kit.ids import uuid7
from kit.many import insert_many
from kit.tenancy import transaction_required
from tracking.models import SetAside, StrayEntry

#: Days that they are kept for somebody to look at.
KEPT_DAYS = 30
#: No entry that we write is nearly as long.
LONGEST = 1_000


class Line(NamedTuple):
    """What stands in the stream, under its id there."""

    stream_id: str
    data: bytes


@transaction_required
def set_aside(*, line: Line, reason: str, now: datetime) -> None:
    """For the merchant in scope, whose click it is. Said twice, it is kept once."""
    told = {"stream_id": line.stream_id, "reason": reason, "entry": text_of(line.data), "at": now}
    insert_many(SetAside, same=told, each={"id": [uuid7()]}, new_only=True)


def set_aside_stray(*, line: Line, reason: str, real_now: datetime) -> None:
    """For nobody we know: a row of the control plane, in no tenant's transaction."""
    told = {"stream_id": line.stream_id, "reason": reason, "entry": text_of(line.data), "seen_at": real_now}
    insert_many(StrayEntry, same=told, each={"id": [uuid7()]}, new_only=True)


def text_of(data: bytes) -> str:
    """As it is where it is text that the database takes, in hexadecimal where not."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = ""
    readable = text.isprintable() and len(text) <= LONGEST and not text.startswith("hex:")
    return text if readable and text else f"hex:{data[: LONGEST // 2].hex()}"


def data_of(text: str) -> bytes:
    """What ``text_of`` was made of, but for what was longer than any entry is."""
    return bytes.fromhex(text.removeprefix("hex:")) if text.startswith("hex:") else text.encode()
