"""When things happen: business days of a shop with a December peak, told as days before the first start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from kit.days import zone_info

LONGEST = 425  # days: fourteen months
#: How busy each month is; December is what a coffee shop lives on.
SEASON = {1: 0.9, 2: 0.8, 3: 0.9, 4: 0.9, 5: 0.9, 6: 0.8, 7: 0.7, 8: 0.7, 9: 0.9, 10: 1.1, 11: 1.7, 12: 3.0}
HOURS = (7, 8, 9, 10, 11, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 20, 21, 21, 22)


class Moments:
    """Random moments with a fixed seed. ``base`` is the first start; no moment lies after it unless asked for."""

    def __init__(self, base: datetime, zone: str, rng: Random) -> None:
        self.base, self.zone, self.rng = base, zone_info(zone), rng
        self.busy = [self._busy(days) for days in range(LONGEST + 1)]

    def _busy(self, days: int) -> float:
        """The shop grows over the months: the newest day is half as busy again as the oldest."""
        return SEASON[self.day(days).month] * (1.5 - days / LONGEST / 2)

    def day(self, days_ago: float) -> datetime:
        return self.base - timedelta(days=days_ago)

    def ago(self, least: float, most: float) -> datetime:
        """A moment of a busy day between so many days ago."""
        days = range(max(round(least), 1), max(round(most), round(least) + 1, 2))
        chosen = self.rng.choices(days, weights=[self.busy[min(each, LONGEST)] for each in days])[0]
        return self.in_opening_hours(self.day(chosen))

    def in_opening_hours(self, day: datetime) -> datetime:
        """The same local day at an hour when people shop; never after the first start."""
        local = day.astimezone(self.zone).replace(
            hour=self.rng.choice(HOURS), minute=self.rng.randrange(60), second=self.rng.randrange(60), microsecond=0
        )
        return min(local.astimezone(UTC), self.base - timedelta(minutes=self.rng.randrange(10, 300)))

    def between(self, first: datetime, last: datetime) -> datetime:
        return first + (last - first) * self.rng.random()

    def after(self, moment: datetime, least_hours: float, most_hours: float) -> datetime:
        return moment + timedelta(hours=self.rng.uniform(least_hours, most_hours))
