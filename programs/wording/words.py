"""What every sentence about a program needs: how its values, days and countries are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from babel.lists import format_list
from babel.numbers import format_percent
from django.utils.translation import gettext as _

from kit.money import format_money
from kit.units import PIECES, amount_text
from kit.wording import day, locale_of, number
from programs.models import Program
from programs.rules import Offer, RewardRule, Terms, Value


@dataclass(frozen=True, slots=True)
class Words:
    """The terms, the shop's name, and the language that everything is written in."""

    terms: Terms
    shop: str
    language: str

    def money(self, minor: int) -> str:
        return format_money(minor, self.terms.currency, self.language)

    def percent(self, basis_points: int) -> str:
        """Exact: what is promised is never rounded for show."""
        locale = locale_of(self.language)
        pattern = str(locale.percent_formats[None].pattern).replace("#,##0", "#,##0.##")
        return str(format_percent(Decimal(basis_points) / 10_000, format=pattern, locale=locale))

    def number(self, count: int) -> str:
        return number(count, self.language)

    def offer(self, offer: Offer) -> str:
        return self.percent(offer.value) if offer.kind == Value.PERCENT else self.money(offer.value)

    def amount(self, amount: int, rule: RewardRule) -> str:
        """So much of what the rule gives: "€10.00", "500 MB", "3 months"; a thing by its name."""
        if rule.gives and rule.gives.unit == PIECES:
            if amount == 1:
                return rule.gives.name
            return _("%(count)s × %(name)s") % {"count": self.number(amount), "name": rule.gives.name}
        return amount_text(amount, rule.unit_in(self.terms.currency), self.language)

    def reward(self, rule: RewardRule) -> str:
        """The rule's value alone: a share, or so much of what it gives."""
        return self.percent(rule.value) if rule.kind == Value.PERCENT else self.amount(rule.value, rule)

    def date(self, iso: str) -> str:
        return day(date.fromisoformat(iso), "UTC", self.language)

    def countries(self) -> str:
        locale = locale_of(self.language)
        return self.listed(sorted(str(locale.territories.get(code, code)) for code in self.terms.countries))

    def listed(self, parts: list[str], style: Literal["standard", "or"] = "standard") -> str:
        return str(format_list(parts, style=style, locale=locale_of(self.language)))


def words_of(terms: Terms, program: Program, language: str) -> Words:
    return Words(terms, program.merchant.name, language)
