from contextlib import suppress
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.money import (
    EXPONENTS,
    LARGEST_MINOR,
    MoneyError,
    divide_half_even,
    exponent,
    format_money,
    is_currency,
    parse_minor,
    percent_of,
    split,
    to_major_text,
)
from tests.kit.shared_data import rows_of_csv

minors = st.integers(-LARGEST_MINOR, LARGEST_MINOR)
currencies = st.sampled_from(sorted(EXPONENTS))


@pytest.mark.parametrize(
    ("currency", "digits"),
    [("BIF", 0), ("ISK", 0), ("JPY", 0), ("XPF", 0), ("EUR", 2), ("BHD", 3), ("KWD", 3), ("TND", 3), ("CLF", 4)],
)
def test_exponent_of_active_currency(currency: str, digits: int) -> None:
    assert exponent(currency) == digits


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "XDR", "usd ", "usd", "EURO", "", "ABC", "HRK", "€", None, 978])
def test_exponent_of_anything_else_refused(code: object) -> None:
    assert not is_currency(code)
    with pytest.raises(MoneyError, match="ISO 4217"):
        exponent(code)  # type: ignore[arg-type]


def test_table_equals_published_list() -> None:
    rows = rows_of_csv("currency_codes/codes-all.csv")
    active = [row for row in rows if row["AlphabeticCode"] and not row["WithdrawalDate"]]
    published = {row["AlphabeticCode"]: int(row["MinorUnit"]) for row in active if row["MinorUnit"] != "-"}
    assert published == EXPONENTS


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        ("39.80", "EUR", 3980),
        ("39.8", "EUR", 3980),
        ("39", "EUR", 3900),
        (39, "EUR", 3900),
        (Decimal("39.80"), "EUR", 3980),
        (Decimal("1E+3"), "JPY", 1000),
        ("1005", "JPY", 1005),
        ("1005.00", "JPY", 1005),
        ("1.234", "KWD", 1234),
        ("0.0001", "CLF", 1),
        ("0", "EUR", 0),
        ("-0.00", "EUR", 0),
        ("10000000000000.00", "EUR", LARGEST_MINOR),
        (LARGEST_MINOR, "JPY", LARGEST_MINOR),
        (Decimal("1." + 59 * "0"), "EUR", 100),
    ],
)
def test_parse_minor(value: str | int | Decimal, currency: str, minor: int) -> None:
    assert parse_minor(value, currency) == minor


@pytest.mark.parametrize(
    ("value", "currency", "way_out"),
    [
        ("0.005", "EUR", "EUR has 2 decimals"),
        ("10.50", "JPY", "JPY has no decimals: write a whole amount"),
        ("1234567890.00000000000000000001", "EUR", "EUR has 2 decimals"),
        ("1.2345", "KWD", "3 decimals"),
        ("1.23456", "CLF", "4 decimals"),
        (Decimal("0.005"), "EUR", "2 decimals"),
        ("-1", "EUR", "without the minus sign"),
        (-1, "EUR", "without the minus sign"),
        ("10000000000000.01", "EUR", "at most"),
        ("9" * 400, "EUR", "at most"),
        (10**40, "EUR", "at most"),
        (Decimal("1e400"), "EUR", "plain decimals"),
        (Decimal("1e-400"), "EUR", "plain decimals"),
        (Decimal("1e25"), "EUR", "at most"),
        (Decimal("1e40"), "EUR", "at most"),
        (Decimal("1e41"), "EUR", "plain decimals"),
        (Decimal("1e-40"), "EUR", "2 decimals"),
        (Decimal("1." + 60 * "0"), "EUR", "plain decimals"),
        (LARGEST_MINOR + 1, "JPY", "at most"),
        (Decimal("NaN"), "EUR", "must be a number"),
        (Decimal("sNaN"), "EUR", "must be a number"),
        (Decimal("Infinity"), "EUR", "must be a number"),
        ("1e400", "EUR", "digits 0 to 9"),
        ("NaN", "EUR", "digits 0 to 9"),
        ("Infinity", "EUR", "digits 0 to 9"),
        ("\uff13\uff19", "EUR", "digits 0 to 9"),
        ("٣٩", "EUR", "digits 0 to 9"),
        ("12,50", "EUR", "digits 0 to 9"),
        ("1_000", "EUR", "digits 0 to 9"),
        ("+5", "EUR", "digits 0 to 9"),
        (" 5", "EUR", "digits 0 to 9"),
        ("5\n", "EUR", "digits 0 to 9"),
        ("5.", "EUR", "digits 0 to 9"),
        ("", "EUR", "digits 0 to 9"),
        (True, "EUR", "in quotes"),
        (39.8, "EUR", "in quotes"),
        (None, "EUR", "in quotes"),
        ("5", "usd ", "ISO 4217"),
    ],
)
def test_parse_minor_refuses_with_the_way_out(value: object, currency: str, way_out: str) -> None:
    with pytest.raises(MoneyError, match=way_out):
        parse_minor(value, currency)  # type: ignore[arg-type]


def test_parse_minor_ignores_the_decimal_context() -> None:
    with localcontext(prec=3):
        assert parse_minor("1234567.89", "EUR") == 123456789


def test_parse_minor_negative_where_allowed() -> None:
    assert parse_minor("-39.80", "EUR", allow_negative=True) == -3980


@given(minors, currencies)
def test_major_text_parses_back(minor: int, currency: str) -> None:
    assert parse_minor(to_major_text(minor, currency), currency, allow_negative=True) == minor


@given(st.text())
def test_parse_minor_of_any_text_gives_an_amount_or_money_error(text: str) -> None:
    with suppress(MoneyError):
        assert abs(parse_minor(text, "EUR", allow_negative=True)) <= LARGEST_MINOR


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(3980, "EUR", "39.80"), (-5, "EUR", "-0.05"), (0, "EUR", "0.00"), (1005, "JPY", "1005"), (1, "CLF", "0.0001")],
)
def test_to_major_text(minor: int, currency: str, text: str) -> None:
    assert to_major_text(minor, currency) == text


def test_to_major_text_ignores_the_decimal_context() -> None:
    with localcontext(prec=3):
        assert to_major_text(123456789, "EUR") == "1234567.89"


@pytest.mark.parametrize(
    ("minor", "currency", "language", "text"),
    [
        (3980, "EUR", "en", "€39.80"),
        (123456, "EUR", "de", "1.234,56\xa0€"),
        (1005, "JPY", "en", "¥1,005"),
        (1234, "KWD", "en", "KWD\xa01.234"),
        (100, "LBP", "en", "LBP\xa01.00"),
        (-3980, "USD", "en-us", "-$39.80"),
        (3980, "EUR", "xx-nowhere", "€39.80"),
        (123456, "BRL", "pt-br", "R$\xa01.234,56"),
        (-5, "CLF", "en", "-CLF\xa00.0005"),
    ],
)
def test_format_money(minor: int, currency: str, language: str, text: str) -> None:
    assert format_money(minor, currency, language) == text


@pytest.mark.parametrize(
    ("minor", "basis_points", "share"),
    [(39800, 1000, 3980), (5, 5000, 2), (15, 5000, 8), (25, 1000, 2), (35, 1000, 4), (-25, 1000, -2), (-35, 1000, -4)],
)
def test_percent_of_is_half_even(minor: int, basis_points: int, share: int) -> None:
    assert percent_of(minor, basis_points) == share


@given(minors, st.integers(0, 100_000))
def test_percent_of_equals_exact_rounding(minor: int, basis_points: int) -> None:
    assert percent_of(minor, basis_points) == round(Fraction(minor * basis_points, 10_000))


def test_divided_by_one_it_stays() -> None:
    assert (divide_half_even(7, 1), divide_half_even(-7, 1)) == (7, -7)


@pytest.mark.parametrize("denominator", [0, -1])
def test_divide_by_nothing_or_less_refused(denominator: int) -> None:
    with pytest.raises(ValueError, match="positive"):
        divide_half_even(1, denominator)


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10000, [1, 1, 1], [3334, 3333, 3333]),
        (-10000, [1, 1, 1], [-3334, -3333, -3333]),
        (10, [0, 0, 0], [4, 3, 3]),
        (10, [0, 5, 0], [0, 10, 0]),
        (0, [1, 2], [0, 0]),
        (5, [2, 3], [2, 3]),
        (10, [1, 2], [3, 7]),  # 3.33 and 6.67
        (7, [5, 3], [4, 3]),  # 4.375 and 2.625
        (-7, [5, 3], [-4, -3]),
        (100, [1, 1, 4], [17, 17, 66]),  # a third left over of each: ties to the earlier
    ],
)
def test_split(total: int, weights: list[int], parts: list[int]) -> None:
    assert split(total, weights) == parts


@given(minors, st.lists(st.integers(0, LARGEST_MINOR), min_size=1, max_size=40))
def test_split_sums_exactly_and_stays_near_the_fair_share(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    if any(weights):
        fair = [Fraction(total * weight, sum(weights)) for weight in weights]
        assert all(abs(part - share) < 1 for part, share in zip(parts, fair, strict=True))


@pytest.mark.parametrize(("weights", "way_out"), [([], "at least one part"), ([1, -1], "less than zero")])
def test_split_over_nothing_or_less_refused(weights: list[int], way_out: str) -> None:
    with pytest.raises(MoneyError, match=way_out):
        split(100, weights)
