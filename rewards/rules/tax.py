"""From which sum a year a person's form for the tax office is wanted: thresholds as data. Not tax advice.

A country or a year that is not here asks for nothing. Amounts are never converted: a threshold holds where the
workspace keeps its fair values in the threshold's own currency. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Threshold:
    """From ``amount_minor`` on, within one calendar year beginning with ``from_year``, ``form`` must be there."""

    country: str
    unit: str
    from_year: int
    amount_minor: int
    form: str


THRESHOLDS: tuple[Threshold, ...] = (
    # United States: Form 1099-NEC / 1099-MISC is due for payments of 600 USD or more in a calendar year, for which the
    # payer asks the payee for a W-9 (26 U.S.C. 6041(a); IRS, Instructions for Forms 1099-MISC and 1099-NEC).
    Threshold("US", "USD", 0, 600_00, "W-9"),
    # Raised to 2,000 USD for payments made after 31 December 2025 (Public Law 119-21, section 70433). From 2027 on the
    # amount follows inflation and only rises; until the IRS has published it, the lower one here asks rather too early.
    Threshold("US", "USD", 2026, 2_000_00, "W-9"),
)


def threshold_for(country: str, *, unit: str, year: int) -> Threshold | None:
    """What holds for somebody of that country in that year, where fair values are kept in ``unit``."""
    held = [row for row in THRESHOLDS if row.country == country and row.unit == unit and row.from_year <= year]
    return max(held, key=lambda row: row.from_year, default=None)


def countries_for(unit: str) -> frozenset[str]:
    """Where people live whose sums must be watched, in a workspace of this currency."""
    return frozenset(row.country for row in THRESHOLDS if row.unit == unit)


def over_threshold(due: Iterable[tuple[K, int]], *, counted_minor: int, threshold_minor: int) -> Iterator[K]:
    """Which of the rewards about to be released (key, fair value), in this order, would reach the threshold.

    A smaller one behind a large one still goes: each is asked on top of what went before.
    """
    for key, value in due:
        if counted_minor + value >= threshold_minor:
            yield key
        else:
            counted_minor += value
