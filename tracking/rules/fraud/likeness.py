"""How alike two spellings are. Own and small: distances are bounded, so the time grows with the length alone."""

from __future__ import annotations

import unicodedata
from enum import IntEnum

from kit.text import email_key, email_without_tag

#: Mailboxes that half of all companies have: alike at two domains they say nothing.
_COMMON_BOXES = frozenset(
    [
        "info",
        "hello",
        "hallo",
        "hi",
        "mail",
        "contact",
        "kontakt",
        "office",
        "admin",
        "team",
        "sales",
        "support",
        "service",
        "shop",
        "bestellung",
        "order",
        "orders",
        "rechnung",
        "invoice",
        "post",
        "me",
        "ich",
        "mein",
        "email",
        "e-mail",
        "kunde",
        "family",
        "familie",
    ]
)
_SHORTEST_BOX = 6
_LONGEST = 100


class Likeness(IntEnum):
    """In percent of the signal's points."""

    NONE = 0
    SAME_BOX_ELSEWHERE = 50
    NEAR = 60
    SAME = 100


def distance(one: str, other: str, *, most: int) -> int:
    """How many letters must be changed, put in, left out or swapped with their neighbour; ``most + 1`` for more."""
    one, other = one[:_LONGEST], other[:_LONGEST]
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, candidate in enumerate(other, start=1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != candidate))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == candidate:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)


def allowed(length: int) -> int:
    """How many slips still count as the same word."""
    if length < 6:
        return 0
    return 1 if length < 10 else 2


def email_likeness(one: str, other: str) -> Likeness:
    """Two addresses that are not one mailbox for certain, and may still be one person's.

    Same but for a tag: SAME. Same name at another provider: SAME_BOX_ELSEWHERE. A letter or two apart at the same
    provider: NEAR.
    """
    if email_without_tag(one) == email_without_tag(other):
        return Likeness.SAME
    (box, domain), (other_box, other_domain) = _split(one), _split(other)
    if box == other_box:
        telling = len(box) >= _SHORTEST_BOX and box not in _COMMON_BOXES
        return Likeness.SAME_BOX_ELSEWHERE if telling else Likeness.NONE
    most = allowed(min(len(box), len(other_box)))
    if domain == other_domain and most and distance(box, other_box, most=most) <= most:
        return Likeness.NEAR
    return Likeness.NONE


def _split(email: str) -> tuple[str, str]:
    """Without a tag, dots and dashes: people vary these first."""
    box, _, domain = email_without_tag(email_key(email)).rpartition("@")
    return box.replace(".", "").replace("-", "").replace("_", "") or box, domain


def name_likeness(one: str, other: str) -> Likeness:
    """Full names, in any order of their parts, without accents. A shared family name alone is a family."""
    one, other = _plain(one), _plain(other)
    if " " not in one or " " not in other:
        return Likeness.NONE
    if one == other:
        return Likeness.SAME
    most = allowed(min(len(one), len(other)))
    return Likeness.NEAR if most and distance(one, other, most=most) <= most else Likeness.NONE


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(sorted(kept.split()))
