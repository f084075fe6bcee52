from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kit.days import UnknownZone, add_days, is_zone, local_date, start_of_day, zone_info

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "America/Scoresbysund",
]
zones = st.sampled_from(ZONES)
instants = st.datetimes(datetime(1975, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("at", "days", "zone", "expected"),
    [
        # The clocks go forward, then back, inside the window: 14 days are 335 and 337 hours.
        (utc(2026, 3, 20, 11), 14, "Europe/Berlin", utc(2026, 4, 3, 10)),
        (utc(2026, 10, 20, 10), 14, "Europe/Berlin", utc(2026, 11, 3, 11)),
        # 02:30 does not exist: the first instant after the gap is 03:00 summer time.
        (utc(2026, 3, 28, 1, 30), 1, "Europe/Berlin", utc(2026, 3, 29, 1)),
        (utc(2026, 3, 7, 7, 30), 1, "America/New_York", utc(2026, 3, 8, 7)),
        (utc(2026, 2, 6, 7, 30), 30, "America/New_York", utc(2026, 3, 8, 7)),
        # Midnight does not exist: the day begins at 01:00.
        (utc(2018, 11, 3, 3), 1, "America/Sao_Paulo", utc(2018, 11, 4, 3)),
        # The whole day does not exist: it continues at midnight of the day after.
        (utc(2011, 12, 29, 22), 1, "Pacific/Apia", utc(2011, 12, 30, 10)),
        (utc(2011, 12, 29, 22, 15, 30), 1, "Pacific/Apia", utc(2011, 12, 30, 10)),
        # 02:30 exists twice: the later one, in winter time.
        (utc(2026, 10, 24, 0, 30), 1, "Europe/Berlin", utc(2026, 10, 25, 1, 30)),
        # No days are no change, even from the earlier of two equal wall times.
        (utc(2026, 10, 25, 0, 30), 0, "Europe/Berlin", utc(2026, 10, 25, 0, 30)),
        (utc(2026, 10, 25, 0, 30), 1, "Europe/Berlin", utc(2026, 10, 26, 1, 30)),
        (utc(2026, 4, 3, 10), -14, "Europe/Berlin", utc(2026, 3, 20, 11)),
        (utc(2026, 1, 31, 12, 0, 0, 7), 30, "UTC", utc(2026, 3, 2, 12, 0, 0, 7)),
    ],
)
def test_add_days(at: datetime, days: int, zone: str, expected: datetime) -> None:
    result = add_days(at, days, zone)
    assert result == expected
    assert result.utcoffset() == timedelta(0)


def test_add_days_takes_any_aware_datetime() -> None:
    at = datetime(2026, 3, 20, 12, tzinfo=ZoneInfo("Europe/Berlin"))
    assert add_days(at, 14, "Europe/Berlin") == utc(2026, 4, 3, 10)


@given(instants, st.integers(-400, 400), zones)
@example(utc(2011, 12, 29, 22), 1, "Pacific/Apia")
def test_add_days_keeps_the_wall_time_or_skips_to_the_end_of_a_gap(at: datetime, days: int, zone: str) -> None:
    result = add_days(at, days, zone)
    place = ZoneInfo(zone)
    wanted = at.astimezone(place).replace(tzinfo=None) + timedelta(days=days)
    got = result.astimezone(place).replace(tzinfo=None)
    if got == wanted:
        return
    just_before = (result - timedelta(seconds=1)).astimezone(place).replace(tzinfo=None)
    assert just_before < wanted < got
    assert got - just_before > timedelta(seconds=1)


@given(instants, st.integers(1, 86_400 * 3), st.integers(1, 90), zones)
def test_add_days_never_overtakes(at: datetime, seconds: int, days: int, zone: str) -> None:
    """Whoever comes later in the place's wall time is never due earlier."""
    place = ZoneInfo(zone)
    later = at + timedelta(seconds=seconds)
    if at.astimezone(place).replace(tzinfo=None) <= later.astimezone(place).replace(tzinfo=None):
        assert add_days(at, days, zone) <= add_days(later, days, zone)


def test_local_date() -> None:
    assert local_date(utc(2026, 1, 1, 23, 30), "Europe/Berlin") == date(2026, 1, 2)
    assert local_date(utc(2011, 12, 30, 9, 59), "Pacific/Apia") == date(2011, 12, 29)
    assert local_date(utc(2011, 12, 30, 10), "Pacific/Apia") == date(2011, 12, 31)


@pytest.mark.parametrize(
    ("day", "zone", "expected"),
    [
        (date(2026, 7, 1), "Europe/Berlin", utc(2026, 6, 30, 22)),
        (date(2018, 11, 4), "America/Sao_Paulo", utc(2018, 11, 4, 3)),
        (date(2011, 12, 30), "Pacific/Apia", utc(2011, 12, 30, 10)),
        (date(2018, 2, 18), "America/Sao_Paulo", utc(2018, 2, 18, 3)),
    ],
)
def test_start_of_day(day: date, zone: str, expected: datetime) -> None:
    assert start_of_day(day, zone) == expected


@given(instants, zones)
def test_an_instant_lies_in_its_own_day(at: datetime, zone: str) -> None:
    day = local_date(at, zone)
    assert start_of_day(day, zone) <= at < start_of_day(day + timedelta(days=1), zone)


def test_naive_datetime_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        add_days(datetime(2026, 1, 1), 1, "UTC")
    with pytest.raises(ValueError, match="aware"):
        local_date(datetime(2026, 1, 1), "UTC")


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../../etc/passwd", "Europe", "Europe/Berlin\x00", "\ud800", "/"])
def test_unknown_zone_refused(name: str) -> None:
    assert not is_zone(name)
    with pytest.raises(UnknownZone, match="IANA"):
        zone_info(name)


def test_known_zone() -> None:
    assert is_zone("Europe/Berlin")
