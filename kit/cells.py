"""What a cell of a table means where countries write it differently: the order of a date, the decimal mark.

Pure: found out from many cells, stated, and read as a person says. What is written as ISO 8601 means one thing
anywhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Order = Literal["", "dmy", "mdy"]
Mark = Literal["", ",", "."]

_REST = (
    r"(?:[ ,T]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?)?"
)
_YEAR_FIRST = re.compile(r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*日?" + _REST, re.ASCII)
_YEAR_LAST = re.compile(
    r"(?P<a>\d{1,2})(?P<sign>[-/.])\s?(?P<b>\d{1,2})(?P=sign)\s?(?P<y>\d{4}|\d{2})" + _REST, re.ASCII
)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MARKED = re.compile(r"\d[.,]\d", re.ASCII)
_BLANKS = re.compile("[\\s\u00a0\u202f'\u2019]")


@dataclass(frozen=True, slots=True)
class Style:
    """``days``: how dates with the year last are ordered; "": there are none. ``decimal``: the mark before cents."""

    days: Order = ""
    decimal: Mark = ""


PLAIN = Style()


@dataclass(frozen=True, slots=True)
class Guess:
    """``is_sure``: nothing else fits, or nothing has to be decided."""

    told: str
    is_sure: bool


# --- days ---------------------------------------------------------------------------------------------------------


def guess_days(cells: Iterable[str]) -> Guess:
    """Of dates like 01/02/2026: a number above 12 cannot be a month; points stand where the day comes first."""
    found = [match for cell in cells if (match := _YEAR_LAST.fullmatch(cell.strip()))]
    if not found:
        return Guess("", True)
    first, second = any(int(one["a"]) > 12 for one in found), any(int(one["b"]) > 12 for one in found)
    if first != second:
        return Guess("dmy" if first else "mdy", True)
    return Guess("dmy", not first and all(one["sign"] == "." for one in found))


def iso_day(text: str, order: Order = "") -> str:
    """The date, with its time if any, as ISO 8601; what is none, or could be two, as it was."""
    text = text.strip()
    if match := _YEAR_LAST.fullmatch(text):
        if not order:
            return text
        day, month = (match["a"], match["b"]) if order == "dmy" else (match["b"], match["a"])
        return _iso(match, _year(match["y"]), month, day)
    match = _YEAR_FIRST.fullmatch(text)
    return _iso(match, match["y"], match["m"], match["d"]) if match and not _ISO_DAY.match(text) else text


def _year(text: str) -> str:
    """26 is 2026, and 98 was 1998."""
    return text if len(text) == 4 else f"{'20' if int(text) < 70 else '19'}{text}"


def _iso(match: re.Match[str], year: str, month: str, day: str) -> str:
    told = f"{year}-{int(month):02}-{int(day):02}"
    if match["hour"] is None:
        return told
    hour, half = int(match["hour"]), (match["half"] or "")[:1].lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{told} {hour:02}:{match['minute']}:{match['second'] or '00'}{match['zone'] or ''}"


# --- numbers ------------------------------------------------------------------------------------------------------


def guess_decimal(cells: Iterable[str]) -> Guess:
    """Of two marks the last one is before the cents. One mark before three digits may part thousands: not sure.

    Where both are written, each before one or two digits, every cell says it for itself.
    """
    told, is_open = set[str](), False
    for cell in cells:
        text = _bare(cell)
        if not _MARKED.search(text):
            continue
        mark = max(",.", key=text.rfind)
        other = "." if mark == "," else ","
        if other in text or (text.count(mark) == 1 and len(text) - text.rfind(mark) != 4):
            told.add(mark)
        elif text.count(mark) > 1:
            told.add(other)
        else:
            is_open = True
    if len(told) == 1:
        return Guess(told.pop(), True)
    return Guess("", not is_open)


def plain_number(text: str, decimal: Mark) -> str:
    """As computers write it: 1.234,56 with a comma before its cents is 1234.56. What is no number stays as it was."""
    bare, other = _bare(text), "." if decimal == "," else ","
    parted, cents = rf"\d{{1,3}}(?:\{other}\d{{3}})+", rf"(?:\{decimal}\d+)?"
    if not decimal or not re.fullmatch(rf"[+-]?(?:{parted}|\d+){cents}", bare, re.ASCII):
        return text.strip()
    return bare.replace(other, "").replace(decimal, ".").removeprefix("+")


def _bare(text: str) -> str:
    """Without blanks between thousands, and without the sign or the letters of a currency around."""
    text = _BLANKS.sub("", text)
    text = "".join(sign for sign in text if unicodedata.category(sign) != "Sc")
    return re.sub(r"^[A-Za-z]{2,3}(?=[-+\d])|(?<=\d)[A-Za-zł]{2,3}$", "", text)
