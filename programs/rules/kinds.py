"""What can be given: a table of forms over five mechanisms. A new form is a row here, not new code.

A merchant's own kinds (programs.models.RewardKind) are rows of one of these forms; what a program promises is frozen
into its terms as ``Gives``. Pure: no ORM, no clock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kit.money import LARGEST_MINOR, is_currency
from kit.units import MONTHS, PIECES, POINTS, is_unit


class Mechanism(StrEnum):
    """How it reaches the person; everything else about a kind is data."""

    CODE = "CODE"  # a code they type at the checkout
    BALANCE = "BALANCE"  # credit on an account: money, points, months, megabytes
    MONEY = "MONEY"  # paid out, or a gift card ordered
    THING = "THING"  # sent by post, taken from a stock
    WEBHOOK = "WEBHOOK"  # the merchant's own system does it


class Fulfilment(StrEnum):
    """Who delivers: the keys of settings.REWARD_FULFILLERS, and what waits for a person."""

    COUPON_POOL = "COUPON_POOL"
    COUPON_WEBHOOK = "COUPON_WEBHOOK"
    SHOPIFY_DISCOUNT = "SHOPIFY_DISCOUNT"
    WOOCOMMERCE_COUPON = "WOOCOMMERCE_COUPON"
    STRIPE_PROMOTION = "STRIPE_PROMOTION"
    STRIPE_BALANCE = "STRIPE_BALANCE"
    BALANCE = "BALANCE"  # our own account of points and units, read by the merchant's system
    GIFT_CARD = "GIFT_CARD"
    PAYOUT = "PAYOUT"  # waits for a payout
    SHIPMENT = "SHIPMENT"  # waits for an address, then for a hand
    WEBHOOK = "WEBHOOK"
    MANUAL = "MANUAL"


#: No sweep ever tries these: a person does it, or a payout.
BY_PEOPLE = frozenset({Fulfilment.MANUAL, Fulfilment.PAYOUT, Fulfilment.SHIPMENT})


#: What they deliver is a code to be typed in; the voucher of the others is a reference.
CODE_GIVERS = frozenset(
    {
        Fulfilment.COUPON_POOL,
        Fulfilment.COUPON_WEBHOOK,
        Fulfilment.SHOPIFY_DISCOUNT,
        Fulfilment.WOOCOMMERCE_COUPON,
        Fulfilment.STRIPE_PROMOTION,
    }
)


class Form(StrEnum):
    """What it is, as the recipient would say."""

    PERCENT_CODE = "PERCENT_CODE"
    FIXED_CODE = "FIXED_CODE"
    FREE_SHIPPING_CODE = "FREE_SHIPPING_CODE"
    FREE_PRODUCT_CODE = "FREE_PRODUCT_CODE"
    STORE_CREDIT = "STORE_CREDIT"
    POINTS = "POINTS"
    FREE_TIME = "FREE_TIME"
    SUBSCRIPTION_CREDIT = "SUBSCRIPTION_CREDIT"
    CUSTOM_UNIT = "CUSTOM_UNIT"
    CASH = "CASH"
    GIFT_CARD = "GIFT_CARD"
    GIFT = "GIFT"
    SWAG = "SWAG"
    PLAN_UPGRADE = "PLAN_UPGRADE"
    DONATION = "DONATION"
    ANYTHING = "ANYTHING"


MONEY_UNIT = "money"  # the workspace's currency
ANY_UNIT = "any"


@dataclass(frozen=True, slots=True)
class FormRow:
    """``unit``: the one unit it is counted in, MONEY_UNIT or ANY_UNIT. ``wants``: settings without which it is nothing.

    ``fulfilments``: who can deliver it, the usual one first.
    """

    mechanism: Mechanism
    unit: str
    fulfilments: tuple[Fulfilment, ...]
    wants: tuple[str, ...] = ()


_CODES = (
    Fulfilment.COUPON_POOL,
    Fulfilment.COUPON_WEBHOOK,
    Fulfilment.SHOPIFY_DISCOUNT,
    Fulfilment.WOOCOMMERCE_COUPON,
)
_CODES_AND_STRIPE = (*_CODES, Fulfilment.STRIPE_PROMOTION)
_OWN_ACCOUNT = (Fulfilment.BALANCE, Fulfilment.WEBHOOK, Fulfilment.MANUAL)
_BY_SYSTEM_OR_HAND = (Fulfilment.WEBHOOK, Fulfilment.MANUAL)

FORMS: Mapping[Form, FormRow] = {
    Form.PERCENT_CODE: FormRow(Mechanism.CODE, PIECES, _CODES_AND_STRIPE, ("percent",)),
    Form.FIXED_CODE: FormRow(Mechanism.CODE, MONEY_UNIT, _CODES_AND_STRIPE),
    Form.FREE_SHIPPING_CODE: FormRow(Mechanism.CODE, PIECES, _CODES),
    Form.FREE_PRODUCT_CODE: FormRow(Mechanism.CODE, PIECES, _CODES, ("product_id",)),
    Form.STORE_CREDIT: FormRow(Mechanism.BALANCE, MONEY_UNIT, _OWN_ACCOUNT),
    Form.POINTS: FormRow(Mechanism.BALANCE, POINTS, _OWN_ACCOUNT),
    Form.FREE_TIME: FormRow(Mechanism.BALANCE, MONTHS, (Fulfilment.STRIPE_BALANCE, *_OWN_ACCOUNT)),
    Form.SUBSCRIPTION_CREDIT: FormRow(Mechanism.BALANCE, MONEY_UNIT, (Fulfilment.STRIPE_BALANCE, *_OWN_ACCOUNT)),
    Form.CUSTOM_UNIT: FormRow(Mechanism.BALANCE, ANY_UNIT, _OWN_ACCOUNT),
    Form.CASH: FormRow(Mechanism.MONEY, MONEY_UNIT, (Fulfilment.PAYOUT, Fulfilment.MANUAL)),
    Form.GIFT_CARD: FormRow(
        Mechanism.MONEY, MONEY_UNIT, (Fulfilment.GIFT_CARD, Fulfilment.COUPON_POOL, Fulfilment.MANUAL)
    ),
    Form.GIFT: FormRow(Mechanism.THING, PIECES, (Fulfilment.SHIPMENT,)),
    Form.SWAG: FormRow(Mechanism.THING, PIECES, (Fulfilment.SHIPMENT,)),
    Form.PLAN_UPGRADE: FormRow(Mechanism.WEBHOOK, MONTHS, _BY_SYSTEM_OR_HAND, ("plan",)),
    Form.DONATION: FormRow(Mechanism.WEBHOOK, MONEY_UNIT, _BY_SYSTEM_OR_HAND, ("charity",)),
    Form.ANYTHING: FormRow(Mechanism.WEBHOOK, ANY_UNIT, _BY_SYSTEM_OR_HAND),
}


@dataclass(frozen=True, slots=True)
class Gives:
    """A kind as it was when the terms were frozen. ``fair_minor``: what one whole unit is worth to the recipient, in
    minor units of the workspace's currency; None where the unit is that currency."""

    id: str
    name: str
    form: Form
    unit: str
    fulfilment: Fulfilment
    fair_minor: int | None = None
    valid_days: int | None = None
    setting: dict[str, str] = field(default_factory=dict)

    @classmethod
    def from_json(cls, data: Mapping[str, Any] | None) -> Gives | None:
        if not data:
            return None
        return cls(**{**data, "form": Form(data["form"]), "fulfilment": Fulfilment(data["fulfilment"])})

    @property
    def mechanism(self) -> Mechanism:
        return FORMS[self.form].mechanism

    def fair_value(self, amount: int) -> int | None:
        """Worth of ``amount`` in minor units of the workspace's currency; None where the merchant never said.

        What somebody mistyped beyond all measure is worth the largest amount there is, so that no order breaks over it.
        """
        if is_currency(self.unit):
            return amount
        return None if self.fair_minor is None else min(amount * self.fair_minor, LARGEST_MINOR)


@dataclass(frozen=True, slots=True)
class KindProblem:
    """Why a kind cannot be made: the field and a reason code."""

    field: str
    code: str


def kind_problems(gives: Gives, *, currency: str) -> list[KindProblem]:
    """Everything wrong with a kind by itself; ``currency`` is the workspace's."""
    return list(_kind_problems(gives, currency))


def _kind_problems(gives: Gives, currency: str) -> Iterator[KindProblem]:
    row = FORMS[gives.form]
    if not gives.name.strip():
        yield KindProblem("name", "required")
    if gives.fulfilment not in row.fulfilments:
        yield KindProblem("fulfilment", "cannot_deliver_this")
    if not unit_fits(row, gives.unit, currency):
        yield KindProblem("unit", "wrong_unit")
    if gives.fair_minor is not None and gives.fair_minor < 0:
        yield KindProblem("fair_minor", "must_not_be_negative")
    if gives.valid_days is not None and not 1 <= gives.valid_days <= 3650:
        yield KindProblem("valid_days", "days_1_to_3650")
    for name in row.wants:
        if not gives.setting.get(name, "").strip():
            yield KindProblem(name, "required")
    percent = gives.setting.get("percent")
    if percent and not (percent.isascii() and percent.isdigit() and 1 <= int(percent) <= 100):
        yield KindProblem("percent", "percent_1_to_100")


def unit_fits(row: FormRow, unit: str, currency: str) -> bool:
    """Other currencies than the workspace's are never a unit: amounts are not converted."""
    if row.unit == MONEY_UNIT:
        return unit == currency
    if row.unit == ANY_UNIT:
        return is_unit(unit) and (unit == currency or not is_currency(unit))
    return unit == row.unit
