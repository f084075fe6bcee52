"""How long what broke waits for its next try, and after how many it waits for a person."""

from __future__ import annotations

from datetime import timedelta

from kit.text import clean_text

MOST_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=1)


def pause_after(attempt: int) -> timedelta:
    """15 s, 30 s, 1 min ... up to an hour: the seven there are come to half an hour, long enough for a restart."""
    pause: timedelta = min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
    return pause


def words_of(trouble: Exception) -> str:
    """The kind and the first line: what follows in a database's message quotes rows, and rows hold persons."""
    first_line = str(trouble).partition("\n")[0]
    return clean_text(f"{type(trouble).__name__}: {first_line}", max_length=300)
