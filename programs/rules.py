"""What a program promises, as plain data, and the rules that hold for any set of terms. Pure: no ORM, no clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Any

from kit.money import percent_of


class Value(StrEnum):
    PERCENT = "PERCENT"  # basis points of the order's base
    FIXED = "FIXED"  # minor units


class CodeSource(StrEnum):
    POOL = "POOL"  # uploaded single-use codes
    SHOP_CODE = "SHOP_CODE"  # one shop-wide code the merchant pasted
    WEBHOOK = "WEBHOOK"  # our signed webhook must answer 2xx before a code is shown


class Fulfilment(StrEnum):
    COUPON_POOL = "COUPON_POOL"
    COUPON_WEBHOOK = "COUPON_WEBHOOK"
    MANUAL = "MANUAL"
    WEBHOOK = "WEBHOOK"


class Scope(StrEnum):
    SHOP = "SHOP"
    PRODUCTS = "PRODUCTS"
    COLLECTIONS = "COLLECTIONS"


class TouchRule(StrEnum):
    FIRST = "FIRST"
    LAST = "LAST"


@dataclass(frozen=True, slots=True)
class Offer:
    """What the friend gets before buying. ``value``: basis points for PERCENT, minor units for FIXED."""

    kind: Value = Value.PERCENT
    value: int = 1000
    source: CodeSource = CodeSource.POOL
    shop_code: str = ""
    valid_days: int = 30


@dataclass(frozen=True, slots=True)
class RewardRule:
    """What one side gets after the hold. ``value`` as in Offer; ``cap_minor`` limits a percentage per referral."""

    kind: Value = Value.PERCENT
    value: int = 1000
    cap_minor: int | None = None
    fulfilment: Fulfilment = Fulfilment.MANUAL

    def amount_for(self, base_minor: int) -> int:
        """Minor units for an order of this base; half-even (kit.money states it once)."""
        amount = self.value if self.kind == Value.FIXED else percent_of(base_minor, self.value)
        return min(amount, self.cap_minor) if self.cap_minor is not None else amount


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of a program's rules. Money in minor units of ``currency``; windows in days."""

    currency: str
    advocate_reward: RewardRule = field(default_factory=RewardRule)
    offer: Offer | None = field(default_factory=Offer)
    friend_reward: RewardRule | None = None
    new_customers_only: bool = True
    min_order_minor: int = 0
    advocates_must_be_customers: bool = False
    advocate_min_orders: int = 0
    countries: tuple[str, ...] = ()
    scope: Scope = Scope.SHOP
    scope_ids: tuple[str, ...] = ()
    touch_rule: TouchRule = TouchRule.FIRST
    attribution_window_days: int = 30
    qualification_window_days: int = 90
    return_window_days: int = 30
    advocate_cap: int | None = None
    starts_on: str | None = None
    ends_on: str | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Terms:
        known = {name: data[name] for name in cls.__dataclass_fields__ if name in data}
        return replace(
            cls(currency=known["currency"]),
            **{
                **known,
                "advocate_reward": _reward(known["advocate_reward"]),
                "offer": _offer(known.get("offer")),
                "friend_reward": _reward(known["friend_reward"]) if known.get("friend_reward") else None,
                "countries": tuple(known.get("countries", ())),
                "scope": Scope(known.get("scope", Scope.SHOP)),
                "scope_ids": tuple(known.get("scope_ids", ())),
                "touch_rule": TouchRule(known.get("touch_rule", TouchRule.FIRST)),
            },
        )


def _reward(data: dict[str, Any]) -> RewardRule:
    return RewardRule(
        **{**data, "kind": Value(data["kind"]), "fulfilment": Fulfilment(data["fulfilment"])},
    )


def _offer(data: dict[str, Any] | None) -> Offer | None:
    if data is None:
        return None
    return Offer(**{**data, "kind": Value(data["kind"]), "source": CodeSource(data["source"])})


@dataclass(frozen=True, slots=True)
class Problem:
    """Why terms may not be published: the field and a reason code; the words are made where they are shown."""

    field: str
    code: str


def problems(terms: Terms) -> list[Problem]:
    """Everything that is wrong with these terms by themselves (stock and connections are asked elsewhere)."""
    return list(_problems(terms))


def _problems(terms: Terms) -> Iterator[Problem]:
    if terms.offer is None and terms.friend_reward is None:
        yield Problem("friend_side", "friend_gets_nothing")
    yield from _window_problems(terms)
    if terms.offer:
        yield from _offer_problems(terms.offer)
    for name, rule in (("advocate_reward", terms.advocate_reward), ("friend_reward", terms.friend_reward)):
        if rule:
            yield from _value_problems(f"{name}_value", rule.kind, rule.value)
            yield from _limit_problems(f"{name}_cap", rule.cap_minor)
    yield from _limit_problems("advocate_cap", terms.advocate_cap)
    for name in ("min_order_minor", "advocate_min_orders"):
        if getattr(terms, name) < 0:
            yield Problem(name, "must_not_be_negative")
    if terms.scope != Scope.SHOP and not terms.scope_ids:
        yield Problem("scope_ids", "required")
    yield from _date_problems(terms)


def _window_problems(terms: Terms) -> Iterator[Problem]:
    for name in ("attribution_window_days", "qualification_window_days"):
        if not 1 <= getattr(terms, name) <= 365:
            yield Problem(name, "days_1_to_365")
    if not 0 <= terms.return_window_days <= 365:
        yield Problem("return_window_days", "days_0_to_365")


def _offer_problems(offer: Offer) -> Iterator[Problem]:
    yield from _value_problems("offer_value", offer.kind, offer.value)
    if offer.source == CodeSource.SHOP_CODE and not offer.shop_code:
        yield Problem("offer_shop_code", "required")
    if not 1 <= offer.valid_days <= 365:
        yield Problem("offer_valid_days", "days_1_to_365")


def _value_problems(name: str, kind: Value, value: int) -> Iterator[Problem]:
    if value <= 0:
        yield Problem(name, "must_be_positive")
    if kind == Value.PERCENT and value > 10_000:
        yield Problem(name, "over_100_percent")


def _limit_problems(name: str, limit: int | None) -> Iterator[Problem]:
    if limit is not None and limit <= 0:
        yield Problem(name, "must_be_positive")


def _date_problems(terms: Terms) -> Iterator[Problem]:
    wrong = [name for name in ("starts_on", "ends_on") if not _is_date_or_empty(getattr(terms, name))]
    for name in wrong:
        yield Problem(name, "no_date")
    if not wrong and terms.starts_on and terms.ends_on and terms.ends_on < terms.starts_on:
        yield Problem("ends_on", "end_before_start")


def _is_date_or_empty(text: str | None) -> bool:
    """ISO dates of ten characters, so that they also compare as text."""
    try:
        return text is None or date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def line_in_scope(terms: Terms, *, product_id: str, collection_ids: tuple[str, ...]) -> bool:
    """Whether an order line counts for the base and the minimum."""
    if terms.scope == Scope.SHOP:
        return True
    if terms.scope == Scope.PRODUCTS:
        return product_id in terms.scope_ids
    return any(item in terms.scope_ids for item in collection_ids)


class Transition(StrEnum):
    PUBLISH = "publish"
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"
    ARCHIVE = "archive"


#: (state, transition) -> next state. Whatever is not here is refused. Nothing is ever deleted.
TRANSITIONS: dict[tuple[str, Transition], str] = {
    ("DRAFT", Transition.PUBLISH): "ACTIVE",
    ("ACTIVE", Transition.PUBLISH): "ACTIVE",
    ("PAUSED", Transition.PUBLISH): "PAUSED",
    ("ACTIVE", Transition.PAUSE): "PAUSED",
    ("PAUSED", Transition.RESUME): "ACTIVE",
    ("ACTIVE", Transition.END): "ENDED",
    ("PAUSED", Transition.END): "ENDED",
    ("DRAFT", Transition.ARCHIVE): "DRAFT",
    ("ENDED", Transition.ARCHIVE): "ENDED",
}


def allowed_transitions(state: str, *, archived: bool) -> list[Transition]:
    return [] if archived else [step for (start, step) in TRANSITIONS if start == state]
