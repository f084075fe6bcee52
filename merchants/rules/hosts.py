"""A merchant's own host: which names are possible, what its DNS must say, and what a look at the DNS changes. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

#: The record stands beside the host, so that one that is a CNAME can have it.
RECORD_LABEL = "_referral"
RECORD_PREFIX = "referral-verification="
#: Days in a row without the record until the merchant is warned, and how long links go on after that.
DAYS_UNTIL_LOST, GRACE_DAYS = 3, 14

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+(?!\d+$){_LABEL}", re.ASCII)
#: Endings that are nobody's on the internet.
_PRIVATE = ("localhost", "local", "internal", "lan", "home", "corp", "arpa", "onion", "invalid")


class Missing(StrEnum):
    """Why a look at the DNS found nothing."""

    ABSENT = "absent"  # there is no such record
    OTHER = "other"  # there is one and it says something else
    UNREACHABLE = "unreachable"  # nobody could be asked: says nothing about the record
    TAKEN = "taken"  # the record is right, but another workspace has the host


class Standing(StrEnum):
    WAITING = "WAITING"
    VERIFIED = "VERIFIED"
    LOST = "LOST"


@dataclass(frozen=True, slots=True)
class HostView:
    """What is known of a host before or after a look at the DNS."""

    state: Standing
    missing: str = ""
    verified_at: datetime | None = None
    failing_since: datetime | None = None
    lost_at: datetime | None = None


def is_host(text: str) -> bool:
    """A full name of the public DNS in small letters and plain ASCII; no address, no port."""
    return len(text) <= 253 and bool(_HOST.fullmatch(text)) and not text.endswith(tuple(f".{end}" for end in _PRIVATE))


def record_name(host: str) -> str:
    return f"{RECORD_LABEL}.{host}"


def record_value(challenge: str) -> str:
    return f"{RECORD_PREFIX}{challenge}"


def missing_in(found: Collection[str] | None, challenge: str) -> Missing | None:
    """What the TXT records say about this challenge; ``found`` is None where nobody could be asked."""
    if found is None:
        return Missing.UNREACHABLE
    if record_value(challenge) in {text.strip() for text in found}:
        return None
    return Missing.OTHER if any(text.strip().startswith(RECORD_PREFIX) for text in found) else Missing.ABSENT


def after_look(before: HostView, missing: Missing | None, now: datetime) -> HostView:
    """What a look changes. Who could not be asked changes nothing but the words on the page."""
    if missing is None:
        return HostView(Standing.VERIFIED, verified_at=before.verified_at or now)
    seen = replace(before, missing=missing.value)
    if before.state == Standing.WAITING or missing == Missing.UNREACHABLE:
        return seen
    since = before.failing_since or now
    if before.state == Standing.VERIFIED:
        is_lost = now - since >= timedelta(days=DAYS_UNTIL_LOST)
        state, lost_at = (Standing.LOST, now) if is_lost else (Standing.VERIFIED, None)
        return replace(seen, state=state, failing_since=since, lost_at=lost_at)
    if before.lost_at is not None and now - before.lost_at >= timedelta(days=GRACE_DAYS):
        return HostView(Standing.WAITING, missing=missing.value)
    return seen
