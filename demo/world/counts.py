"""How much of everything the demo world holds, at full size or at a part of it for tests."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from enum import StrEnum


class Fate(StrEnum):
    """What becomes of a referred order's reward in the end."""

    FULFILLED = "FULFILLED"
    EXPIRED = "EXPIRED"
    HELD = "HELD"
    DUE_TOMORROW = "DUE_TOMORROW"
    REVIEW = "REVIEW"
    RELEASED = "RELEASED"
    FULFILLING = "FULFILLING"
    FAILED = "FAILED"
    REFUNDED = "REFUNDED"
    CANCELLED = "CANCELLED"
    UNDER_MINIMUM = "UNDER_MINIMUM"
    REVERSED = "REVERSED"
    #: Paid in another currency: no reward until somebody says what it is worth.
    FOREIGN = "FOREIGN"


class Block(StrEnum):
    """Why an attributed order earns nothing from the start."""

    OWN_PURCHASE = "OWN_PURCHASE"
    EXISTING_CUSTOMER = "EXISTING_CUSTOMER"
    SECOND_ADVOCATE = "SECOND_ADVOCATE"


class Match(StrEnum):
    """What leads from an order to who recommended it."""

    CODE = "CODE"
    TOKEN = "TOKEN"
    EMAIL = "EMAIL"
    BY_HAND = "BY_HAND"
    #: The friend says afterwards who it was, and the advocate confirms it.
    INTRODUCED = "INTRODUCED"

    @property
    def is_told_later(self) -> bool:
        """The order itself led to nobody."""
        return self in (Match.BY_HAND, Match.INTRODUCED)


class SecondLook(StrEnum):
    """Whether the advocate of a blocked order asks for one, and whether it is answered yet."""

    NONE = ""
    ANSWERED = "ANSWERED"
    ASKED = "ASKED"


class Partial(StrEnum):
    """When a part of the order is given back, and how often."""

    NONE = ""
    BEFORE = "BEFORE"
    BEFORE_TWICE = "BEFORE_TWICE"
    AFTER = "AFTER"
    AFTER_TWICE = "AFTER_TWICE"


#: Rewards that take a place under the advocate's cap in the end.
COUNTING = (
    Fate.FULFILLED, Fate.HELD, Fate.DUE_TOMORROW, Fate.REVIEW, Fate.RELEASED, Fate.FULFILLING, Fate.FAILED,
)  # fmt: skip


@dataclass(frozen=True)
class Counts:
    """Nordlicht Kaffee at full size. ``scaled`` keeps at least one of everything, so that a small world has it all."""

    customers: int = 2_400
    #: Of the customers: bought before the workspace was opened; and known by address alone, never bought.
    old_customers: int = 440
    subscribers: int = 60
    advocates: int = 480
    winter_advocates: int = 28
    office_advocates: int = 12
    sharers: int = 62
    winter_sharers: int = 6
    office_sharers: int = 4
    shares: int = 230
    clicks: int = 3_100
    claims: int = 520
    winter_claims: int = 27
    office_claims: int = 16
    codes: int = 500
    orders: int = 2_600
    cap: int = 25

    fulfilled: int = 117
    #: Vouchers of the winter that nobody used in time; as many of them were used.
    expired: int = 8
    held: int = 35
    due_tomorrow: int = 3
    review: int = 12
    released: int = 3
    fulfilling: int = 2
    failed: int = 3
    refunded: int = 16
    cancelled: int = 5
    under_minimum: int = 3
    reversed: int = 9
    foreign: int = 1

    own_purchase: int = 9
    existing_customer: int = 8
    second_advocate: int = 4

    #: Beside the under_minimum ones, which are partial refunds too. One of each is given back twice.
    partial_before: int = 11
    partial_after: int = 5
    #: Of the reversed ones; the won one and the open one are about rewards that were given and stay.
    lost_disputes: int = 2
    won_disputes: int = 1
    open_disputes: int = 1
    #: Offices' rewards paid in money and taken back afterwards: their advocate owes more than is due to them.
    owing: int = 1
    by_hand: int = 2
    #: Of the held ones.
    introduced: int = 1
    #: Of the fulfilled ones: somebody looked and let them go; refused them, took it back and let them go.
    cleared: int = 24
    undone: int = 2
    #: Of the blocked ones: the advocate asked for a second look; answered already, and still waiting.
    second_looks: int = 8
    appeals: int = 1
    #: Visits of programs, of which nothing is kept.
    bot_hits: int = 900
    set_aside: int = 3

    def scaled(self, scale: float) -> Counts:
        if scale == 1:
            return self
        small = replace(self, **{item.name: _part(getattr(self, item.name), scale) for item in fields(self)})
        small = replace(small, **small.floors())
        small = replace(small, cap=max(small.cap, math.ceil(small.converted * 0.3)))
        return replace(small, codes=small.pool_claims + _part(23, scale))

    def floors(self) -> dict[str, int]:
        """What offices' payouts need: somebody to be paid in each of three months, and two people in the fourth. And
        what reviews need: all twelve, and others that were ordered within one hour."""
        office = {"released": 2, "office_sharers": 2, "office_advocates": max(self.office_advocates, 3)}
        return {
            **office,
            "office_claims": self.owing + 5,
            "reversed": self.lost_disputes + 1,
            "sharers": self.sharers + 2,
            "review": 12,
            "held": max(self.held, 10),
        }

    @property
    def fates(self) -> dict[Fate, int]:
        return {fate: getattr(self, fate.lower()) for fate in Fate}

    @property
    def blocks(self) -> dict[Block, int]:
        return {block: getattr(self, block.lower()) for block in Block}

    @property
    def converted(self) -> int:
        """Referred friends, whatever became of the reward."""
        return sum(self.fates.values())

    @property
    def blocked(self) -> int:
        return sum(self.blocks.values())

    @property
    def decided(self) -> int:
        """Reviews that somebody has decided and that stand so."""
        return self.cleared + self.undone + self.second_looks

    @property
    def regular_from(self) -> int:
        """Referrals that make somebody a regular of the main program."""
        return max(round(self.cap * 0.4), 2)

    @property
    def new_customers(self) -> int:
        return self.customers - self.old_customers - self.subscribers

    @property
    def pool_claims(self) -> int:
        """Claims that took a code from the pool of the main program."""
        return self.claims - self.winter_claims - self.office_claims


def _part(number: int, scale: float) -> int:
    return max(1, round(number * scale))
