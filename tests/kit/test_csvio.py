import csv
import io
import re
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.csvio import CsvProblem, peek_table, read_table, write_table


def problems_of(data: bytes, **limits: int) -> list[tuple[int, str]]:
    with pytest.raises(CsvProblem) as caught:
        read_table(data, **limits)
    return [(problem.row, problem.message) for problem in caught.value.problems]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found(delimiter: str) -> None:
    table = read_table(f'email{delimiter}"name, first; last"\ndana@example.com{delimiter}"x"\n'.encode())
    assert table.delimiter == delimiter
    assert table.headers == ["email", "name, first; last"]
    assert table.rows == [["dana@example.com", "x"]]


def test_delimiter_named_by_excel() -> None:
    table = read_table(b"sep=;\r\na,b;c\r\n1;2\r\n")
    assert (table.delimiter, table.headers, table.rows) == (";", ["a,b", "c"], [["1", "2"]])


@pytest.mark.parametrize(
    ("codec", "encoding"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16-le"), ("utf-16-le", "utf-16-le"),
     ("utf-16-be", "utf-16-be"), ("cp1252", "cp1252")],
)  # fmt: skip
def test_encoding_is_found(codec: str, encoding: str) -> None:
    table = read_table("name,city\nJosé,Köln €\n".encode(codec))
    assert (table.encoding, table.rows) == (encoding, [["José", "Köln €"]])


def test_cells_are_trimmed_and_cleaned_and_empty_rows_left_out() -> None:
    table = read_table(b'\n a , b \r\n"x\x07", "y"\n,\n\n3,"two\r\nlines"\n'.replace(b' "y"', b'" y "'))
    assert table.headers == ["a", "b"]
    assert table.rows == [["x", "y"], ["3", "two\nlines"]]
    assert list(table.records()) == [(3, {"a": "x", "b": "y"}), (6, {"a": "3", "b": "two\nlines"})]


def test_one_column_and_headers_alone() -> None:
    assert read_table(b"email\na@example.com\n").rows == [["a@example.com"]]
    assert read_table(b"email,name").rows == []


@pytest.mark.parametrize(
    ("data", "row", "words"),
    [
        (b"", 0, "empty"),
        (b"\n\n", 0, "empty"),
        (b"a,,c\n1,2,3\n", 1, "no name"),
        (b"Email,name,email\n1,2,3\n", 1, "Two columns"),
        (b'a,b\n1,"2\n3,4\n', 2, "quotation mark"),
        (b'a,b\n1,2\n3,"4"x\n', 3, "quotation mark"),
        (b'a,b\n"' + b"x" * 200_000 + b"\n1,2\n", 2, "quotation mark"),
        (b'a,b\n"' + b"x" * 20_000 + b'",2\n', 2, "too long"),
        (b"a,b\n\x81\x8d,2\n", 0, "UTF-8"),
        (b"a,b\nx\x00" + b"y" * 300, 0, "UTF-8"),
        (b"a" * 300 + b"\x00", 0, "UTF-8"),
        (b"PK\x03\x04rest", 0, "workbook"),
    ],
)
def test_no_usable_table(data: bytes, row: int, words: str) -> None:
    found = problems_of(data)
    assert len(found) == 1
    assert found[0][0] == row
    assert words in found[0][1]


def test_ragged_rows_are_all_told_by_number() -> None:
    found = problems_of(b"a,b\n1,2\n1\n1,2,3\n1,2\n")
    assert [row for row, _ in found] == [3, 4]
    assert "1 cells" in found[0][1]
    assert "3 cells" in found[1][1]


def test_a_delimiter_behind_the_last_column_is_no_column() -> None:
    table = read_table(b"a;b;\n1;2;\n3;;\n4;5\n")
    assert (table.headers, table.rows) == (["a", "b"], [["1", "2"], ["3", ""], ["4", "5"]])
    assert problems_of(b"a;b;\n1;2;3\n")[0][0] == 2


def test_the_beginning_is_looked_at_whatever_is_wrong_with_rows() -> None:
    peeked = peek_table(b'a,b\n1\n1,2,3\n4,"5\n', rows=5)
    assert (peeked.headers, peeked.rows) == (["a", "b"], [["1", ""], ["1", "2"]])
    unnamed = peek_table(b"X-1\nX-2\n", rows=5, has_names=False)
    assert (unnamed.headers, unnamed.rows, unnamed.row_numbers) == (["1"], [["X-1"], ["X-2"]], [1, 2])


def test_only_the_first_problems_are_told() -> None:
    assert len(problems_of(b"a,b\n" + b"1\n" * 1000)) == 20


@pytest.mark.parametrize(
    ("data", "row", "words"),
    [
        (",".join(f"c{n}" for n in range(501)).encode(), 1, "more than 500 columns"),
        (b"a,b\n" + b"," * 2_000, 2, "more than 2000 columns"),
        (b"," * 2_000 + b"\na", 1, "more than 2000 columns"),
        (b"a," + b"n" * 501, 1, "A cell is too long"),
        (b"a\n" + b"\n" * 1_100_000 + b"b", 1_100_001, "more than 1100000 rows"),
    ],
    ids=["named", "behind", "before", "name", "empty lines"],
)
def test_what_would_take_long_to_look_at_is_no_table(data: bytes, row: int, words: str) -> None:
    with pytest.raises(CsvProblem) as refused:
        read_table(data)
    [problem] = refused.value.problems
    assert problem.row == row
    assert words in problem.message
    if row == 1:
        with pytest.raises(CsvProblem):
            peek_table(data, rows=5)


def test_as_many_columns_as_there_may_be_with_a_tail() -> None:
    table = read_table((",".join(f"c{n}" for n in range(500)) + "," * 1_000 + "\n" + "x," * 500).encode())
    assert (len(table.headers), table.rows) == (500, [["x"] * 500])


def test_limits() -> None:
    assert len(read_table(b"a\n1\n2\n", max_rows=2).rows) == 2
    assert problems_of(b"a\n1\n2\n3\n", max_rows=2)[0][0] == 4
    assert problems_of(b"a\n1\n", max_bytes=3)[0][0] == 0


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_give_a_table_or_a_problem(data: bytes) -> None:
    with suppress(CsvProblem):
        table = read_table(data)
        assert all(len(row) == len(table.headers) for row in table.rows)


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("plain", "plain"),
        (None, ""),
        (True, "true"),
        (-5, "-5"),
        (Decimal("-39.80"), "-39.80"),
        ("-39.80", "-39.80"),
        ('=HYPERLINK("x")', '"\'=HYPERLINK(""x"")"'),
        ("+49170", '"\'+49170"'),
        ("-1+1", '"\'-1+1"'),
        ("-1\n", '"\'-1\n"'),
        ("@SUM(1)", '"\'@SUM(1)"'),
        ("\t=1", "\"'\t'=1\""),
        ("\r=1", "\"'\r'=1\""),
        (" =1", '"\' =1"'),
        ("\uff1d1", '"\'\uff1d1"'),
        ("\xa0=1", '"\'\xa0=1"'),
        ("Eve;=1+1;", '"Eve;\'=1+1;"'),
        ('Eve; "@SUM(1)', '"Eve; ""\'@SUM(1)"'),
        ("=1;-1", "\"'=1;'-1\""),
        ("a;b", '"a;b"'),
        ("a,b", '"a,b"'),
        ('say "hi"', '"say ""hi"""'),
        (date(2026, 5, 1), "2026-05-01"),
        (datetime(2026, 5, 1, 12, tzinfo=UTC), "2026-05-01T12:00:00+00:00"),
    ],
)
def test_write_cell(value: object, cell: str) -> None:
    assert write_table(["a", "b"], [[value, 1]]) == f"a,b\r\n{cell},1\r\n"


def test_write_float_refused() -> None:
    with pytest.raises(TypeError, match="floats"):
        write_table(["a"], [[0.1]])


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2)))
def test_written_text_reads_back_but_for_apostrophes(rows: list[list[str]]) -> None:
    written = write_table(["a", "b"], rows)
    back = list(csv.reader(io.StringIO(written, newline=""), strict=True))[1:]
    assert len(back) == len(rows)
    for row, original in zip(back, rows, strict=True):
        for cell, text in zip(row, original, strict=True):
            assert cell.replace("'", "") == text.replace("'", "")
            assert not cell.startswith(("=", "+", "@", "\t", "\r"))
            assert not re.search(r"[;\t\r\n][ \"]*[=+@-]", cell)
