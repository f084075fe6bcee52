"""Reading a JSON body strictly: every field by name and type, all errors at once, nothing unknown let through."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kit.money import MoneyError, is_currency, parse_minor
from kit.text import normalise_email
from referral_saas.api.problems import FieldError, bad_fields

#: Shops' clocks may run ahead of ours by this much.
CLOCK_SKEW = timedelta(minutes=5)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
#: Nobody corrects more than this at a time, and an answer must stay small.
MOST_ERRORS = 50

_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_COUNTRY = re.compile(r"[A-Z]{2}")
_MISSING = object()


@dataclass
class Body:
    """One JSON object. Readers note errors instead of raising; ``done()`` raises them all, unknown fields included."""

    data: dict[str, Any]
    path: str = ""
    errors: list[FieldError] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    parts: list[Body] = field(default_factory=list)

    @classmethod
    def of(cls, data: Any) -> Body:
        if isinstance(data, dict):
            return cls(data)
        body = cls({})
        body.errors.append(FieldError("", "not_an_object", _("Send a JSON object: {...}.")))
        return body

    # --- kinds of fields ------------------------------------------------------------------------------------

    def has(self, name: str) -> bool:
        """Whether the field was sent; null counts as not sent."""
        self.known.add(name)
        return self.data.get(name) is not None

    def text(self, name: str, *, required: bool = False, longest: int = 120) -> str:
        value = self._take(name, required)
        if value is _MISSING:
            return ""
        if not isinstance(value, str):
            return self._refuse(name, "not_text", _("Send text in quotes."), "")
        value = value.strip()
        if required and not value:
            return self._refuse(name, "empty", _("This must not be empty."), "")
        if len(value) > longest or "\n" in value:
            return self._refuse(
                name, "too_long", _("Send one line of at most %(longest)s characters.") % {"longest": longest}, ""
            )
        return value

    def key(self, name: str, *, required: bool = True) -> str:
        """An id of the shop's own: text, or a whole number written as one."""
        value = self.data.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
            self.known.add(name)
            return str(value)
        return self.text(name, required=required)

    def choice(self, name: str, choices: Collection[str], *, default: str = "") -> str:
        """Required unless there is a default."""
        value = self._take(name, required=not default)
        if value is _MISSING:
            return default
        if not isinstance(value, str) or value not in choices:
            detail = _("Send one of: %(choices)s.") % {"choices": ", ".join(sorted(choices))}
            return self._refuse(name, "not_a_choice", detail, default)
        return value

    def flag(self, name: str, default: bool) -> bool:
        value = self._take(name, False)
        if value is _MISSING:
            return default
        if not isinstance(value, bool):
            return self._refuse(name, "not_a_boolean", _("Send true or false."), default)
        return value

    def count(self, name: str, *, default: int, most: int = 1_000_000) -> int:
        value = self._take(name, False)
        if value is _MISSING:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
            return self._refuse(
                name, "not_a_count", _("Send a whole number from 1 to %(most)s.") % {"most": most}, default
            )
        return value

    def currency(self, name: str = "currency") -> str:
        value = self._take(name, True)
        if value is _MISSING:
            return ""
        if not is_currency(value):
            return self._refuse(
                name, "not_a_currency", _("Send an active ISO 4217 code in capitals, for example EUR."), ""
            )
        return str(value)

    def money(self, name: str, currency: str, *, required: bool = False, least: int = 0) -> int | None:
        """Minor units of an amount in major units. None when it is missing, unusable, or the currency is."""
        value = self._take(name, required)
        if value is _MISSING or not currency:
            return None
        if isinstance(value, Decimal) and isinstance(exponent := value.as_tuple().exponent, int) and exponent > 0:
            return self._refuse(
                name, "bad_amount", _('Write the amount without an exponent, for example "39.80".'), None
            )
        try:
            minor = parse_minor(value, currency)
        except MoneyError as trouble:
            return self._refuse(name, "bad_amount", str(trouble), None)
        if minor < least:
            return self._refuse(name, "too_small", _("The amount must be greater than zero."), None)
        return minor

    def time(self, name: str, *, now: datetime, required: bool = False) -> datetime | None:
        """A moment with its offset, not before 2000 and at most five minutes ahead of ``now``."""
        value = self._take(name, required)
        if value is _MISSING:
            return None
        moment = _moment(value)
        if moment is None:
            detail = _("Send date, time and offset, for example 2026-05-04T12:00:00+02:00.")
            return self._refuse(name, "not_a_time", detail, None)
        if moment > now + CLOCK_SKEW:
            return self._refuse(
                name, "in_the_future", _("This time is still to come. Check the clock and the offset."), None
            )
        if moment < EARLIEST:
            return self._refuse(name, "too_long_ago", _("Send a time after the year 2000."), None)
        return moment

    def email(self, name: str = "email") -> str:
        text = self.text(name, required=True, longest=254)
        if not text:
            return ""
        email = normalise_email(text)
        return email or self._refuse(name, "not_an_address", _("Send an e-mail address like eve@example.com."), "")

    def country(self, name: str = "country") -> str:
        text = self.text(name)
        if text and not _COUNTRY.fullmatch(text):
            return self._refuse(
                name, "not_a_country", _("Send the two capital letters of ISO 3166, for example DE."), ""
            )
        return text

    def texts(self, name: str, *, most: int = 250, longest: int = 120) -> list[str]:
        """A list of texts."""
        value = self._list(name, most)
        if all(isinstance(item, str) and len(item) <= longest for item in value):
            return [item.strip() for item in value]
        return self._refuse(name, "not_texts", _("Send a list of texts in quotes."), [])

    def part(self, name: str, *, required: bool = False) -> Body | None:
        """The object under this name, with its own errors collected here."""
        value = self._take(name, required)
        if value is _MISSING:
            return None
        if not isinstance(value, dict):
            return self._refuse(name, "not_an_object", _("Send a JSON object: {...}."), None)
        return self._part(value, self._at(name))

    def each(self, name: str, *, most: int) -> list[Body]:
        """The objects of a list."""
        members = self._list(name, most)
        if not all(isinstance(member, dict) for member in members):
            return self._refuse(name, "not_objects", _("Send a list of JSON objects: [{...}]."), [])
        return [self._part(member, f"{self._at(name)}[{index}]") for index, member in enumerate(members)]

    # --- the end --------------------------------------------------------------------------------------------

    def refuse(self, name: str, code: str, detail: str) -> None:
        self.errors.append(FieldError(self._at(name), code, detail))

    def done(self) -> None:
        """Raise whatever was wrong, fields nobody asked for included."""
        if errors := self.all_errors():
            raise bad_fields(errors[:MOST_ERRORS])

    def all_errors(self) -> list[FieldError]:
        unknown = [FieldError(self._at(name[:80]), "unknown_field", _unknown(self.known)) for name in self._unknown()]
        return [*self.errors, *unknown, *(error for part in self.parts for error in part.all_errors())]

    def _unknown(self) -> list[str]:
        return [name for name in self.data if name not in self.known]

    def _take(self, name: str, required: bool) -> Any:
        self.known.add(name)
        value = self.data.get(name)
        if value is not None:
            return value
        if required:
            self.refuse(name, "required", _("This field is required."))
        return _MISSING

    def _refuse(self, name: str, code: str, detail: str, instead: Any) -> Any:
        self.refuse(name, code, detail)
        return instead

    def _list(self, name: str, most: int) -> list[Any]:
        value = self._take(name, False)
        if value is _MISSING:
            return []
        if not isinstance(value, list) or len(value) > most:
            return self._refuse(name, "not_a_list", _("Send a list of at most %(most)s.") % {"most": most}, [])
        return value

    def _part(self, data: dict[str, Any], path: str) -> Body:
        part = Body(data, path)
        self.parts.append(part)
        return part

    def _at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path and name else self.path or name


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _unknown(known: set[str]) -> str:
    return _("There is no such field here. The fields are: %(fields)s.") % {"fields": ", ".join(sorted(known))}
