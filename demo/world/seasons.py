"""The programs' seasons before the first start: names, beginnings and ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kit.days import local_date, start_of_day

WINTER, OFFICE = "winterbonus", "buero"


@dataclass(frozen=True)
class Seasons:
    """The last winter that is wholly over: 15 November to 10 January in the merchant's zone."""

    winter_begins: datetime
    winter_ends: datetime

    @classmethod
    def before(cls, base: datetime, zone: str) -> Seasons:
        today = local_date(base, zone)
        year = today.year if today > date(today.year, 1, 10) else today.year - 1
        return cls(start_of_day(date(year - 1, 11, 15), zone), start_of_day(date(year, 1, 11), zone))
