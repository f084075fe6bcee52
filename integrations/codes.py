"""Codes made at a service: the one a reward's key always leads to, found again by a second try and switched off."""

from __future__ import annotations

import hashlib
from typing import Any

from integrations.adapters import ServiceFulfiller
from integrations.providers import Line
from rewards.fulfilment import Delivered, FulfilmentOrder, Withdrawn

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


class CodeFulfiller(ServiceFulfiller):
    """A service that finds its codes by their name. The four methods at the end say how this one does it."""

    def look_up(self, order: FulfilmentOrder) -> Delivered | None:
        return self.made_before(self.line(), order)

    def made_before(self, line: Line, order: FulfilmentOrder) -> Delivered | None:
        """The code an earlier try made; somebody else's of the same name is none."""
        code = code_of(order.key)
        found = self.found(line, code)
        return Delivered(voucher=code) if found is not None and self.is_ours(found, order) else None

    def withdraw(self, order: FulfilmentOrder, voucher: str) -> Withdrawn:
        """Switched off unless it was used; somebody may have used it just before, so its uses are counted after."""
        line = self.line()
        found = self.found(line, voucher)
        if found is None:
            return Withdrawn.NOT_FOUND
        if self.uses(found):
            return Withdrawn.USED
        after = self.switch_off(line, found, order)
        if after is None:
            return Withdrawn.NOT_FOUND
        return Withdrawn.USED if self.uses(after) else Withdrawn.DISABLED

    def found(self, line: Line, code: str) -> dict[str, Any] | None:
        raise NotImplementedError

    def is_ours(self, found: dict[str, Any], order: FulfilmentOrder) -> bool:
        raise NotImplementedError

    def uses(self, found: dict[str, Any]) -> int:
        raise NotImplementedError

    def switch_off(self, line: Line, found: dict[str, Any], order: FulfilmentOrder) -> dict[str, Any] | None:
        """It as it is afterwards; None where it is gone."""
        raise NotImplementedError
