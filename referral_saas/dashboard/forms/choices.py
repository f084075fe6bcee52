"""Long lists that forms offer, in the reader's language."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from babel import Locale
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kit.language import language_of_page
from kit.money import EXPONENTS
from kit.wording import locale_of

_AREAS = (
    "Africa/",
    "America/",
    "Antarctica/",
    "Arctic/",
    "Asia/",
    "Atlantic/",
    "Australia/",
    "Europe/",
    "Indian/",
    "Pacific/",
)


#: Funds codes of ISO 4217 and units of account: banks reckon in them, no shop sells for them.
_FUNDS = frozenset(["BOV", "CHE", "CHW", "CLF", "COU", "MXV", "USN", "UYI", "UYW", "XAD"])


def currencies() -> list[tuple[str, str]]:
    names = _locale().currencies
    return [(code, f"{code}, {names[code]}" if code in names else code) for code in sorted(EXPONENTS.keys() - _FUNDS)]


def time_zones() -> list[tuple[str, str]]:
    """Places as the tz database names them; its old abbreviations are left out."""
    return [(name, name.replace("_", " ")) for name in _places()]


@cache
def _places() -> list[str]:
    """Looked for in the folders of the database each time, they took longer than the page that offers them."""
    return ["UTC", *sorted(name for name in available_timezones() if name.startswith(_AREAS))]


def is_country(code: str) -> bool:
    return len(code) == 2 and code.isalpha() and code in _locale().territories


def with_words(name: object, words: object) -> SafeString:
    """A choice of a group: its name, and what it means below."""
    return format_html("<strong>{}</strong><br>{}", name, words)


def _locale() -> Locale:
    return locale_of(language_of_page())
