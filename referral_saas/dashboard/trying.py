"""Would the lists fit this? Tells it for whatever is typed, and changes nothing."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from kit.text import email_key
from tracking.models import ListEntry
from tracking.rules.fraud import Entry, Subject, fitting


@dataclass(frozen=True)
class Tried:
    """``first``: the entry that decides; None where nothing fits. ``fits``: all that fit."""

    text: str
    first: ListEntry | None
    fits: list[ListEntry]


def tried_out(text: str, entries: Iterable[ListEntry]) -> Tried:
    subject, known = Subject(meanings_of(text)), {str(entry.pk): entry for entry in entries}
    rules = [Entry(key, entry.list, entry.field, entry.pattern) for key, entry in known.items()]
    fits = [known[rule.id] for rule in rules if fitting([rule], subject)]
    first = fitting(rules, subject)
    return Tried(text, known[first.id] if first else None, fits)


def meanings_of(text: str) -> dict[str, tuple[str, ...]]:
    """What it may stand for: an address fits entries about its domain too."""
    plain = text.strip().lower()
    if "@" in plain:
        both = (plain, email_key(plain))
        return {"EMAIL": both, "ADVOCATE": both, "DOMAIN": (plain.rpartition("@")[2],)}
    if _is_address(plain):
        return {"NETWORK": (plain,)}
    if len(plain) == 2:
        return {"COUNTRY": (plain,)}
    host = plain.removeprefix("https://").removeprefix("http://").partition("/")[0]
    return {"DOMAIN": (host,), "REFERRER": (host,)}


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
