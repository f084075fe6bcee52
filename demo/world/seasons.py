"""The programs' seasons before the first start: names, beginnings and ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kit.days import local_date, start_of_day

WINTER, OFFICE = "winterbonus", "buero"
WINTER_HOLD = 14  # days


@dataclass(frozen=True)
class Seasons:
    """The last winter that is wholly over: 15 November to 10 January in the merchant's zone."""

    winter_begins: datetime
    winter_ends: datetime
    zone: str

    @classmethod
    def before(cls, base: datetime, zone: str) -> Seasons:
        today = local_date(base, zone)
        year = today.year if today > date(today.year, 1, 10) else today.year - 1
        return cls(start_of_day(date(year - 1, 11, 15), zone), start_of_day(date(year, 1, 11), zone), zone)

    @property
    def advent(self) -> tuple[datetime, datetime]:
        """The first to the twenty-fourth of that December."""
        year = self.winter_begins.year
        return start_of_day(date(year, 12, 1), self.zone), start_of_day(date(year, 12, 25), self.zone)
