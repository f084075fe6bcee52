"""Calendar days in a place: "30 days later" as people of that place count them.

Days are not 24 hours. Where the same wall time does not exist on the target day (a gap), the first instant after the
gap counts; where it exists twice (an overlap), the later one. Whoever waits never gets less time than promised.
"""

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


class UnknownZone(ValueError):
    """A time zone name that the IANA database does not have."""


@lru_cache(maxsize=512)
def zone_info(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, TypeError) as error:
        raise UnknownZone(f"{name!r} is no IANA time zone: write it like Europe/Berlin.") from error


def is_zone(name: str) -> bool:
    try:
        zone_info(name)
    except UnknownZone:
        return False
    return True


def add_days(at: datetime, days: int, zone: str) -> datetime:
    """`days` calendar days after `at` at the same wall time in `zone`, as an aware UTC datetime.

    Zero days is the instant itself, also inside an overlap.
    """
    place = zone_info(zone)
    instant = _aware(at).astimezone(UTC)
    if days == 0:
        return instant
    wall = instant.astimezone(place).replace(tzinfo=None, fold=0)
    return _instant_of(wall + timedelta(days=days), place)


def add_months(at: datetime, months: int, zone: str) -> datetime:
    """`months` calendar months after `at` at the same wall time in `zone`, UTC; the 31st becomes a month's last day."""
    place = zone_info(zone)
    wall = _aware(at).astimezone(place).replace(tzinfo=None, fold=0)
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    day = min(wall.day, monthrange(year, month + 1)[1])
    return _instant_of(wall.replace(year=year, month=month + 1, day=day), place)


def local_date(at: datetime, zone: str) -> date:
    """The date on the calendar in `zone` at that instant."""
    return _aware(at).astimezone(zone_info(zone)).date()


def start_of_day(day: date, zone: str) -> datetime:
    """The first instant of `day` in `zone`, UTC. A day that was skipped starts where the next one does."""
    place = zone_info(zone)
    midnight = datetime.combine(day, time.min)
    if _exists(midnight, place):
        return midnight.replace(tzinfo=place, fold=0).astimezone(UTC)
    return _end_of_gap(midnight, place)


def read_instant(text: str) -> datetime | None:
    """A moment written with its offset, in UTC: databases take fewer offsets than people write. None for all else."""
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("Give an aware datetime: a wall time without a zone is no instant.")
    return at


def _instant_of(wall: datetime, place: ZoneInfo) -> datetime:
    if not _exists(wall, place):
        return _end_of_gap(wall, place)
    return wall.replace(tzinfo=place, fold=1).astimezone(UTC)


def _exists(wall: datetime, place: ZoneInfo) -> bool:
    there_and_back = wall.replace(tzinfo=place).astimezone(UTC).astimezone(place)
    return there_and_back.replace(tzinfo=None, fold=0) == wall


def _end_of_gap(wall: datetime, place: ZoneInfo) -> datetime:
    """The instant the clocks jumped over `wall`.

    Read with the offset after the jump, a skipped wall time lies before the jump; read with the one before it, at or
    after the jump. Between these two the offset changes once: halve until one second is left.
    """
    before = wall.replace(tzinfo=place, fold=1).astimezone(UTC).replace(microsecond=0)
    after = wall.replace(tzinfo=place, fold=0).astimezone(UTC).replace(microsecond=0)
    old_offset = before.astimezone(place).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=int((after - before).total_seconds()) // 2)
        if middle.astimezone(place).utcoffset() == old_offset:
            before = middle
        else:
            after = middle
    return after
