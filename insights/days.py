"""Spans of whole calendar days in a zone, as filters name them: both ends belong to the span."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kit.days import local_date, start_of_day


@dataclass(frozen=True, slots=True)
class Days:
    first: date
    last: date
    zone: str

    @property
    def since(self) -> datetime:
        return start_of_day(self.first, self.zone)

    @property
    def until(self) -> datetime:
        """The first instant after the span."""
        return start_of_day(self.last + timedelta(days=1), self.zone)

    @property
    def dates(self) -> list[date]:
        return [self.first + timedelta(days=index) for index in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> Days:
        """As many days, directly before."""
        count = len(self.dates)
        return Days(self.first - timedelta(days=count), self.first - timedelta(days=1), self.zone)


def last_days(now: datetime, zone: str, count: int = 30) -> Days:
    """The last ``count`` days up to and with today."""
    today = local_date(now, zone)
    return Days(today - timedelta(days=count - 1), today, zone)
