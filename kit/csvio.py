"""Tables as text: read what spreadsheets really write, refuse what cannot be one table, write what is safe to open."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from kit.text import clean_text

DELIMITERS = ",;\t|"
LONGEST_CELL = 10_000
MOST_PROBLEMS = 20

_BYTE_ORDER_MARKS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
_NUMBER = re.compile(r"-[0-9]+(?:\.[0-9]+)?", re.ASCII)
# Spreadsheets run a cell that begins like this; the wide twins are the same signs to a Japanese one.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Where lists are parted by semicolons (most of Europe) Excel cuts our lines there, and at line ends, whatever quotes
# stand around; then it runs what comes behind.
_FORMULA_INSIDE = re.compile(r"""([;\t\r\n][\s"]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])""")


@dataclass(frozen=True)
class Problem:
    """`row` as a spreadsheet counts it, the headers being row 1; 0 is the file as a whole."""

    row: int
    message: str


class CsvProblem(ValueError):
    """The file is no usable table. Nothing of it was taken over; `problems` tells the first ones, by row."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(_told(problem) for problem in self.problems))


@dataclass(frozen=True)
class Table:
    """`row_numbers[i]` is where `rows[i]` stands in the file: empty rows are left out but counted."""

    headers: list[str]
    rows: list[list[str]]
    delimiter: str
    encoding: str
    row_numbers: list[int]

    def records(self) -> Iterator[tuple[int, dict[str, str]]]:
        for number, row in zip(self.row_numbers, self.rows, strict=True):
            yield number, dict(zip(self.headers, row, strict=True))


def _told(problem: Problem) -> str:
    if not problem.row:
        return problem.message
    return _("Row %(row)s: %(message)s") % {"row": problem.row, "message": problem.message}


def _refuse(message: str, row: int = 0) -> CsvProblem:
    return CsvProblem([Problem(row, message)])


def read_table(data: bytes, *, max_rows: int = 100_000, max_bytes: int = 20_000_000) -> Table:
    """The table in `data`: encoding and delimiter found out, cells trimmed and cleaned, all or nothing."""
    if len(data) > max_bytes:
        raise _refuse(_("The file is larger than %(limit)s bytes: split it.") % {"limit": max_bytes})
    text, encoding = _decode(data)
    text, delimiter = _delimiter_of(text)
    lines = _lines(text, delimiter)
    headers = _headers(next(lines, (1, []))[1])
    rows: list[list[str]] = []
    numbers: list[int] = []
    problems: list[Problem] = []
    for number, cells in lines:
        if len(rows) >= max_rows:
            raise _refuse(_("The file has more than %(limit)s rows: split it.") % {"limit": max_rows}, number)
        if len(cells) != len(headers):
            problems.append(Problem(number, _ragged(len(cells), len(headers))))
        if len(problems) >= MOST_PROBLEMS:
            break
        rows.append(cells)
        numbers.append(number)
    if problems:
        raise CsvProblem(problems)
    return Table(headers, rows, delimiter, encoding, numbers)


def _decode(data: bytes) -> tuple[str, str]:
    if data.startswith(b"PK\x03\x04"):
        raise _refuse(_("This is a workbook, not a CSV file: save it as CSV first."))
    for mark, encoding in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return _decoded(data.removeprefix(mark), [encoding])
    if data[:200].count(0) > len(data[:200]) // 4:
        # Every other byte of Latin text in UTF-16 is zero: the first of a pair, or the second.
        return _decoded(data, ["utf-16-be" if data[0] == 0 else "utf-16-le"])
    return _decoded(data, ["utf-8", "cp1252"])


def _decoded(data: bytes, encodings: Sequence[str]) -> tuple[str, str]:
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text, encoding
    raise _refuse(_("The characters of the file cannot be read: save it as CSV in UTF-8."))


def _delimiter_of(text: str) -> tuple[str, str]:
    """The text without Excel's "sep=" line, and the delimiter: named there, or the commonest in the header line."""
    named = re.match(r"sep=([,;\t|])\r?\n", text)
    if named:
        return text[named.end() :], named[1]
    unquoted = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").partition("\n")[0])
    counts = Counter(character for character in unquoted if character in DELIMITERS)
    return text, max(DELIMITERS, key=lambda delimiter: counts[delimiter])


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold anything, with their number. A stray or never-ending quote is refused where it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _refuse(_("A quotation mark is missing, doubled or out of place in this row."), number) from error
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise _refuse(_("A cell is too long: is a quotation mark missing?"), number)
        cleaned = [clean_text(cell).strip() for cell in cells]
        if any(cleaned):
            yield number, cleaned


def _headers(cells: list[str]) -> list[str]:
    if not cells:
        raise _refuse(_("The file is empty: its first row must name the columns."))
    if not all(cells):
        raise _refuse(_("A column has no name: name every column in the first row."), 1)
    counts = Counter(cell.casefold() for cell in cells)
    double = next((cell for cell in cells if counts[cell.casefold()] > 1), None)
    if double is not None:
        raise _refuse(_("Two columns are named “%(name)s”: rename one.") % {"name": double[:100]}, 1)
    return cells


def _ragged(found: int, wanted: int) -> str:
    return _("%(found)s cells where the first row names %(wanted)s columns.") % {"found": found, "wanted": wanted}


def write_table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """CSV with commas and CRLF. Text that a spreadsheet would run is disarmed by an apostrophe; numbers stay."""
    lines = [",".join(_cell(value) for value in row) for row in [headers, *rows]]
    return "".join(f"{line}\r\n" for line in lines)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        raise TypeError("A table holds whole numbers, Decimals and text, never floats.")
    return _text_cell(value.isoformat() if isinstance(value, date) else str(value))


def _text_cell(text: str) -> str:
    if text.startswith(_FORMULA_STARTS) or text.lstrip().startswith(_FORMULA_STARTS):
        return text if _NUMBER.fullmatch(text) else _quoted("'" + _FORMULA_INSIDE.sub(r"\1'", text))
    text = _FORMULA_INSIDE.sub(r"\1'", text)
    return _quoted(text) if any(sign in text for sign in ',;|"\t\r\n') or text != text.strip() else text


def _quoted(text: str) -> str:
    return '"{}"'.format(text.replace('"', '""'))
