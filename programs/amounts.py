"""Round amounts to begin with, in every currency."""

from __future__ import annotations

from kit.money import exponent

#: A round amount of about ten euros, in major units. Ten where a currency is not listed and has a minor unit.
_TEN = {
    "AED": 40, "ARS": 10_000, "BRL": 50, "CLP": 10_000, "CNY": 80, "COP": 40_000, "CZK": 250, "DKK": 75, "HKD": 80,
    "HUF": 4_000, "IDR": 150_000, "ILS": 40, "INR": 800, "ISK": 1_500, "JPY": 1_500, "KRW": 15_000, "KWD": 3,
    "MXN": 200, "NOK": 100, "PHP": 600, "PLN": 40, "RON": 50, "RSD": 1_200, "SEK": 100, "THB": 400, "TRY": 400,
    "TWD": 300, "UAH": 400, "VND": 250_000, "ZAR": 200, "BHD": 4, "JOD": 7, "OMR": 4,
}  # fmt: skip


def about_ten(currency: str) -> int:
    """Minor units of a round amount near ten euros."""
    digits = exponent(currency)
    return int(_TEN.get(currency, 10 if digits else 1_000) * 10**digits)
