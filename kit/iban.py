"""Bank accounts by their international number: spelling, length by country and the check digits (ISO 13616)."""

from __future__ import annotations

import re

#: Length by country, as the IBAN registry (SWIFT) states it. A country that is not here has no IBAN.
LENGTHS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28,
    "CH": 21, "CR": 22, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18,
    "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22,
    "IL": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
    "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28,
    "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24,
    "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
_SHAPE = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", re.ASCII)


def normalise_iban(text: str) -> str | None:
    """The account in capitals without blanks; None for anything whose length or check digits are wrong."""
    iban = re.sub(r"[\s.\-]", "", text).upper()
    if not _SHAPE.fullmatch(iban) or len(iban) != LENGTHS.get(iban[:2]) or _remainder(iban) != 1:
        return None
    return iban


def _remainder(iban: str) -> int:
    """The first four signs go to the end, letters become numbers (A = 10), and 97 must leave 1."""
    return int("".join(str(int(sign, 36)) for sign in iban[4:] + iban[:4])) % 97


def masked_iban(iban: str) -> str:
    """The country and the last four signs: enough to recognise one's own."""
    return f"{iban[:2]}•• •••• {iban[-4:]}"
