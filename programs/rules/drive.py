"""A test drive of a program: its steps in their order, what stands in for the outside, and the order that is placed.

Pure: no ORM, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from kit.money import BASIS_POINTS, percent_of
from programs.rules.kinds import BY_PEOPLE, FORMS, Fulfilment, Mechanism
from programs.rules.terms import CodeSource, Offer, RewardRule, Scope, Terms, Value


class Step(StrEnum):
    """In the order in which they are played."""

    JOIN = "join"  # the advocate joins and has a link
    VISIT = "visit"  # the friend opens it and gets the offer
    ORDER = "order"  # the friend buys, and it is attributed
    DELIVERY = "delivery"
    HOLD = "hold"  # the clock moves to the end of the hold
    RELEASE = "release"
    GIFT = "gift"  # the reward is given
    RETURN = "return"  # the other end: the order comes back


LOOP = tuple(step for step in Step if step != Step.RETURN)


class Turn(StrEnum):
    """What pressing a step's button means now."""

    PLAY = "play"
    PLAYED = "played"  # it was played before: nothing is to be done
    NOT_YET = "not_yet"


@dataclass(frozen=True, slots=True)
class Course:
    """How far a drive is. ``reached``: the last step of the loop that was played; None before the first."""

    reached: Step | None = None
    comes_back: bool = False

    @property
    def played(self) -> tuple[Step, ...]:
        loop = LOOP[: LOOP.index(self.reached) + 1] if self.reached else ()
        return (*loop, Step.RETURN) if self.comes_back else loop

    @property
    def ahead(self) -> tuple[Step, ...]:
        return () if self.comes_back else LOOP[len(self.played) :]

    @property
    def next(self) -> Step | None:
        """None when it is over."""
        return self.ahead[0] if self.ahead else None

    @property
    def is_over(self) -> bool:
        return self.next is None

    @property
    def may_come_back(self) -> bool:
        """Once there is an order, and at most once."""
        return Step.ORDER in self.played and not self.comes_back

    def turn(self, step: Step) -> Turn:
        if step in self.played:
            return Turn.PLAYED
        if step == self.next or (step == Step.RETURN and self.may_come_back):
            return Turn.PLAY
        return Turn.NOT_YET

    def after(self, step: Step) -> Course:
        """Where it stands when this step was played; a step that is not to be played now changes nothing."""
        if self.turn(step) != Turn.PLAY:
            return self
        return replace(self, comes_back=True) if step == Step.RETURN else Course(step)


# --- what stands in for the outside -------------------------------------------------------------------------------


class StandIn(StrEnum):
    """What is other in a drive than it will be for real; the words are made where they are shown."""

    CODES = "codes"  # codes of our own instead of those of the shop
    BY_HAND = "by_hand"  # marked as given, instead of paid out, posted or told to the merchant's software
    BALANCE = "balance"  # put on an account with us instead of one elsewhere
    CHOICE = "choice"  # nobody chooses among several rewards
    EVERY = "every"  # the first referral earns already
    DATES = "dates"  # the program runs from now on without an end
    LEVELS = "levels"  # levels above the first are left out


def on_stage(terms: Terms) -> Terms:
    """The same promises with nothing outside: no shop, no payment service, no parcel is asked for anything."""
    return replace(
        terms,
        offer=_offer(terms.offer) if terms.offer else None,
        advocate_reward=_rule(terms.advocate_reward),
        friend_reward=_rule(terms.friend_reward) if terms.friend_reward else None,
        tiers=(),
        starts_on=None,
        ends_on=None,
    )


def stand_ins(terms: Terms) -> list[StandIn]:
    """What the drive of these terms does otherwise."""
    played, rules = on_stage(terms), [rule for rule in (terms.advocate_reward, terms.friend_reward) if rule]
    changed = {played_by(rule) for rule in rules if played_by(rule) != rule.fulfilment}
    has_codes = Fulfilment.COUPON_POOL in changed or any(r.fulfilment == Fulfilment.COUPON_POOL for r in rules)
    told = {
        StandIn.CODES: has_codes or bool(played.offer and played.offer.source == CodeSource.POOL),
        StandIn.BY_HAND: Fulfilment.MANUAL in changed,
        StandIn.BALANCE: Fulfilment.BALANCE in changed,
        StandIn.CHOICE: any(rule.choices for rule in rules),
        StandIn.EVERY: any(rule.every > 1 for rule in rules),
        StandIn.DATES: bool(terms.starts_on or terms.ends_on),
        StandIn.LEVELS: bool(terms.tiers),
    }
    return [name for name, is_so in told.items() if is_so]


def played_by(rule: RewardRule) -> Fulfilment:
    """Who gives it in a drive: codes come from a pool, units lie on our own account, everything else a hand gives."""
    mechanism = FORMS[rule.gives.form].mechanism if rule.gives else _PLAIN.get(rule.fulfilment)
    if rule.fulfilment in BY_PEOPLE:
        return Fulfilment.MANUAL
    if mechanism == Mechanism.CODE or rule.fulfilment in (Fulfilment.COUPON_POOL, Fulfilment.GIFT_CARD):
        return Fulfilment.COUPON_POOL
    return Fulfilment.BALANCE if mechanism == Mechanism.BALANCE and rule.gives else Fulfilment.MANUAL


_PLAIN = {
    Fulfilment.COUPON_WEBHOOK: Mechanism.CODE,
    Fulfilment.SHOPIFY_DISCOUNT: Mechanism.CODE,
    Fulfilment.WOOCOMMERCE_COUPON: Mechanism.CODE,
    Fulfilment.STRIPE_PROMOTION: Mechanism.CODE,
}


def _offer(offer: Offer) -> Offer:
    return replace(offer, source=CodeSource.POOL) if offer.source == CodeSource.WEBHOOK else offer


def _rule(rule: RewardRule) -> RewardRule:
    way = played_by(rule)
    gives = replace(rule.gives, fulfilment=way) if rule.gives else None
    return replace(rule, fulfilment=way, gives=gives, every=1, choices=())


# --- the friend's order -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Basket:
    """Minor units. ``net_minor`` is what the friend pays: the price less the discount."""

    price_minor: int
    discount_minor: int
    product_id: str = ""
    collection_id: str = ""
    country: str = ""

    @property
    def net_minor(self) -> int:
        return self.price_minor - self.discount_minor


def basket(terms: Terms, *, usual_minor: int) -> Basket:
    """An order of the usual size, or as much larger as the program's minimum wants after the discount."""
    least = _price_for(terms.offer, terms.min_order_minor)
    price = max(usual_minor, least)
    ids = terms.scope_ids[0] if terms.scope_ids else ""
    return Basket(
        price,
        _discount(terms.offer, price),
        product_id=ids if terms.scope == Scope.PRODUCTS else "",
        collection_id=ids if terms.scope == Scope.COLLECTIONS else "",
        country=terms.countries[0] if terms.countries else "",
    )


def _discount(offer: Offer | None, price: int) -> int:
    if offer is None:
        return 0
    return percent_of(price, offer.value) if offer.kind == Value.PERCENT else min(offer.value, price)


def _price_for(offer: Offer | None, net: int) -> int:
    """The smallest price of which this much is left."""
    if offer is None or net <= 0:
        return net
    if offer.kind == Value.FIXED:
        return net + offer.value
    kept = BASIS_POINTS - offer.value
    return -(-net * BASIS_POINTS // kept) if kept > 0 else net
