"""A list as a table: each column says what stands in its cell, and all rows are written in one go.

A template looks every name up and translates every text anew for each cell: fifty rows took longer than everything else
on their page. Here the words and the shell of each cell are made once a page, and a row is a few joined texts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape as escaped
from typing import Any

from django.db.models import Model
from django.utils.functional import Promise
from django.utils.safestring import SafeString

from kit import wording
from kit.language import language_of_page
from kit.units import amount_text
from referral_saas.dashboard import paths
from referral_saas.dashboard.frame import Desk
from referral_saas.templatetags import ui
from referral_saas.templatetags.desk import state


class Pen:
    """Writes what stands in cells, for one page: in the reader's language, the workspace's zone and at its now.

    What it gives is safe markup, or text that the table escapes.
    """

    def __init__(self, desk: Desk) -> None:
        self.base = f"/w/{desk.merchant.slug}"
        self.zone = wording.zone_of(desk.workspace.time_zone)
        self.now = desk.now
        self.language = language_of_page()
        self._words: dict[tuple[type[Model], str, object], str] = {}
        self._states: dict[tuple[str, str], SafeString] = {}

    def link(self, thing: Model | None, words: object = "") -> SafeString:
        """To a row's page, with its own words or others; nothing for None."""
        return SafeString("") if thing is None else self.way(paths.path_of(self.base, thing), words or thing)

    def way(self, address: str, words: object, *, is_small: bool = False) -> SafeString:
        small = 'class="small" ' if is_small else ""
        return SafeString(f'<a {small}href="{escaped(address)}">{markup(words)}</a>')

    def when(self, moment: datetime | None) -> SafeString:
        """As the template tag: how long ago, and exactly on hover and on focus."""
        return SafeString("") if moment is None else ui.moment_drawn(moment, self.now, self.zone, self.language)

    def day(self, moment: datetime | date) -> str:
        """In short, as ``when`` writes a day that is long ago: both stand in one row."""
        return wording.short_day(moment, self.zone, self.language)

    def money(self, minor: int, unit: str) -> str:
        return amount_text(minor, unit, self.language)

    def number(self, value: int) -> str:
        return wording.number(value, self.language)

    def word(self, row: Model, field: str) -> str:
        """What a column's choice is called: ``row.get_state_display()``, looked up once for all rows alike."""
        choice = (type(row), field, getattr(row, field))
        if choice not in self._words:
            self._words[choice] = str(getattr(row, f"get_{field}_display")())
        return self._words[choice]

    def state(self, row: Model, field: str = "state") -> SafeString:
        """The dot in the tone of this state, and its word."""
        named = (getattr(row, field), self.word(row, field))
        if named not in self._states:
            self._states[named] = state(*named)
        return self._states[named]

    def note(self, *words: object) -> SafeString:
        """A quiet line below; nothing where there are no words."""
        said = together(*words)
        return SafeString(f'<span class="cell-note">{said}</span>') if said else said

    def quiet(self, words: object) -> SafeString:
        return SafeString(f'<span class="muted">{markup(words)}</span>')


def markup(words: object) -> str:
    """Escaped, unless it is markup already."""
    return words if isinstance(words, SafeString) else escaped(str(words))


def together(*parts: object) -> SafeString:
    return SafeString("".join([markup(part) for part in parts]))


@dataclass(frozen=True)
class Column:
    """``cell`` is given the pen and a row; what it gives back is escaped unless it is safe markup."""

    label: Promise
    cell: Callable[[Pen, Any], object]
    is_number: bool = False


@dataclass(frozen=True)
class Table:
    """``label`` names it to those who do not see it. The first column says what a row is."""

    label: Promise
    columns: Sequence[Column]
    is_dense: bool = False

    def drawn(self, desk: Desk, rows: Iterable[Any]) -> SafeString:
        pen, shells = Pen(desk), [_shell(number, column) for number, column in enumerate(self.columns)]
        lines = ["".join([opened + markup(cell(pen, row)) + closed for opened, cell, closed in shells])
                 for row in rows]  # fmt: skip
        return SafeString(
            f'<div class="table-wrap" tabindex="0" role="region" aria-label="{escaped(str(self.label))}">'
            f'<table class="table{" table-dense" if self.is_dense else ""}">'
            f"<thead><tr>{''.join(map(_heading, self.columns))}</tr></thead>"
            f"<tbody>{''.join([f'<tr>{line}</tr>' for line in lines])}</tbody></table></div>"
        )


def _heading(column: Column) -> str:
    return f'<th scope="col"{_number(column)}>{escaped(str(column.label))}</th>'


def _shell(place: int, column: Column) -> tuple[str, Callable[[Pen, Any], object], str]:
    """What stands before a cell, what is asked for it, and what stands behind it."""
    if place == 0:
        return '<th scope="row">', column.cell, "</th>"
    return f'<td{_number(column)} data-label="{escaped(str(column.label))}">', column.cell, "</td>"


def _number(column: Column) -> str:
    return ' class="number"' if column.is_number else ""
