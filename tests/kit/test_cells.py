"""Dates and amounts as countries write them."""

from __future__ import annotations

import pytest

from kit.cells import Guess, guess_days, guess_decimal, iso_day, plain_number

DATES = [
    (["2026-03-31", ""], Guess("", True)),
    (["01/02/2026", "03/04/2026"], Guess("dmy", False)),
    (["01/02/2026", "13/02/2026"], Guess("dmy", True)),
    (["01/02/2026", "02/13/2026"], Guess("mdy", True)),
    (["01.02.2026"], Guess("dmy", True)),
    (["13/02/2026", "02/13/2026"], Guess("dmy", False)),
]


@pytest.mark.parametrize(("cells", "told"), DATES)
def test_the_order_of_dates_is_found_where_only_one_fits(cells: list[str], told: Guess) -> None:
    assert guess_days(cells) == told


@pytest.mark.parametrize(
    ("text", "order", "told"),
    [
        ("01/02/2026", "dmy", "2026-02-01"),
        ("01/02/2026", "mdy", "2026-01-02"),
        ("01/02/2026", "", "01/02/2026"),
        ("1.2.26", "dmy", "2026-02-01"),
        ("31.12.1999 08:05", "dmy", "1999-12-31 08:05:00"),
        ("9/6/2016  6:29:00 PM", "mdy", "2016-09-06 18:29:00"),
        ("12/31/2025 12:00 AM", "mdy", "2025-12-31 00:00:00"),
        ("2026/3/1", "", "2026-03-01"),
        ("2026年3月1日", "", "2026-03-01"),
        ("2026-03-31 10:00:00 +0200", "dmy", "2026-03-31 10:00:00 +0200"),
        ("soon", "dmy", "soon"),
    ],
)
def test_a_date_is_read_in_the_order_that_was_said(text: str, order, told: str) -> None:
    assert iso_day(text, order) == told


AMOUNTS = [
    (["49.90", "7"], Guess(".", True)),
    (["49,90 €"], Guess(",", True)),
    (["1.234,56", "1.000"], Guess(",", True)),
    (["1,234.56"], Guess(".", True)),
    (["1.234"], Guess("", False)),
    (["1.234", "49,90"], Guess(",", True)),
    (["1.234.567"], Guess(",", True)),
    (["100.00", "49,90"], Guess("", True)),
    (["100.00", "49,90", "1.234"], Guess("", False)),
    (["12", ""], Guess("", True)),
]


@pytest.mark.parametrize(("cells", "told"), AMOUNTS)
def test_the_mark_before_cents_is_found_where_only_one_fits(cells: list[str], told: Guess) -> None:
    assert guess_decimal(cells) == told


@pytest.mark.parametrize(
    ("text", "decimal", "told"),
    [
        ("1.234,56", ",", "1234.56"),
        ("1.234", ",", "1234"),
        ("1.234", ".", "1.234"),
        ("1,234.56", ".", "1234.56"),
        ("€ 1 234,50", ",", "1234.50"),
        ("49,90 zł", ",", "49.90"),
        ("-5,00", ",", "-5.00"),
        ("12.34,56", ",", "12.34,56"),
        ("twelve", ",", "twelve"),
        (" 49.90 ", "", "49.90"),
    ],
)
def test_a_number_is_read_with_the_mark_that_was_said(text: str, decimal, told: str) -> None:
    assert plain_number(text, decimal) == told
