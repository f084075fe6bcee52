"""Spans of whole calendar days in a zone, as filters name them: both ends belong to the span."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F, Func, IntegerField, Value

from kit.days import local_date, start_of_day
from kit.many import as_array


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
    def starts(self) -> list[datetime]:
        """The first instant of each day, for PlaceOf."""
        return [start_of_day(one, self.zone) for one in self.dates]

    @property
    def before(self) -> Days:
        """As many days, directly before."""
        count = len(self.dates)
        return Days(self.first - timedelta(days=count), self.first - timedelta(days=1), self.zone)


def last_days(now: datetime, zone: str, count: int = 30) -> Days:
    """The last ``count`` days up to and with today."""
    today = local_date(now, zone)
    return Days(today - timedelta(days=count - 1), today, zone)


class PlaceOf(Func):
    """On which day a moment lies: the place of the last of ``starts`` that it does not lie before, from 1.

    Postgres takes half as long to find it as to make a date of a moment in a zone.
    """

    function, output_field = "width_bucket", IntegerField()
    template = "%(function)s(%(expressions)s::timestamptz[])"

    def __init__(self, field: str, starts: list[datetime]) -> None:
        super().__init__(F(field), Value(as_array(starts)))
