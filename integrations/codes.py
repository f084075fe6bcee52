"""The code a reward's key always leads to, so that a second try asks for the first one's and finds it."""

from __future__ import annotations

import hashlib

from integrations.providers import Line
from rewards.fulfilment import FulfilmentOrder

#: Nothing that looks like something else, and no vowels that make words.
ALPHABET = "23456789BCDFGHJKMNPQRSTVWXZ"
LENGTH = 12


def code_of(key: str) -> str:
    """Twelve signs, as good as random: the key holds 74 random bits that only the workspace's people ever see.

    No secret of the server goes into it, on purpose. A try after a lost answer finds the first one's code by deriving
    it again; after a key was rotated away it would derive another one, find nothing and give the reward twice. And a
    secret would hide little: whoever may read a reward's id in a workspace may read its code beside it, the recipient
    is given it anyway, and before the delivery there is no such code at the shop.
    """
    number = int.from_bytes(hashlib.sha256(b"reward code:" + key.encode()).digest(), "big")
    signs = []
    for _ in range(LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[rest])
    return "".join(signs)


def marker_of(key: str) -> str:
    """How a thing of ours is recognised at the service, for people to read there too."""
    return f"Referral reward {key}"


def percent_of(line: Line, order: FulfilmentOrder) -> int:
    """What a percent code takes off, whole percent. Terminal where its kind does not say."""
    told = order.setting.get("percent", "")
    if not (told.isascii() and told.isdigit() and 1 <= int(told) <= 100):
        line.refused("percent_missing")
    return int(told)
