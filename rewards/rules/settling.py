"""What an attributed order is worth to both sides, and when. Pure: facts and frozen terms in, wanted rewards out.

``settle_order()`` (rewards.actions.settle) posts only the difference between what is wanted here and what stands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kit.days import add_days
from programs.rules import RewardRule, Terms
from tracking.rules import Basis, OrderView, anchor, base_minor, earlier_versions, net_base_minor


class Why(StrEnum):
    """Reason codes of a referral and its rewards. Words for people: rewards.wording."""

    QUALIFIES = "qualifies"
    NOT_PAID = "not_paid_yet"
    CANCELLED = "order_cancelled"
    REFUNDED = "order_refunded"
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


class Kindly(StrEnum):
    """The six kinds of refusal an advocate may be told; nothing about the friend, the order or any signal."""

    OWN_PURCHASE = "own_purchase"
    ALREADY_CUSTOMER = "already_customer"
    ALREADY_REFERRED = "already_referred"
    ORDER_RETURNED = "order_returned"
    CONDITIONS = "conditions_not_met"
    LIMIT = "limit_reached"


KINDLY: dict[str, Kindly] = {
    "own_purchase": Kindly.OWN_PURCHASE,
    "existing_customer": Kindly.ALREADY_CUSTOMER,
    "already_referred": Kindly.ALREADY_REFERRED,
    Why.CANCELLED: Kindly.ORDER_RETURNED,
    Why.REFUNDED: Kindly.ORDER_RETURNED,
    Why.BELOW_MINIMUM_AFTER_REFUND: Kindly.ORDER_RETURNED,
    Why.OVER_CAP: Kindly.LIMIT,
    Why.OTHER_ORDER_STANDS: Kindly.ALREADY_CUSTOMER,
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
    """Minor units of the terms' currency. ``amount_minor`` 0 means: cancelled (``Wanted.reason`` says why)."""

    amount_minor: int
    full_minor: int
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


#: With these an order is not worth a reward: no row is made, unless an earlier version of it was worth one. Everything
#: else leaves a row, cancelled if need be.
NEVER_WORTH_ONE = frozenset({Why.TEST_ORDER, Why.OTHER_CURRENCY, Why.OTHER_COUNTRY, Why.TOO_LATE, Why.NOTHING_COUNTS})


def settle(view: OrderView, terms: Terms, *, touched_at: datetime, zone: str) -> Wanted:
    """Whether the reward rule passes, the amounts and the due date, from the frozen terms the friend saw."""
    reason = _obstacle(view, terms, touched_at, zone)
    if not view.was_ever_paid:
        standing = Standing.PENDING if reason in (None, Why.NOT_PAID) else Standing.NOT_QUALIFIED
        return Wanted(standing, reason or Why.NOT_PAID, None, None)
    standing = Standing.NOT_QUALIFIED if reason else Standing.QUALIFIED
    if reason in NEVER_WORTH_ONE and not _was_worth_one(view, terms, touched_at, zone):
        return Wanted(standing, reason, None, None)
    return Wanted(
        standing,
        reason or Why.QUALIFIES,
        advocate=_wanted_reward(terms.advocate_reward, view, terms, reason, zone),
        friend=_wanted_reward(terms.friend_reward, view, terms, reason, zone) if terms.friend_reward else None,
    )


def _was_worth_one(view: OrderView, terms: Terms, touched_at: datetime, zone: str) -> bool:
    return any(
        version.was_ever_paid and _obstacle(version, terms, touched_at, zone) not in NEVER_WORTH_ONE
        for version in earlier_versions(view)
    )


def _obstacle(view: OrderView, terms: Terms, touched_at: datetime, zone: str) -> Why | None:
    """The first thing that keeps the reward rule from passing; order matters only for what people are told."""
    base, net = base_minor(view, terms), net_base_minor(view, terms)
    if view.is_test:
        return Why.TEST_ORDER
    if view.currency != terms.currency:
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
        return Why.REFUNDED
    if net < terms.min_order_minor:
        return Why.BELOW_MINIMUM_AFTER_REFUND
    return None if view.is_paid else Why.NOT_PAID


def _wanted_reward(rule: RewardRule, view: OrderView, terms: Terms, obstacle: Why | None, zone: str) -> WantedReward:
    from_anchor = anchor(view, zone=zone)
    due = add_days(from_anchor.at, terms.return_window_days, zone) if from_anchor.at else None
    return WantedReward(
        amount_minor=0 if obstacle else rule.amount_for(net_base_minor(view, terms)),
        full_minor=rule.amount_for(base_minor(view, terms)),
        release_at=due,
        basis=from_anchor.basis,
    )


@dataclass(frozen=True, slots=True)
class CapNotice:
    reached: bool
    near: bool


def cap_notice(*, given: int, cap: int) -> CapNotice:
    """After ``given`` rewards of at most ``cap``: tell at 80 % (once, on crossing it) and when reached."""
    threshold = -(-cap * 8 // 10)
    return CapNotice(reached=given >= cap, near=given == threshold and given < cap)
