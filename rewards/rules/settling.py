"""What an attributed order is worth to both sides, and when. Pure: facts and frozen terms in, wanted rewards out.

``settle_order()`` (rewards.actions.settle) posts only the difference between what is wanted here and what stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kit.days import add_days
from kit.money import divide_half_even
from programs.rules import RewardRule, Terms
from rewards.rules.grants import Grant
from rewards.rules.hold import due_at
from tracking.rules import Basis, OrderView, base_minor, earlier_versions, net_base_minor


class Why(StrEnum):
    """Reason codes of a referral and its rewards. Words for people: rewards.wording."""

    QUALIFIES = "qualifies"
    NOT_PAID = "not_paid_yet"
    CANCELLED = "order_cancelled"
    REFUNDED = "order_refunded"
    DISPUTE_LOST = "dispute_lost"
    BELOW_MINIMUM = "below_minimum"
    BELOW_MINIMUM_AFTER_REFUND = "below_minimum_after_refund"
    NOTHING_COUNTS = "nothing_counts"
    OTHER_COUNTRY = "country_not_included"
    OTHER_CURRENCY = "currency_differs"
    TEST_ORDER = "test_order"
    TOO_LATE = "qualification_window_over"
    OVER_CAP = "advocate_cap_reached"
    BLOCKED = "referral_blocked"
    OTHER_ORDER_STANDS = "other_order_stands"
    NOT_THE_NTH = "counts_towards_the_next"
    WITHOUT_REWARDS = "without_rewards"
    REJECTED = "rejected_by_hand"
    EXPIRED = "not_claimed_in_time"
    OUT_OF_TIME = "validity_over"


class Kindly(StrEnum):
    """The seven kinds of refusal an advocate may be told; nothing about the friend, the order or any signal."""

    OWN_PURCHASE = "own_purchase"
    ALREADY_CUSTOMER = "already_customer"
    ALREADY_REFERRED = "already_referred"
    ORDER_RETURNED = "order_returned"
    CONDITIONS = "conditions_not_met"
    LIMIT = "limit_reached"
    OUT_OF_TIME = "not_claimed_in_time"


KINDLY: dict[str, Kindly] = {
    "own_purchase": Kindly.OWN_PURCHASE,
    "existing_customer": Kindly.ALREADY_CUSTOMER,
    "already_referred": Kindly.ALREADY_REFERRED,
    Why.CANCELLED: Kindly.ORDER_RETURNED,
    Why.REFUNDED: Kindly.ORDER_RETURNED,
    Why.DISPUTE_LOST: Kindly.ORDER_RETURNED,
    Why.BELOW_MINIMUM_AFTER_REFUND: Kindly.ORDER_RETURNED,
    Why.OVER_CAP: Kindly.LIMIT,
    Why.OTHER_ORDER_STANDS: Kindly.ALREADY_CUSTOMER,
    Why.EXPIRED: Kindly.OUT_OF_TIME,
    Why.OUT_OF_TIME: Kindly.OUT_OF_TIME,
}


def kindly(reason: str) -> Kindly:
    """What the advocate is told for a reason code; whatever has no kind of its own is "conditions not met"."""
    return KINDLY.get(reason, Kindly.CONDITIONS)


class Standing(StrEnum):
    PENDING = "PENDING"
    QUALIFIED = "QUALIFIED"
    NOT_QUALIFIED = "NOT_QUALIFIED"


@dataclass(frozen=True, slots=True)
class WantedReward:
    """In the rule's unit. ``amount_minor`` 0 means: cancelled (``Wanted.reason`` says why)."""

    amount_minor: int
    full_minor: int
    #: Worth of the amount in minor units of the program's currency; None where nobody said.
    fair_minor: int | None
    release_at: datetime | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class Wanted:
    """What should stand for one attributed order. Sides are None while nothing was ever paid."""

    standing: Standing
    reason: Why
    advocate: WantedReward | None
    friend: WantedReward | None

    def refused(self, reason: Why, *, friend_keeps: bool = False) -> Wanted:
        """The same, with no reward for the advocate (nor for the friend, unless they keep theirs)."""
        friend = self.friend if friend_keeps else None
        return replace(self, standing=Standing.NOT_QUALIFIED, reason=reason, advocate=None, friend=friend)

    def unrewarded(self) -> Wanted:
        """The same standing, with nothing for anybody: somebody of the team gave the referral without rewards."""
        reason = Why.WITHOUT_REWARDS if self.standing == Standing.QUALIFIED else self.reason
        return replace(self, reason=reason, advocate=None, friend=None)


#: As a referral is before it first qualifies.
UNGRANTED = Grant()

#: With these an order is not worth a reward: no row is made, unless an earlier version of it was worth one. Everything
#: else leaves a row, cancelled if need be.
NEVER_WORTH_ONE = frozenset({Why.TEST_ORDER, Why.OTHER_CURRENCY, Why.OTHER_COUNTRY, Why.TOO_LATE, Why.NOTHING_COUNTS})


def counted(view: OrderView, terms: Terms, worth_minor: int | None = None) -> tuple[int, int]:
    """The base and what is left of it after returns, in the currency of the terms.

    An order in another currency is never converted by itself: it counts once somebody of the team has said what the
    whole of it is worth (``worth_minor``), and shrinks by the share of what comes back. Until then it counts nothing.
    """
    base, net = base_minor(view, terms), net_base_minor(view, terms)
    if view.currency == terms.currency:
        return base, net
    return (worth_minor, worth_left(worth_minor, base, net)) if worth_minor and base > 0 else (0, 0)


def worth_left(worth_minor: int, base: int, net: int) -> int:
    """The share of a stated worth that is left when ``net`` is left of ``base``."""
    return divide_half_even(worth_minor * net, base) if base > 0 else 0


def settle(
    view: OrderView,
    terms: Terms,
    *,
    touched_at: datetime,
    zone: str,
    grant: Grant = UNGRANTED,
    worth_minor: int | None = None,
) -> Wanted:
    """Whether the reward rule passes, the amounts and the due date, from the frozen terms the friend saw.

    ``grant`` is what the referral got when it first qualified; before that, the plain rule. ``worth_minor``: see
    ``counted``.
    """
    reason = _obstacle(view, terms, touched_at, zone, worth_minor)
    bases = counted(view, terms, worth_minor)
    if not view.was_ever_paid:
        standing = Standing.PENDING if reason in (None, Why.NOT_PAID) else Standing.NOT_QUALIFIED
        return Wanted(standing, reason or Why.NOT_PAID, None, None)
    standing = Standing.NOT_QUALIFIED if reason else Standing.QUALIFIED
    if reason in NEVER_WORTH_ONE and not _was_worth_one(view, terms, touched_at, zone, worth_minor):
        return Wanted(standing, reason, None, None)
    return Wanted(
        standing,
        reason or Why.QUALIFIES,
        advocate=_wanted_reward(
            advocate_rule(terms, grant), view, terms, bases, reason, zone, grant.advocate_amount, grant.trust
        ),
        friend=_wanted_reward(terms.friend_reward, view, terms, bases, reason, zone, grant.friend_amount, 0)
        if terms.friend_reward
        else None,
    )


def level_rule(terms: Terms, grant: Grant) -> RewardRule:
    """The advocate's reward at the level they had."""
    return terms.at_tier(grant.tier).advocate_reward


def advocate_rule(terms: Terms, grant: Grant) -> RewardRule:
    """The same in the way they chose to take it."""
    return level_rule(terms, grant).as_chosen(grant.chosen)


def _was_worth_one(view: OrderView, terms: Terms, touched_at: datetime, zone: str, worth_minor: int | None) -> bool:
    return any(
        version.was_ever_paid and _obstacle(version, terms, touched_at, zone, worth_minor) not in NEVER_WORTH_ONE
        for version in earlier_versions(view)
    )


def _obstacle(view: OrderView, terms: Terms, touched_at: datetime, zone: str, worth_minor: int | None) -> Why | None:
    """The first thing that keeps the reward rule from passing; order matters only for what people are told."""
    base, net = counted(view, terms, worth_minor)
    if view.is_test:
        return Why.TEST_ORDER
    if view.currency != terms.currency and worth_minor is None:
        return Why.OTHER_CURRENCY
    if view.cancelled_at:
        return Why.CANCELLED
    if terms.countries and view.country not in terms.countries:
        return Why.OTHER_COUNTRY
    if view.paid_at and view.paid_at > add_days(touched_at, terms.qualification_window_days, zone):
        return Why.TOO_LATE
    if base <= 0:
        return Why.NOTHING_COUNTS
    if base < terms.min_order_minor:
        return Why.BELOW_MINIMUM
    if net <= 0:
        return Why.DISPUTE_LOST if view.has_lost_dispute else Why.REFUNDED
    if net < terms.min_order_minor:
        return Why.BELOW_MINIMUM_AFTER_REFUND
    return None if view.is_paid else Why.NOT_PAID


def _wanted_reward(
    rule: RewardRule,
    view: OrderView,
    terms: Terms,
    bases: tuple[int, int],
    obstacle: Why | None,
    zone: str,
    amount_of: Callable[[RewardRule, int], int],
    trust: int,
) -> WantedReward:
    """``trust`` is the advocate's: the friend's own reward waits the whole window."""
    due = due_at(view, terms, zone=zone, trust=trust)
    base, net = bases
    amount = 0 if obstacle else amount_of(rule, net)
    return WantedReward(
        amount_minor=amount,
        full_minor=amount_of(rule, base),
        fair_minor=rule.fair_value(amount),
        release_at=due.at,
        basis=due.basis,
    )
