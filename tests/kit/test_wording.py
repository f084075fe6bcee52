from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kit import wording

NOW = datetime(2025, 12, 1, 9, 30, tzinfo=UTC)
LATE = datetime(2025, 12, 14, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "language", "said"),
    [
        ("UTC", "en", "14 December 2025"),
        ("Europe/Berlin", "de", "15. Dezember 2025"),
        ("Asia/Tokyo", "ja", "2025年12月15日"),
        ("UTC", "xx", "December 14, 2025"),
    ],
)
def test_day_is_the_day_of_the_zone_in_the_language(zone: str, language: str, said: str) -> None:
    assert wording.day(LATE, zone, language) == said


@pytest.mark.parametrize(
    ("span", "english", "german"),
    [
        (timedelta(hours=-3), "3 hours ago", "vor 3 Stunden"),
        (timedelta(seconds=-66), "1 minute ago", None),
        (timedelta(minutes=-59, seconds=-50), "59 minutes ago", None),
        (timedelta(hours=-28), "1 day ago", "vor 1 Tag"),
        (timedelta(days=-9), "9 days ago", None),
        (timedelta(days=2), "in 2 days", "in 2 Tagen"),
        (timedelta(days=25), "26 Dec 2025", "26.12.2025"),
        (timedelta(seconds=-20), "just now", None),
    ],
)
def test_relative_time_until_two_weeks_then_the_day(span: timedelta, english: str, german: str | None) -> None:
    assert wording.relative(NOW + span, NOW, "UTC", "en") == english
    if german:
        assert wording.relative(NOW + span, NOW, "UTC", "de") == german


def test_exact_time_names_the_zone() -> None:
    assert wording.exact(NOW, "Europe/Berlin", "en") == "1 December 2025, 10:30:00 CET"


@pytest.mark.parametrize(
    ("basis_points", "language", "said"),
    [(1250, "en", "12.5%"), (1200, "en", "12%"), (1250, "de", "12,5\xa0%"), (125_050, "en", "1,250%"), (0, "en", "0%")],
)
def test_percent_has_one_decimal_only_where_it_says_something(basis_points: int, language: str, said: str) -> None:
    assert wording.percent(basis_points, language) == said


@pytest.mark.parametrize(
    ("current", "previous", "said", "trend"),
    [
        (132, 100, "Up 32% on the period before", "up"),
        (50, 100, "Down 50% on the period before", "down"),
        (7, 7, "Same as the period before", "flat"),
        (4, 0, "0 in the period before", "flat"),
    ],
)
def test_change_is_said_in_words(current: int, previous: int, said: str, trend: str) -> None:
    assert wording.change_in_words(current, previous, "en") == wording.Change(said, trend)  # type: ignore[arg-type]


def test_change_without_a_period_before_is_not_said() -> None:
    assert wording.change_in_words(4, None, "en") is None
