"""Money as integers: minor units beside an ISO 4217 code, never a float, never a sum across currencies.

Rounding is half-even, stated once in `divide_half_even`; every percentage goes through it. Splits are by largest
remainder, so parts always sum to the whole.
"""

import copy
import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from django.utils.translation import gettext as _

from kit.wording import locale_of

LARGEST_MINOR = 10**15
BASIS_POINTS = 10_000

# Digits after the decimal mark of every active currency. Metals, test and accounting codes (XAU, XTS, XXX, XDR ...)
# have no minor unit and are nothing a shop can charge, so they are absent on purpose.
_CODES_BY_EXPONENT = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
        COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
        INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
        MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
        STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENTS: dict[str, int] = {code: digits for digits, codes in _CODES_BY_EXPONENT.items() for code in codes.split()}

# Where a code stands in for a sign, CLDR sets it off from the number: KWD 1.234, not KWD1.234.
_LETTER_AT_DIGIT = re.compile(r"(?<=[^\W\d_])(?=\d)")
_PLAIN_NUMBER = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?")


class MoneyError(ValueError):
    """An amount or currency that cannot be used; the message says what to write instead."""


def is_currency(code: object) -> bool:
    return isinstance(code, str) and code in EXPONENTS


def exponent(currency: str) -> int:
    """Digits after the decimal mark: 2 for EUR, 0 for JPY, 3 for KWD, 4 for CLF."""
    if not is_currency(currency):
        raise MoneyError(_("Write the currency as an active ISO 4217 code in capitals, for example EUR."))
    return EXPONENTS[currency]


def parse_minor(value: str | int | Decimal, currency: str, *, allow_negative: bool = False) -> int:
    """Major units ("39.80") to minor units (3980).

    Zeros past the currency's last digit say the same amount ("1005.00" JPY) and are accepted; any other digit there
    is refused, because rounding a price silently would be inventing one.
    """
    digits = exponent(currency)
    # A Decimal would round to the precision of its context.
    scaled: Fraction = Fraction(_plain_decimal(value)) * 10**digits
    if scaled.denominator != 1:
        raise MoneyError(_too_precise(currency, digits))
    minor = scaled.numerator
    if abs(minor) > LARGEST_MINOR:
        raise MoneyError(_too_large())
    if minor < 0 and not allow_negative:
        raise MoneyError(_("The amount must not be negative: write it without the minus sign."))
    return minor


def _plain_decimal(value: str | int | Decimal) -> Decimal:
    if isinstance(value, str):
        return _decimal_from_text(value)
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise MoneyError(_('Write the amount as decimal text in quotes, for example "39.80".'))
    if isinstance(value, int):
        return Decimal(value)
    return _decimal_from_decimal(value)


def _decimal_from_text(text: str) -> Decimal:
    if _PLAIN_NUMBER.fullmatch(text):
        return Decimal(text)
    if re.fullmatch(r"-?[0-9]{21,}(?:\.[0-9]*)?", text):
        raise MoneyError(_too_large())
    raise MoneyError(
        _("Write the amount with the digits 0 to 9 and a point before the decimals, for example 39.80 or 1250.")
    )


def _decimal_from_decimal(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise MoneyError(_("The amount must be a number, for example 39.80."))
    if abs(number.adjusted()) > 40 or len(number.as_tuple().digits) > 60:
        raise MoneyError(_("The amount is out of range: write plain decimals, for example 39.80."))
    return number


def _too_large() -> str:
    return _("The amount is too large: at most %(largest)s minor units are accepted.") % {"largest": LARGEST_MINOR}


def _too_precise(currency: str, digits: int) -> str:
    if digits == 0:
        return _("%(currency)s has no decimals: write a whole amount.") % {"currency": currency}
    return _("%(currency)s has %(digits)s decimals: round the amount to that many.") % {
        "currency": currency,
        "digits": digits,
    }


def _major(minor: int, currency: str) -> Decimal:
    """Exact for any size: built from digits, so no context precision rounds it."""
    digits = tuple(int(digit) for digit in str(abs(minor)))
    return Decimal((int(minor < 0), digits, -exponent(currency)))


def to_major_text(minor: int, currency: str) -> str:
    """3980 EUR is "39.80": always every decimal of the currency, a point, no grouping."""
    return f"{_major(minor, currency):f}"


@lru_cache(maxsize=4096)
def format_money(minor: int, currency: str, language: str = "en") -> str:
    """As people of that language write it ("€39.80", "39,80\xa0€"), with exactly the currency's ISO decimals."""
    locale = locale_of(language)
    pattern = copy.copy(locale.currency_formats["standard"])
    # CLDR drops the decimals of some currencies on display; a ledger must show what it holds.
    pattern.frac_prec = (exponent(currency), exponent(currency))
    text: str = pattern.apply(_major(minor, currency), locale, currency=currency, currency_digits=False)
    return _LETTER_AT_DIGIT.sub("\xa0", text)


def divide_half_even(numerator: int, denominator: int) -> int:
    """The one rounding rule of all money: to the nearest, ties to the even neighbour, also below zero."""
    if denominator <= 0:
        raise ValueError("The denominator must be positive.")
    quotient, remainder = divmod(numerator, denominator)
    if remainder * 2 > denominator or (remainder * 2 == denominator and quotient % 2):
        return quotient + 1
    return quotient


def percent_of(minor: int, basis_points: int) -> int:
    """`basis_points` hundredths of a percent of an amount: percent_of(39800, 1000) is 3980."""
    return divide_half_even(minor * basis_points, BASIS_POINTS)


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Shares of `total` in proportion to `weights`, summing to it exactly.

    Left-over units go to the largest remainders, ties to the earlier one. When every weight is zero the shares are
    as equal as they can be. A negative total splits like its positive twin, with the sign turned.
    """
    if not weights:
        raise MoneyError(_("There is nothing to split the amount over: give at least one part."))
    if any(weight < 0 for weight in weights):
        raise MoneyError(_("A part cannot weigh less than zero: check the line amounts."))
    if total < 0:
        return [-share for share in split(-total, weights)]
    return _largest_remainder(total, weights if any(weights) else [1] * len(weights))


def _largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    whole = sum(weights)
    shares = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    neediest = sorted(range(len(weights)), key=lambda index: -remainders[index])
    for index in neediest[: total - sum(shares)]:
        shares[index] += 1
    return shares
