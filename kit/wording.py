"""How dates, spans and changes are said: pure functions of the value, the language and, where needed, the zone.

Every date a person reads is a day of some zone (the merchant's, as a rule), so the zone is always a parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta
from babel.numbers import format_decimal, format_percent
from django.utils.translation import gettext as _

Trend = Literal["up", "down", "flat"]
RELATIVE_FOR = timedelta(days=14)
_SPANS: tuple[tuple[Literal["day", "hour", "minute"], timedelta], ...] = (
    ("day", timedelta(days=1)),
    ("hour", timedelta(hours=1)),
    ("minute", timedelta(minutes=1)),
)
#: Above what a larger unit would be taken.
_NEVER = 10**6
#: Texts of a kind that are kept: a list writes hundreds of days and amounts, most of them again and again, and each
#: takes longer to write than the database needs to find its row.
REMEMBERED = 4096


@lru_cache(maxsize=64)
def locale_of(language: str) -> Locale:
    """Django's language code as a Babel locale; English where Babel has none."""
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        return Locale("en")


def zone_of(zone: str | tzinfo) -> tzinfo:
    return ZoneInfo(zone) if isinstance(zone, str) else zone


def day(moment: datetime | date, zone: str | tzinfo, language: str) -> str:
    """The day written out: "14 December 2025", in German "14. Dezember 2025"."""
    return _date_text(_date_in(moment, zone), "long", _day_first(language))


def short_day(moment: datetime | date, zone: str | tzinfo, language: str) -> str:
    """The day in short: "14 Dec 2025"."""
    return _date_text(_date_in(moment, zone), "medium", _day_first(language))


def month(moment: datetime | date, language: str) -> str:
    """The month of a year: "December 2025"."""
    return str(format_skeleton("yMMMM", moment, locale=_day_first(language)))


def exact(moment: datetime, zone: str | tzinfo, language: str) -> str:
    """Day, time and zone, for the title of a relative time: "14 December 2025, 09:30:00 CET"."""
    return _exact_text(moment, zone_of(zone), _day_first(language))


@lru_cache(maxsize=REMEMBERED)
def _date_text(day: date, length: Literal["long", "medium"], locale: Locale) -> str:
    return str(format_date(day, format=length, locale=locale))


@lru_cache(maxsize=REMEMBERED)
def _exact_text(moment: datetime, zone: tzinfo, locale: Locale) -> str:
    return str(format_datetime(moment, format="long", tzinfo=zone, locale=locale))


def relative(moment: datetime, now: datetime, zone: str | tzinfo, language: str) -> str:
    """How long ago or ahead: "3 hours ago", "in 2 days"; beyond two weeks the day itself."""
    span = moment - now
    if abs(span) < timedelta(minutes=1):
        return _("just now")
    if abs(span) > RELATIVE_FOR:
        return short_day(moment, zone, language)
    unit, size = next((unit, size) for unit, size in _SPANS if abs(span) >= size)
    return _whole(unit, int(span / size) * size, locale_of(language))


def _whole(unit: Literal["day", "hour", "minute"], span: timedelta, locale: Locale) -> str:
    """In that unit alone: no 61 seconds, and no week between 8 days and 10."""
    return str(format_timedelta(span, granularity=unit, threshold=_NEVER, add_direction=True, locale=locale))


@lru_cache(maxsize=REMEMBERED)
def number(value: int | float, language: str) -> str:
    return str(format_decimal(value, locale=locale_of(language)))


def percent(basis_points: int, language: str) -> str:
    """Hundredths of a percent as a person reads them: 1250 is "12.5%"."""
    pattern = "#,##0%" if basis_points % 100 == 0 or abs(basis_points) >= 10_000 else None
    locale = locale_of(language)
    if pattern:
        return str(format_percent(basis_points / 10_000, locale=locale))
    return str(
        format_percent(basis_points / 10_000, format=_one_decimal(locale), locale=locale, decimal_quantization=True)
    )


@dataclass(frozen=True)
class Change:
    """What became of a figure since the period before, in words."""

    text: str
    trend: Trend


def change_in_words(current: int, previous: int | None, language: str) -> Change | None:
    """None when there is no period before; without a base a percentage would be a lie, so the number is said."""
    if previous is None:
        return None
    if current == previous:
        return Change(_("Same as the period before"), "flat")
    trend: Trend = "up" if current > previous else "down"
    if previous <= 0:
        return Change(_("%(before)s in the period before") % {"before": number(previous, language)}, "flat")
    size = percent(round(abs(current - previous) * 100 / previous) * 100, language)
    words = _("Up %(size)s on the period before") if trend == "up" else _("Down %(size)s on the period before")
    return Change(words % {"size": size}, trend)


def _date_in(moment: datetime | date, zone: str | tzinfo) -> date:
    return moment.astimezone(zone_of(zone)).date() if isinstance(moment, datetime) else moment


def _day_first(language: str) -> Locale:
    """Plain English is read worldwide, so it writes the day first and 24 hours; en-US keeps its own order."""
    return _ENGLISH if language == "en" else locale_of(language)


_ENGLISH = Locale("en", "GB")


def _one_decimal(locale: Locale) -> str:
    return str(locale.percent_formats[None].pattern).replace("#,##0", "#,##0.#")
