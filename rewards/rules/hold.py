"""When the hold of an order ends, and which rule decided it. Pure.

The window runs in calendar days of the merchant's zone from what tracking.rules.anchor() finds: the longest window of
the lines of which something was kept, shortened for a trusted advocate, and never before the end of a holiday range.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from kit.days import add_days, local_date, start_of_day
from programs.rules import HoldOverride, Terms
from tracking.rules import Basis, Line, OrderView, anchor, counting_lines, kept_lines


class HoldRule(StrEnum):
    """Which of the program's rules decided."""

    WINDOW = "WINDOW"  # the return window of the program
    OVERRIDE = "OVERRIDE"  # the window of certain products or collections
    TRUST = "TRUST"  # the advocate's trust level
    HOLIDAY = "HOLIDAY"  # the holiday range


@dataclass(frozen=True, slots=True)
class Window:
    """``ids``: the products and collections whose own window this is. ``trust``: the level that shortened it."""

    days: int
    rule: HoldRule
    ids: tuple[str, ...] = ()
    trust: int = 0


@dataclass(frozen=True, slots=True)
class Due:
    """``at`` None: nothing to count from yet, ``basis`` says what is waited for."""

    at: datetime | None
    basis: Basis
    anchored_at: datetime | None
    decided_by: HoldRule
    window: Window


def due_at(view: OrderView, terms: Terms, *, zone: str, trust: int = 0) -> Due:
    """Days are calendar days in ``zone``. ``trust`` is the advocate's level when the referral first qualified."""
    window, start = window_of(view, terms, trust=trust), anchor(view, zone=zone)
    if start.at is None:
        return Due(None, start.basis, None, window.rule, window)
    at, until = add_days(start.at, window.days, zone), holiday_end(start.at, terms, zone)
    if until and until > at:
        return Due(until, start.basis, start.at, HoldRule.HOLIDAY, window)
    return Due(at, start.basis, start.at, window.rule, window)


def window_of(view: OrderView, terms: Terms, *, trust: int) -> Window:
    """The longest window of what was kept (of everything, once nothing is), shortened by trust."""
    lines = kept_lines(view, terms) or counting_lines(view, terms)
    windows = [_window(line, terms) for line in lines] or [Window(terms.return_window_days, HoldRule.WINDOW)]
    longest = max(windows, key=lambda window: (window.days, window.rule == HoldRule.WINDOW, window.ids))
    return _shortened(longest, terms, trust)


def holiday_end(arrived_at: datetime, terms: Terms, zone: str) -> datetime | None:
    """The end of the last day on which what arrived then may be returned; None outside the holiday range."""
    if terms.holiday is None:
        return None
    begins, ends, until = (date.fromisoformat(day) for day in _days(terms))
    if not begins <= local_date(arrived_at, zone) <= ends:
        return None
    return start_of_day(until + timedelta(days=1), zone)


def _days(terms: Terms) -> tuple[str, str, str]:
    assert terms.holiday is not None
    return terms.holiday.from_on, terms.holiday.to_on, terms.holiday.until_on


def _window(line: Line, terms: Terms) -> Window:
    """Of several windows named for one line the longest, whichever was named first."""
    own = [override for override in terms.hold_overrides if _names(override, line)]
    if not own:
        return Window(terms.return_window_days, HoldRule.WINDOW)
    longest = max(own, key=lambda override: (override.days, override.ids))
    return Window(longest.days, HoldRule.OVERRIDE, longest.ids)


def _names(override: HoldOverride, line: Line) -> bool:
    return line.product_id in override.ids or any(item in override.ids for item in line.collection_ids)


def _shortened(window: Window, terms: Terms, trust: int) -> Window:
    """Levels above the last that is named have what the last has."""
    if trust < 1 or not terms.trust_hold_days:
        return window
    most = terms.trust_hold_days[min(trust, len(terms.trust_hold_days)) - 1]
    return Window(most, HoldRule.TRUST, window.ids, trust) if most < window.days else window
