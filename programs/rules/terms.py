"""What a program promises, as plain data. Pure: no ORM, no clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any

from kit.money import percent_of
from programs.rules.kinds import Fulfilment, Gives

#: How long after its hold an unchosen reward waits before it is given as the rule says.
PATIENCE_DAYS = 14


class Value(StrEnum):
    PERCENT = "PERCENT"  # basis points of the order's base
    FIXED = "FIXED"  # minor units


class CodeSource(StrEnum):
    POOL = "POOL"  # uploaded single-use codes
    SHOP_CODE = "SHOP_CODE"  # one shop-wide code the merchant pasted
    WEBHOOK = "WEBHOOK"  # our signed webhook must answer 2xx before a code is shown


class Scope(StrEnum):
    SHOP = "SHOP"
    PRODUCTS = "PRODUCTS"
    COLLECTIONS = "COLLECTIONS"


class TouchRule(StrEnum):
    FIRST = "FIRST"
    LAST = "LAST"


class CodeRule(StrEnum):
    """What a code typed at checkout is worth beside links and claims of the same friend."""

    OVERRIDES = "OVERRIDES"  # it beats them all
    TOUCH = "TOUCH"  # it is one touch among them, at its own time


@dataclass(frozen=True, slots=True)
class Offer:
    """What the friend gets before buying. ``value``: basis points for PERCENT, minor units for FIXED."""

    kind: Value = Value.PERCENT
    value: int = 1000
    source: CodeSource = CodeSource.POOL
    shop_code: str = ""
    valid_days: int = 30


@dataclass(frozen=True, slots=True)
class Choice:
    """Another way to take a reward: another kind or value (neither: the same), for themselves or for the friend."""

    key: str
    kind: Value = Value.FIXED
    value: int = 0
    gives: Gives | None = None
    fulfilment: Fulfilment = Fulfilment.MANUAL
    to_friend: bool = False


@dataclass(frozen=True, slots=True)
class RewardRule:
    """What one side gets after the hold. ``value`` as in Offer; ``cap_minor`` limits a percentage per referral.

    With ``gives`` it is something of the merchant's catalogue and ``value`` counts its unit; without, plain money.
    ``every`` N-th referral of an advocate earns it; for ``recurring_months`` after the friend's first order every
    further order of theirs earns it as well.
    """

    kind: Value = Value.PERCENT
    value: int = 1000
    cap_minor: int | None = None
    fulfilment: Fulfilment = Fulfilment.MANUAL
    gives: Gives | None = None
    every: int = 1
    recurring_months: int = 0
    choices: tuple[Choice, ...] = ()

    def amount_for(self, base_minor: int) -> int:
        """In its unit, for an order of this base; half-even (kit.money states it once). A fixed amount has no cap."""
        if self.kind == Value.FIXED:
            return self.value
        amount = percent_of(base_minor, self.value)
        return min(amount, self.cap_minor) if self.cap_minor is not None else amount

    def unit_in(self, currency: str) -> str:
        return self.gives.unit if self.gives else currency

    def fair_value(self, amount: int) -> int | None:
        """Worth in minor units of the program's currency; None where the merchant never said what a unit is worth."""
        return self.gives.fair_value(amount) if self.gives else amount

    def as_chosen(self, key: str) -> RewardRule:
        """The rule as the recipient chose it; an unknown or empty key is the rule itself."""
        chosen = next((choice for choice in self.choices if choice.key == key), None)
        if chosen is None or (not chosen.value and chosen.gives is None):
            return self
        gives = chosen.gives or self.gives
        taken = replace(self, gives=gives, fulfilment=gives.fulfilment if gives else chosen.fulfilment)
        if not chosen.value:
            return taken
        cap = self.cap_minor if chosen.kind == Value.PERCENT else None
        return replace(taken, kind=chosen.kind, value=chosen.value, cap_minor=cap)

    def goes_to_friend(self, key: str) -> bool:
        return any(choice.to_friend for choice in self.choices if choice.key == key)


class TierMetric(StrEnum):
    REFERRALS = "REFERRALS"  # how many referrals have qualified
    REVENUE = "REVENUE"  # net value of their orders, minor units of the terms' currency


@dataclass(frozen=True, slots=True)
class Tier:
    """A level above the ground one, reached at ``threshold`` of the terms' metric. Counts for what comes after it."""

    name: str
    threshold: int
    advocate_reward: RewardRule
    offer: Offer | None = None


class CapPeriod(StrEnum):
    EVER = "EVER"
    MONTH = "MONTH"  # of the calendar, in the merchant's zone
    YEAR = "YEAR"
    ROLLING_30 = "ROLLING_30"
    ROLLING_365 = "ROLLING_365"


@dataclass(frozen=True, slots=True)
class HoldOverride:
    """Products or collections with a return window of their own, in days."""

    ids: tuple[str, ...]
    days: int


@dataclass(frozen=True, slots=True)
class Holiday:
    """What arrives from ``from_on`` to ``to_on`` may be returned until the end of ``until_on``. ISO dates."""

    from_on: str
    to_on: str
    until_on: str


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of a program's rules. Money in minor units of ``currency``; windows in days."""

    currency: str
    advocate_reward: RewardRule = field(default_factory=RewardRule)
    offer: Offer | None = field(default_factory=Offer)
    friend_reward: RewardRule | None = None
    new_customers_only: bool = True
    min_order_minor: int = 0
    count_tax: bool = False
    count_shipping: bool = False
    advocates_must_be_customers: bool = False
    advocate_min_orders: int = 0
    countries: tuple[str, ...] = ()
    scope: Scope = Scope.SHOP
    scope_ids: tuple[str, ...] = ()
    touch_rule: TouchRule = TouchRule.FIRST
    code_rule: CodeRule = CodeRule.OVERRIDES
    attribution_window_days: int = 30
    qualification_window_days: int = 90
    return_window_days: int = 30
    hold_overrides: tuple[HoldOverride, ...] = ()
    holiday: Holiday | None = None
    #: The longest hold for advocates of trust level 1, 2 ...; level 0 waits the whole window.
    trust_hold_days: tuple[int, ...] = ()
    #: Most rewards (and most value, in the unit of the advocate's reward) per advocate and period.
    advocate_cap: int | None = None
    advocate_cap_minor: int | None = None
    cap_period: CapPeriod = CapPeriod.EVER
    tiers: tuple[Tier, ...] = ()
    tier_metric: TierMetric = TierMetric.REFERRALS
    starts_on: str | None = None
    ends_on: str | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Terms:
        """Terms frozen by an earlier release know less: what they do not name has its default."""
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        read = {name: reader(known[name]) for name, reader in _READERS.items() if name in known}
        return cls(**{**known, **read})

    def at_tier(self, level: int) -> Terms:
        """As they are for an advocate of that level (0: the ground level)."""
        if not 0 < level <= len(self.tiers):
            return self
        tier = self.tiers[level - 1]
        return replace(self, advocate_reward=tier.advocate_reward, offer=tier.offer or self.offer)

    def level_for(self, measured: int) -> int:
        """The highest level whose threshold is reached; tiers are in rising order."""
        return sum(1 for tier in self.tiers if measured >= tier.threshold)


def _reward(data: dict[str, Any]) -> RewardRule:
    read = {
        "kind": Value(data["kind"]),
        "fulfilment": Fulfilment(data["fulfilment"]),
        "gives": Gives.from_json(data.get("gives")),
        "choices": tuple(_choice(item) for item in data.get("choices", ())),
    }
    return RewardRule(**{**data, **read})


def _choice(data: dict[str, Any]) -> Choice:
    read = {"kind": Value(data["kind"]), "fulfilment": Fulfilment(data["fulfilment"])}
    return Choice(**{**data, **read, "gives": Gives.from_json(data.get("gives"))})


def _offer(data: dict[str, Any] | None) -> Offer | None:
    if data is None:
        return None
    return Offer(**{**data, "kind": Value(data["kind"]), "source": CodeSource(data["source"])})


def _tier(data: dict[str, Any]) -> Tier:
    return Tier(data["name"], data["threshold"], _reward(data["advocate_reward"]), _offer(data.get("offer")))


#: How a field of the stored JSON becomes what it is in Terms; all others are stored as they are.
_READERS: dict[str, Callable[[Any], Any]] = {
    "advocate_reward": _reward,
    "friend_reward": lambda data: _reward(data) if data else None,
    "offer": _offer,
    "countries": tuple,
    "scope": Scope,
    "scope_ids": tuple,
    "touch_rule": TouchRule,
    "code_rule": CodeRule,
    "hold_overrides": lambda items: tuple(HoldOverride(tuple(item["ids"]), item["days"]) for item in items),
    "holiday": lambda data: Holiday(**data) if data else None,
    "trust_hold_days": tuple,
    "cap_period": CapPeriod,
    "tiers": lambda items: tuple(_tier(item) for item in items),
    "tier_metric": TierMetric,
}


def line_in_scope(terms: Terms, *, product_id: str, collection_ids: tuple[str, ...]) -> bool:
    """Whether an order line counts for the base and the minimum."""
    if terms.scope == Scope.SHOP:
        return True
    if terms.scope == Scope.PRODUCTS:
        return product_id in terms.scope_ids
    return any(item in terms.scope_ids for item in collection_ids)
