"""Which characters the bytes of a table stand for: found out as well as bytes can tell, or as a person says."""

import codecs
import re
import unicodedata

from django.utils.translation import gettext_lazy as _

#: Python's name -> what people call it. The first is what everybody should write today.
ENCODINGS = {
    "utf-8": _("UTF-8 (today's usual one)"),
    "utf-16-le": _("UTF-16 (“Unicode text” of Excel)"),
    "utf-16-be": _("UTF-16, big-endian"),
    "cp1252": _("Windows-1252 (Western Europe)"),
    "cp1250": _("Windows-1250 (Central Europe, Excel)"),
    "iso8859-2": _("ISO-8859-2 (Central Europe)"),
    "gb18030": _("GB18030 (Chinese)"),
}
_MARKS = [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")]
#: With one byte for each character; of equally likely ones the first.
_OF_ONE_BYTE = ("cp1252", "cp1250", "iso8859-2")
#: So much of a file tells how the rest is written.
_SAMPLE = 200_000
_RUN = re.compile(rb"[\x80-\xff]+")
_WORD = re.compile(rb"[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*")
#: First bytes of the characters that Chinese texts mostly consist of.
_COMMON_CHINESE = range(0xB0, 0xD8)


def encoding_of(data: bytes) -> str:
    """By its mark, by its zeros, as UTF-8 where it is that; else by what would make readable words."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    if data[:200].count(0) > len(data[:200]) // 4:
        # Every other byte of Latin text in UTF-16 is zero: the first of a pair, or the second.
        return "utf-16-be" if data[0] == 0 else "utf-16-le"
    if decoded(data, "utf-8") is not None:
        return "utf-8"
    sample = data[:_SAMPLE]
    return "gb18030" if _is_chinese(sample) else _most_readable(sample)


def decoded(data: bytes, encoding: str) -> str | None:
    """None where the bytes cannot stand for that. A mark at the beginning is no text."""
    for mark, marked in _MARKS:
        if marked == encoding:
            data = data.removeprefix(mark)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text


def _is_chinese(sample: bytes) -> bool:
    """Two bytes for each character, most of them common ones: single letters with accents stand alone."""
    runs = _RUN.findall(sample)
    whole = [run for run in runs if len(run) % 2 == 0]
    firsts = [first for run in whole for first in run[::2]]
    common = sum(first in _COMMON_CHINESE for first in firsts)
    return len(whole) * 10 >= len(runs) * 9 and common * 10 >= len(firsts) * 7 and bool(firsts)


def _most_readable(sample: bytes) -> str:
    words = _WORD.findall(sample)[:2_000]
    return max(_OF_ONE_BYTE, key=lambda encoding: sum(_likelihood(word, encoding) for word in words))


def _likelihood(word: bytes, encoding: str) -> int:
    """A letter belongs into a word; a sign or a control does not, beside letters."""
    text = word.decode(encoding, errors="replace")
    if not any(sign.isascii() for sign in text):
        return 0
    return sum(1 if unicodedata.category(sign)[0] == "L" else -2 for sign in text if not sign.isascii())
