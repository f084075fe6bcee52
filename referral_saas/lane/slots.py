"""A page drawn once, with slots for what differs from friend to friend."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass

Header = tuple[str, str]

NAME, INITIALS, CODE, TOKEN = range(4)


@dataclass(frozen=True, slots=True)
class Slots:
    """What stands in the drawing in place of the name, the code and the token.

    Made anew by each process, so that no text of a merchant holds one of them. The name's first sign is from a part of
    Unicode that nobody writes in: where a page shows initials, that sign stands alone.
    """

    name: str
    code: str
    token: str

    @classmethod
    def new(cls) -> Slots:
        sign = chr(0xF0000 + secrets.randbelow(0xFFF0))
        return cls(f"{sign}{secrets.token_hex(8)}", f"S{secrets.token_hex(8)}", f"T.{secrets.token_hex(12)}")

    def marks(self) -> list[str]:
        """By number (NAME ...)."""
        return [self.name, self.name[0], self.code, self.token]


class Drawn:
    """An answer with slots."""

    __slots__ = ("_base", "_headers", "_open_headers", "_pieces", "_places", "status")

    def __init__(self, status: str, headers: list[Header], body: bytes, slots: Slots) -> None:
        self.status = status
        marks = slots.marks()
        numbers = {mark.encode(): number for number, mark in enumerate(marks)}
        cut = re.split(b"(%b)" % b"|".join(map(re.escape, numbers)), body)  # the name stands before its first sign
        self._pieces: list[bytes] = cut
        self._places = [(at, numbers[cut[at]]) for at in range(1, len(cut), 2)]
        self._base = sum(map(len, cut[::2]))
        kept = [(name, value) for name, value in headers if name.lower() != "content-length"]
        self._headers = [header for header in kept if slots.token not in header[1]]
        self._open_headers = [(name, value.split(slots.token)) for name, value in kept if slots.token in value]

    def fill(self, values: tuple[bytes, bytes, bytes, bytes]) -> tuple[list[Header], bytes]:
        """Headers and body for this name, initials, code and token, all of them escaped."""
        pieces = self._pieces.copy()
        for at, number in self._places:
            pieces[at] = values[number]
        body = b"".join(pieces)
        headers = [*self._headers, ("Content-Length", str(len(body)))]
        for name, parts in self._open_headers:
            headers.append((name, values[TOKEN].decode().join(parts)))
        return headers, body

    @property
    def size(self) -> int:
        """Bytes without what is filled in."""
        return self._base
