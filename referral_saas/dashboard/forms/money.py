"""Amounts and shares as people type them: major units and percents in, minor units and basis points out."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import get_decimal_symbol
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from kit.language import language_of_page
from kit.money import MoneyError, exponent, parse_minor, to_major_text
from kit.wording import locale_of


class AmountField(forms.CharField):
    """Money of ``currency`` in major units; cleans to minor units, or None where nothing was typed."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def __init__(self, *, currency: str = "EUR", **kwargs: Any) -> None:
        super().__init__(max_length=24, **kwargs)
        self.currency = currency

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        return minor_of(text, self.currency) if text else None


def minor_of(text: str, currency: str) -> int:
    try:
        return parse_minor(with_point(text), currency)
    except MoneyError as error:
        raise ValidationError(str(error)) from error


def basis_points_of(text: str) -> int:
    """ "12.5" is 1250. Finer than a hundredth of a percent is refused: nobody could pay it exactly."""
    try:
        share = Decimal(with_point(text.strip().removesuffix("%").strip()))
    except InvalidOperation as error:
        raise ValidationError(_("Write the percentage as a number, for example 10 or 12.5.")) from error
    if not share.is_finite() or not 0 <= share <= 100 or (points := share * 100) != points.to_integral_value():
        raise ValidationError(_("Write a percentage from 0 to 100 with two decimals at most, for example 12.5."))
    return int(points)


def percent_text(basis_points: int) -> str:
    """As the reader would type it: "12.5", in German "12,5"."""
    if basis_points % 100 == 0:
        return str(basis_points // 100)
    return _as_typed(f"{Decimal(basis_points) / 100:f}".rstrip("0"))


def major_text(minor: int | None, currency: str) -> str:
    """As the reader would type it. With three decimals a comma could part thousands, so there the point stays."""
    if minor is None:
        return ""
    text = to_major_text(minor, currency)
    return _as_typed(text) if exponent(currency) <= 2 else text


def _as_typed(text: str) -> str:
    comma = get_decimal_symbol(locale_of(language_of_page())) == ","
    return text.replace(".", ",") if comma else text


def with_point(text: str) -> str:
    """Many people write 39,80: one comma without a point before two or fewer digits can mean nothing else."""
    typed = text.strip()
    whole, comma, rest = typed.partition(",")
    return f"{whole}.{rest}" if comma and "." not in typed and rest.isdigit() and len(rest) <= 2 else typed
