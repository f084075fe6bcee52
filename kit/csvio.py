"""Tables as text: read what spreadsheets really write, refuse what cannot be one table, write what is safe to open."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain, islice

from django.utils.translation import gettext as _

from kit.encodings import decoded, encoding_of
from kit.text import clean_text

DELIMITERS = ",;\t|"
#: How zipped (xlsx, ods, numbers) and older (xls) workbooks begin.
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
LONGEST_CELL = 10_000
MOST_PROBLEMS = 20
#: Named columns; and what a row may have beyond them, empty and told by some programs, before it is read at all.
MOST_COLUMNS, MOST_CELLS = 500, 2_000
LONGEST_NAME = 500
#: Empty ones too: a sheet ends after 1,048,576.
MOST_LINES = 1_100_000

_NUMBER = re.compile(r"-[0-9]+(?:\.[0-9]+)?", re.ASCII)
# Spreadsheets run a cell that begins like this; the wide twins are the same signs to a Japanese one.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Where lists are parted by semicolons (most of Europe) Excel cuts our lines there, and at line ends, whatever quotes
# stand around; then it runs what comes behind.
_FORMULA_INSIDE = re.compile(r"""([;\t\r\n][\s"]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])""")


@dataclass(frozen=True)
class Problem:
    """`row` as a spreadsheet counts it, the headers being row 1; 0 is the file as a whole.

    `column` is the header as it stands there and `value` what the cell holds, where it is about one cell.
    """

    row: int
    message: str
    column: str = ""
    value: str = ""


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


def read_table(
    data: bytes,
    *,
    max_rows: int = 100_000,
    max_bytes: int = 20_000_000,
    encoding: str = "",
    delimiter: str = "",
    has_names: bool = True,
) -> Table:
    """The table in `data`: encoding and delimiter found out unless told, cells trimmed and cleaned, all or nothing.

    Without `has_names` the first row is one like the others, and columns are called by their numbers.
    """
    if len(data) > max_bytes:
        raise _refuse(_("The file is larger than %(limit)s bytes: split it.") % {"limit": max_bytes})
    text, encoding = text_of(data, encoding)
    text, delimiter = _delimiter_of(text, delimiter)
    lines = _lines(text, delimiter)
    first = next(lines, None)
    headers = _headers(first[1] if first else [], has_names)
    if first and not has_names:
        lines = chain([first], lines)
    rows: list[list[str]] = []
    numbers: list[int] = []
    problems: list[Problem] = []
    for number, told in lines:
        cells = _without_tail(told, len(headers))
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


def peek_table(data: bytes, *, rows: int, encoding: str = "", delimiter: str = "", has_names: bool = True) -> Table:
    """The beginning of a table, to be looked at: what is wrong with rows is left for whoever reads all of it."""
    text, encoding = text_of(data, encoding)
    text, delimiter = _delimiter_of(text, delimiter)
    lines = _lines(text, delimiter)
    first = next(lines, None)
    headers = _headers(first[1] if first else [], has_names)
    found = [] if has_names or first is None else [first]
    with suppress(CsvProblem):
        found += islice(lines, rows)
    width = len(headers)
    cells = [[*row, *[""] * width][:width] for _number, row in found]
    return Table(headers, cells, delimiter, encoding, [number for number, _row in found])


def text_of(data: bytes, encoding: str = "") -> tuple[str, str]:
    """With the encoding that was used. Raises CsvProblem for what is no text, with what to do about it."""
    if data.startswith(_WORKBOOKS):
        raise _refuse(
            _(
                "This is a workbook, not a CSV file. Open it and save it once more: in Excel as “CSV UTF-8” (File, "
                "Save as), in Google Sheets as “Comma-separated values” (File, Download), in Numbers as CSV (File, "
                "Export to)."
            )
        )
    encoding = encoding or encoding_of(data)
    text = decoded(data, encoding)
    if text is None:
        raise _refuse(_("The characters of the file cannot be read: save it as CSV in UTF-8."))
    return text, encoding


def _delimiter_of(text: str, told: str = "") -> tuple[str, str]:
    """The text without Excel's "sep=" line, and the delimiter: told, or named there, or the commonest in the header
    line."""
    named = re.match(r"sep=([,;\t|])\r?\n", text)
    if named:
        text = text[named.end() :]
    if named or told:
        return text, told or named[1]  # type: ignore[index]  # one of them is there
    unquoted = re.sub(r'"[^"]*"', "", text.lstrip("\r\n").partition("\n")[0])
    counts = Counter(character for character in unquoted if character in DELIMITERS)
    return text, max(DELIMITERS, key=lambda delimiter: counts[delimiter])


def _lines(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that hold anything, with their number. A stray or never-ending quote is refused where it begins."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        number += 1
        if number > MOST_LINES:
            raise _refuse(_("The file has more than %(limit)s rows: split it.") % {"limit": MOST_LINES}, number)
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _refuse(_("A quotation mark is missing, doubled or out of place in this row."), number) from error
        _refuse_more_cells(len(cells), MOST_CELLS, number)
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise _refuse(_("A cell is too long: is a quotation mark missing?"), number)
        cleaned = [clean_text(cell).strip() if cell else "" for cell in cells]
        if any(cleaned):
            yield number, cleaned


def _refuse_more_cells(found: int, most: int, row: int) -> None:
    """Whoever looks at a file is shown a choice of all its columns for each of our fields."""
    if found > most:
        told = _("There are more than %(limit)s columns: leave out those that are not needed.")
        raise _refuse(told % {"limit": most}, row)


def _headers(cells: list[str], has_names: bool) -> list[str]:
    if not cells:
        raise _refuse(_("The file is empty: its first row must name the columns."))
    cells = _without_tail(cells, 1) if has_names else cells
    _refuse_more_cells(len(cells), MOST_COLUMNS, 1)
    if not has_names:
        return [str(number) for number in range(1, len(cells) + 1)]
    if any(len(cell) > LONGEST_NAME for cell in cells):
        raise _refuse(_("A cell is too long: is a quotation mark missing?"), 1)
    if not all(cells):
        raise _refuse(_("A column has no name: name every column in the first row."), 1)
    counts = Counter(cell.casefold() for cell in cells)
    double = next((cell for cell in cells if counts[cell.casefold()] > 1), None)
    if double is not None:
        raise _refuse(_("Two columns are named “%(name)s”: rename one.") % {"name": double[:100]}, 1)
    return cells


def _without_tail(cells: list[str], width: int) -> list[str]:
    """Some write a delimiter behind the last column too: what is empty beyond ``width`` is no cell."""
    end = len(cells)
    while end > width and not cells[end - 1]:
        end -= 1
    return cells[:end]


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
