"""What a side can be given: an amount of money in one of the plain ways, or something of the merchant's catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from kit.money import is_currency
from kit.units import MONTHS, PIECES, POINTS
from programs.models import RewardKind
from programs.rules import Fulfilment, Gives, RewardRule, Terms, Value
from referral_saas.dashboard.forms.money import basis_points_of, major_text, minor_of, percent_text

DELIVERIES = [
    (Fulfilment.COUPON_POOL.value, _("Voucher code that you upload from your shop")),
    (Fulfilment.COUPON_WEBHOOK.value, _("Voucher code that your webhook makes")),
    (Fulfilment.WEBHOOK.value, _("Your webhook delivers it (credit, gift, points)")),
    (Fulfilment.MANUAL.value, _("By hand: your team sends it and marks it as sent")),
]
_KIND = "kind:"
_UNIT_WORDS = {PIECES: _("pieces"), MONTHS: _("months"), POINTS: _("points")}
_WHOLE = re.compile(r"([0-9]{1,12})\s*([A-Za-z_0-9]*)")

Choices = list[tuple[str, object]]


class Shelf:
    """The catalogue as a list to choose from. What the draft gives already stays on it, also when it was put away."""

    def __init__(self, kinds: Iterable[RewardKind], terms: Terms) -> None:
        self.current = {_KIND + str(kind.pk): kind.as_gives() for kind in kinds}
        drafted = {_KIND + gives.id: gives for gives in _given(terms)}
        self.known = drafted | self.current

    def gives(self, picked: str) -> Gives | None:
        """None for a plain amount of money."""
        return self.known.get(picked)

    def choices(self) -> Choices:
        ours = [(key, self._label(key, gives)) for key, gives in self.known.items()]
        plain: Choices = [(_t("An amount of money"), list(DELIVERIES))]
        return [*plain, (_t("From your catalogue"), ours)] if ours else plain

    def _label(self, key: str, gives: Gives) -> str:
        values = {"name": gives.name, "unit": unit_words(gives.unit)}
        if self.current and key not in self.current:
            return _t("%(name)s (put away)") % values
        return _t("%(name)s (%(unit)s)") % values


def picked(gives: Gives | None, fulfilment: Fulfilment) -> str:
    """What stands chosen for a rule."""
    return _KIND + gives.id if gives else fulfilment.value


def unit_words(unit: str) -> str:
    return str(_UNIT_WORDS.get(unit, unit))


def amount_of(text: str, unit: str) -> int:
    """ "12.50" of a currency in minor units, "500" or "500 MB" of anything else."""
    if is_currency(unit):
        return minor_of(text, unit)
    found = _WHOLE.fullmatch(text.strip())
    if not found or found[2].upper() not in {"", unit, unit.removesuffix("S")}:
        raise ValidationError(
            _t("Write a whole number of %(unit)s, for example %(example)s.")
            % {"unit": unit_words(unit), "example": f"{3 if unit in _UNIT_WORDS else 500}"}
        )
    return int(found[1])


def amount_text(amount: int | None, unit: str) -> str:
    if amount is None:
        return ""
    return major_text(amount, unit) if is_currency(unit) else str(amount)


def value_of(text: str, unit: str) -> tuple[Value, int]:
    """ "15%" is a share of the order, anything else an amount of the unit. A share is always one of money."""
    if not text.strip().endswith("%"):
        return Value.FIXED, amount_of(text, unit)
    if not is_currency(unit):
        raise ValidationError(_t("A percentage of an order is money: write a number of %(unit)s instead.")
                              % {"unit": unit_words(unit)})  # fmt: skip
    return Value.PERCENT, basis_points_of(text)


def value_text(kind: Value, value: int, unit: str) -> str:
    return f"{percent_text(value)}%" if kind == Value.PERCENT else amount_text(value, unit)


def _given(terms: Terms) -> Iterator[Gives]:
    rules: list[RewardRule | None] = [terms.advocate_reward, terms.friend_reward]
    for rule in [*rules, *(tier.advocate_reward for tier in terms.tiers)]:
        for gives in (rule.gives, *(choice.gives for choice in rule.choices)) if rule else ():
            if gives:
                yield gives
