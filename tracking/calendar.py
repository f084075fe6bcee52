"""The calendar days that moments are of, in a place: a day is the span from its first instant to the next day's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from kit.days import local_date, start_of_day
from tracking.stream import milliseconds_of, moment_of


@dataclass(frozen=True, slots=True)
class Span:
    """Milliseconds since 1970: the first of the day, and the first after it."""

    day: date
    since: int
    until: int


@lru_cache(maxsize=4096)
def span_of(day: date, zone: str) -> Span:
    starts = (start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone))
    return Span(day, *map(milliseconds_of, starts))


class Spans:
    """The days of one place, each asked of its zone once."""

    def __init__(self, zone: str) -> None:
        self.zone = zone

    def around(self, moments: Iterable[int]) -> tuple[list[date], list[int], list[int]]:
        """Every day that one of these milliseconds is of: days, their first milliseconds, those after them."""
        found: list[Span] = []
        span = Span(date.min, 0, 0)
        for moment in sorted(set(moments)):
            if moment >= span.until or not found:
                span = self._around(moment)
                found.append(span)
        return [span.day for span in found], [span.since for span in found], [span.until for span in found]

    def _around(self, moment: int) -> Span:
        """Where clocks go back over midnight, a moment may carry a date and lie before its first instant."""
        span = span_of(local_date(moment_of(moment), self.zone), self.zone)
        while moment >= span.until:
            span = span_of(span.day + timedelta(days=1), self.zone)
        while moment < span.since:
            span = span_of(span.day - timedelta(days=1), self.zone)
        return span
