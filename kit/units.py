"""Amounts of anything that is given: money in minor units, or whole pieces of a unit of their own.

A unit is an ISO 4217 code or a name in capitals ("POINTS", "MONTHS", "MB"). Units are never converted into each other
and never summed together; only currencies have decimals.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit.money import format_money, is_currency, to_major_text
from kit.wording import number

PIECES, MONTHS, POINTS = "PIECES", "MONTHS", "POINTS"
LONGEST_UNIT = 12
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,11}")


def unit_text(unit: str) -> str:
    """The unit itself, over amounts of it: "EUR", "Points"."""
    words = {PIECES: _("Pieces"), MONTHS: _("Months"), POINTS: _("Points")}
    return words.get(unit, unit)


def is_unit(name: object) -> bool:
    """An active currency, or a name that cannot be mistaken for one (three letters are currencies only)."""
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return False
    return is_currency(name) or not (len(name) == 3 and name.isalpha())


def plain_amount(amount: int, unit: str) -> str:
    """For software: "39.80" for money with all its decimals, "500" for anything else."""
    return to_major_text(amount, unit) if is_currency(unit) else str(amount)


def amount_text(amount: int, unit: str, language: str = "en") -> str:
    """For people: "39,80 €", "3 months", "500 MB"."""
    if is_currency(unit):
        return format_money(amount, unit, language)
    counted = number(amount, language)
    if unit == PIECES:
        return ngettext("%(count)s piece", "%(count)s pieces", amount) % {"count": counted}
    if unit == MONTHS:
        return ngettext("%(count)s month", "%(count)s months", amount) % {"count": counted}
    if unit == POINTS:
        return ngettext("%(count)s point", "%(count)s points", amount) % {"count": counted}
    return f"{counted}\xa0{unit}"
