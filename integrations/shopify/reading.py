"""Single values of a Shopify payload: read strictly, because whatever is guessed here becomes somebody's money."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from kit.money import MoneyError, exponent, is_currency, parse_minor
from kit.text import clean_text

Json = dict[str, Any]

MOST_PIECES = 1_000_000
LONGEST_ID = 60


class NotReadable(ValueError):
    """The payload cannot be understood; ``reason`` is a code for people's words, never the value itself."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def minor(value: Any, currency: str) -> int:
    """An amount in minor units; absent is 0. Text is exact or refused.

    Numbers (Shopify writes a refund's subtotals so) carry binary noise such as 19.989999999999998 and are rounded.
    """
    if value is None or value == "":
        return 0
    try:
        amount = _rounded(value, currency) if isinstance(value, Decimal | float) else value
        return parse_minor(amount, currency, allow_negative=True)
    except (MoneyError, InvalidOperation) as error:
        raise NotReadable("bad_amount") from error


def _rounded(value: Decimal | float, currency: str) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-exponent(currency)), rounding=ROUND_HALF_EVEN)


def rate(value: Any) -> Decimal:
    """A tax rate such as 0.19; 0 for what is none."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)
    return found if found.is_finite() and 0 < found < 10 else Decimal(0)


def pieces(value: Any) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_PIECES:
        return value
    raise NotReadable("bad_quantity")


def ident(value: Any) -> str:
    """A platform's id as text: Shopify writes whole numbers, other senders may write text."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**20:
        return str(value)
    if isinstance(value, str) and 0 < len(value) <= LONGEST_ID:
        return clean_text(value)
    raise NotReadable("no_id")


def ident_or_empty(value: Any) -> str:
    return "" if value is None or value == "" else ident(value)


def moment(value: Any) -> datetime | None:
    """An instant in UTC, None where nothing stands. A wall time without an offset is no instant."""
    if value is None or value == "":
        return None
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is None:
            raise NotReadable("bad_time")
        return found.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as error:
        raise NotReadable("bad_time") from error


def first_moment(payload: Json, *names: str) -> datetime:
    """The first of these that says something."""
    for name in names:
        found = moment(payload.get(name))
        if found is not None:
            return found
    raise NotReadable("no_time")


def stamp(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def rows(payload: Json, name: str) -> list[Json]:
    """The objects listed under ``name``; absent is none."""
    found = payload.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise NotReadable("bad_shape")
    return found


def part(payload: Json, name: str) -> Json:
    """The object under ``name``, or an empty one."""
    found = payload.get(name)
    return found if isinstance(found, dict) else {}


def words(value: Any, *, longest: int = 200) -> str:
    return clean_text(value, max_length=longest).strip() if isinstance(value, str) else ""


def currency_code(value: Any) -> str:
    if not is_currency(value):
        raise NotReadable("unknown_currency")
    return str(value)


def total(items: list[Json], name: str, currency: str) -> int:
    return sum(minor(item.get(name), currency) for item in items)
