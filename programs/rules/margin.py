"""The margin guard: does a referral pay for itself, and are both sides together worth what they cost? Pure.

Money is minor units of one currency, shares are basis points. Everything is about one referred order that is kept:

- margin: what the order leaves at list price. With 40 % of 60.00 that is 24.00, before any discount.
- friend: the discount is given when the friend buys, and is gone with the order when all of it comes back. A reward of
  the friend's is counted like the advocate's.
- advocate: the reward follows what is paid, so a percentage is one of the order after the discount. It waits until the
  order can no longer be returned. Where there is no hold, it is lost on orders that come back, so each kept order
  bears its share of those too.
- acquisition: what a new customer costs today elsewhere. A return costs the shop more than its margin (parcels, work);
  nobody told us how much, so it is left out.

Rewards on further orders of the same friend, levels above the ground one and bonus campaigns come with orders or
friends of their own and are left out as well.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from programs.rules.terms import Offer, RewardRule, Terms, Value

WHOLE = 10_000
#: Both sides together, of what a new customer costs elsewhere. The field's example: give 15 and get 15 where one
#: costs 50 (30 of 50). Above it a program saves little against the advertisements it was to replace.
MOST_OF_ACQUISITION = 6_000
#: How many orders must be known before their spread says anything.
FEWEST_ORDERS = 20
#: From this coefficient of variation on (standard deviation by mean) order values differ too much for one fixed
#: amount: the border between classes X and Y of XYZ analysis in stock keeping, where 0.5 parts steady from varying.
WIDE_SPREAD = 5_000
#: No order is larger than this; a search for break-even ends there.
LARGEST_ORDER = 10**12


@dataclass(frozen=True, slots=True)
class Business:
    """What is known of the business; None where nobody said it. ``spread_bp``: coefficient of variation of orders."""

    order_minor: int | None = None
    margin_bp: int | None = None
    return_bp: int | None = None
    acquisition_minor: int | None = None
    spread_bp: int | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Business:
        return cls(**{name: data[name] for name in cls.__slots__ if name in data})

    def or_else(self, other: Business) -> Business:
        """What is unknown here as the other knows it."""
        own, more = asdict(self), asdict(other)
        return Business(**{name: more[name] if value is None else value for name, value in own.items()})


class Advice(StrEnum):
    NOTHING = "nothing"  # too little is known
    PERCENT = "percent"
    FIXED = "fixed"


class Verdict(StrEnum):
    UNKNOWN = "unknown"  # average order or margin was not said
    GOOD = "good"
    DEAR = "dear"  # pays for itself, and costs more of the acquisition than it should
    LOSS = "loss"  # an average order leaves less than nothing


@dataclass(frozen=True, slots=True)
class Guard:
    """``left_minor``: what an average kept order leaves after both sides. ``break_even_minor``: the smallest order that
    loses nothing; None when none does. ``share_bp``: both sides of what a customer costs elsewhere.

    ``is_partial``: something is given whose worth nobody said, so the true cost is higher.
    """

    verdict: Verdict
    margin_minor: int = 0
    friend_minor: int = 0
    advocate_minor: int = 0
    left_minor: int = 0
    break_even_minor: int | None = None
    share_bp: int | None = None
    most_minor: int | None = None
    is_partial: bool = False

    @property
    def both_minor(self) -> int:
        return self.friend_minor + self.advocate_minor

    @property
    def is_over_acquisition(self) -> bool:
        return self.share_bp is not None and self.share_bp > MOST_OF_ACQUISITION


def guard(terms: Terms, business: Business) -> Guard:
    """What an average order of this business leaves under these terms."""
    order, margin_bp = business.order_minor, business.margin_bp
    if not order or margin_bp is None:
        return Guard(Verdict.UNKNOWN, is_partial=is_partial(terms))
    friend, advocate = _friend_cost(terms, order), _advocate_cost(terms, order, business)
    margin = Fraction(order * margin_bp, WHOLE)
    left, both = margin - friend - advocate, friend + advocate
    share = _share(both, business.acquisition_minor)
    return Guard(
        _verdict(left, share),
        margin_minor=round(margin),
        friend_minor=round(friend),
        advocate_minor=round(advocate),
        left_minor=round(left),
        break_even_minor=break_even(terms, business),
        share_bp=share,
        most_minor=most_for_both(business),
        is_partial=is_partial(terms),
    )


def most_for_both(business: Business) -> int | None:
    """What both sides together should cost at most."""
    cost = business.acquisition_minor
    return cost * MOST_OF_ACQUISITION // WHOLE if cost else None


def break_even(terms: Terms, business: Business) -> int | None:
    """The smallest order whose margin bears both sides; from there on every larger one does too.

    Above what is given away whole, costs bend downwards only: fixed amounts stand still, shares keep pace, limits make
    them smaller. So the orders that lose lie together below those that do not, and halving finds the border.
    """
    if business.margin_bp is None or not _bears(terms, business, LARGEST_ORDER):
        return None
    low, high = _given_away(terms.offer), LARGEST_ORDER
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _bears(terms, business, middle) else (middle, high)
    return max(high, terms.min_order_minor)


def advice(business: Business, orders: int) -> Advice:
    """Percent where orders differ widely: a fixed amount would be half of the small ones and nothing to the large.

    Fixed where they are alike: it costs the same, and "10 euros for you" is understood faster than a share.
    """
    if business.spread_bp is None or orders < FEWEST_ORDERS:
        return Advice.NOTHING
    return Advice.PERCENT if business.spread_bp >= WIDE_SPREAD else Advice.FIXED


def is_partial(terms: Terms) -> bool:
    rules = [rule for rule in (terms.advocate_reward, terms.friend_reward) if rule]
    return any(rule.fair_value(rule.amount_for(WHOLE)) is None for rule in rules)


def _bears(terms: Terms, business: Business, order: int) -> bool:
    margin = Fraction(order * (business.margin_bp or 0), WHOLE)
    return margin >= _friend_cost(terms, order) + _advocate_cost(terms, order, business)


def _friend_cost(terms: Terms, order: int) -> Fraction:
    reward = _worth(terms.friend_reward, _paid(terms, order)) if terms.friend_reward else Fraction(0)
    return _discount(terms.offer, order) + reward


def _advocate_cost(terms: Terms, order: int, business: Business) -> Fraction:
    once = _worth(terms.advocate_reward, _paid(terms, order)) / terms.advocate_reward.every
    kept = WHOLE - (business.return_bp or 0)
    is_lost_on_returns = terms.return_window_days == 0 and kept > 0
    return once * Fraction(WHOLE, kept) if is_lost_on_returns else once


def _given_away(offer: Offer | None) -> int:
    """The largest order a fixed discount pays for whole: nothing is left of it to earn with."""
    return offer.value if offer and offer.kind == Value.FIXED else 0


def _paid(terms: Terms, order: int) -> Fraction:
    return order - _discount(terms.offer, order)


def _discount(offer: Offer | None, order: int) -> Fraction:
    """Nobody gets more off than the order is worth."""
    if offer is None:
        return Fraction(0)
    wanted = Fraction(order * offer.value, WHOLE) if offer.kind == Value.PERCENT else Fraction(offer.value)
    return min(wanted, Fraction(order))


def _worth(rule: RewardRule, paid: Fraction) -> Fraction:
    """In exact fractions, so that a search over orders sees no steps of rounding. Unknown worth counts nothing."""
    if rule.kind == Value.FIXED:
        return Fraction(rule.fair_value(rule.value) or 0)
    share = paid * rule.value / WHOLE
    return min(share, Fraction(rule.cap_minor)) if rule.cap_minor is not None else share


def _share(both: Fraction, acquisition: int | None) -> int | None:
    return round(both * WHOLE / acquisition) if acquisition else None


def _verdict(left: Fraction, share: int | None) -> Verdict:
    if left < 0:
        return Verdict.LOSS
    return Verdict.DEAR if share is not None and share > MOST_OF_ACQUISITION else Verdict.GOOD
