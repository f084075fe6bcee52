"""Bytes of files as spreadsheets of several countries write them."""

from __future__ import annotations

import pytest

from kit.encodings import decoded, encoding_of

GERMAN = "Name;Größe\nMüller, Jürgen;groß – 5 €\nRenée Lefèvre;klein\n"
POLISH = "Imię;Miasto\nMichał;Łódź\nŚwiętosława Żak;Gdańsk\nBłażej;Kraków\n"
CHINESE = "姓名,邮箱,城市\n张伟,zhang@x.example,上海\n李娜,li@x.example,北京\n"


@pytest.mark.parametrize(
    ("text", "written", "found"),
    [
        (GERMAN, "utf-8", "utf-8"),
        (GERMAN, "utf-8-sig", "utf-8"),
        (GERMAN, "utf-16", "utf-16-le"),
        (GERMAN, "utf-16-be", "utf-16-be"),
        (GERMAN, "cp1252", "cp1252"),
        (POLISH, "cp1250", "cp1250"),
        (POLISH, "iso8859-2", "iso8859-2"),
        (CHINESE, "gb18030", "gb18030"),
        ("Größe\nklein\n", "cp1252", "cp1252"),
        ("plain\n", "ascii", "utf-8"),
    ],
)
def test_the_encoding_is_found_and_gives_the_text_back(text: str, written: str, found: str) -> None:
    data = text.encode(written)
    assert encoding_of(data) == found
    assert decoded(data, found) == text


def test_what_the_bytes_cannot_stand_for_is_nothing() -> None:
    assert decoded(b"\xff\xfe\xff", "utf-8") is None
    assert decoded(b"a\x00b", "cp1252") is None
