"""The file of an import, what must be known beside it, and how it is to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from imports.kinds import ImportKind
from imports.rules import DAYS, NUMBERS, Reading, doubts_of, with_style
from imports.selectors import Look
from kit.cells import Mark, Order
from kit.encodings import ENCODINGS
from kit.language import language_of_page
from kit.wording import number
from referral_saas.dashboard.forms.people import ProgramForm
from referral_saas.dashboard.importing.words import CODE_HELP, FIELDS, NEEDED

MEGABYTE = 1_000_000
DELIMITERS = {",": _("Comma ,"), ";": _("Semicolon ;"), "\t": _("Tab"), "|": _("Bar |")}
BY_ITSELF = _("As the file shows")
LONGEST_EXAMPLE = 60


class TableForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,text/csv,text/plain"}),
        allow_empty_file=True,
    )

    def __init__(self, *args: Any, kind: ImportKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        limits = {"size": kind.largest // MEGABYTE, "rows": number(kind.most_rows, language_of_page())}
        self.fields["file"].help_text = _now(
            "Up to %(size)s MB and %(rows)s rows. Nothing changes before you have seen what would."
        ) % limits  # fmt: skip

    def clean_file(self) -> Any:
        file = self.cleaned_data.get("file")
        if file and file.size > self.kind.largest:
            size = self.kind.largest // MEGABYTE
            raise ValidationError(_now("The file is larger than %(size)s MB: split it.") % {"size": size})
        return file


class AdvocateTableForm(ProgramForm, TableForm):
    program = forms.ChoiceField(label=_("Program"), help_text=_("Everybody in the file becomes an advocate of it."))
    field_order = ["program", "file"]


class ReadingForm(forms.Form):
    """How a file is to be read: its characters, its columns, and which of them is which of our fields."""

    encoding = forms.ChoiceField(label=_("Characters"), choices=list(ENCODINGS.items()))
    delimiter = forms.ChoiceField(label=_("Columns are parted by"), choices=list(DELIMITERS.items()))
    has_names = forms.BooleanField(label=_("The first row names the columns"), required=False)

    def __init__(self, data: Any = None, *, kind: str, fields: Sequence[str], look: Look) -> None:
        self.told, self.table, self.ours = look.reading, look.table, fields
        super().__init__(data, initial=_initial(look))
        self.is_read_otherwise = data is not None and self._asks_otherwise(data)
        self._ask_for_style()
        for name in fields:
            is_needed = name in NEEDED[kind] and not self.is_read_otherwise
            self.fields[f"of_{name}"] = _column(name, kind, look, is_needed=is_needed)

    def _asks_otherwise(self, data: Mapping[str, Any]) -> bool:
        """The columns themselves are others then, so nobody has looked at them yet."""
        told = self.told
        asked = (data.get("encoding"), data.get("delimiter"), bool(data.get("has_names")))
        return "again" in data or asked != (told.encoding, told.delimiter or ",", told.has_names)

    def _ask_for_style(self) -> None:
        if DAYS.intersection(self.ours):
            self.fields["date_order"] = forms.ChoiceField(
                label=_("Dates like 01/02/2026 mean"),
                choices=[("", BY_ITSELF), ("dmy", _("1 February 2026")), ("mdy", _("January 2, 2026"))],
                required=False,
            )
        if NUMBERS.intersection(self.ours):
            self.fields["decimal"] = forms.ChoiceField(
                label=_("Amounts are written"),
                choices=[
                    ("", BY_ITSELF),
                    (".", _("1,234.56 (point before the cents)")),
                    (",", _("1.234,56 (comma before the cents)")),
                ],
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """What was left to be found out is found out by the columns that were chosen, or asked for."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.table is None or self.is_read_otherwise or self.errors:
            return data
        asked = self.reading
        found, doubts = with_style(self.table, asked), doubts_of(self.table, asked)
        asked_for = (("date_order", found.days, doubts.days), ("decimal", found.decimal, doubts.decimal))
        for name, told, is_open in asked_for:
            if name in self.fields and not data.get(name):
                data[name] = told
                if is_open:
                    self.add_error(name, _now("Your file could mean both, so please choose."))
        return data

    @property
    def reading(self) -> Reading:
        data = self.cleaned_data
        mapping = {name: data[f"of_{name}"] for name in self.ours if data.get(f"of_{name}")}
        return replace(
            self.told,
            encoding=data["encoding"],
            delimiter=data["delimiter"],
            has_names=data["has_names"],
            days=cast(Order, data.get("date_order", "")),
            decimal=cast(Mark, data.get("decimal", "")),
            mapping=mapping,
        )

    @property
    def how(self) -> list[forms.BoundField]:
        """About the file as a whole."""
        return [self[name] for name in ("encoding", "delimiter", "has_names")]

    @property
    def style(self) -> list[forms.BoundField]:
        return [self[name] for name in ("date_order", "decimal") if name in self.fields]

    @property
    def columns(self) -> list[forms.BoundField]:
        return [self[f"of_{name}"] for name in self.ours]


def _initial(look: Look) -> dict[str, Any]:
    told = look.reading
    columns = {f"of_{name}": header for name, header in told.mapping.items()}
    how = {"encoding": told.encoding, "delimiter": told.delimiter or ",", "has_names": told.has_names}
    return how | {"date_order": told.days, "decimal": told.decimal} | columns


def _column(name: str, kind: str, look: Look, *, is_needed: bool) -> forms.ChoiceField:
    """Which column of the file it is, with an example of what stands there."""
    label, what = FIELDS[name]
    headers = look.table.headers if look.table else []
    example = look.examples.get(look.reading.mapping.get(name, ""), "")
    return forms.ChoiceField(
        label=str(label),
        choices=[("", _("Not in this file")), *((header, header_text(header, look.reading)) for header in headers)],
        required=is_needed,
        error_messages={"required": _("Choose the column: every row needs it.")},
        help_text=_help(CODE_HELP if kind == "codes" else what, example),
    )


def header_text(header: str, reading: Reading) -> str:
    """What a column is called on a page: one without a name by its number."""
    return header if reading.has_names else _now("Column %(number)s") % {"number": header}


def _help(what: Promise, example: str) -> str:
    if not example:
        return str(what)
    return _now("%(what)s Your first row that has one says “%(example)s”.") % {
        "what": what,
        "example": example[:LONGEST_EXAMPLE],
    }
