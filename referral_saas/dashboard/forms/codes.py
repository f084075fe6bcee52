"""A list of codes, pasted or as a file."""

from __future__ import annotations

import csv
import io
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

LARGEST_FILE = 4_000_000
MOST_CODES = 100_000
_HEADS = {"code", "codes", "name", "discount code", "discount codes", "coupon", "coupon code", "voucher"}


class CodesForm(forms.Form):
    pasted = forms.CharField(
        label=_("Codes"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocapitalize": "characters"}),
        help_text=_("One per line. Each must exist in your shop as a code that works once."),
    )
    file = forms.FileField(
        label=_("Or a file"),
        required=False,
        help_text=_("Text or CSV as your shop exports it; the first column is read. Up to 4 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        lines = data.get("pasted", "").splitlines()
        if data.get("file"):
            lines += _codes_in(data["file"])
        data["codes"] = lines
        if not any(line.strip() for line in lines) and not self.errors:
            raise ValidationError(_t("Paste at least one code, or choose a file."))
        if len(lines) > MOST_CODES:
            raise ValidationError(_t("These are more than 100,000 codes: upload them in several parts."))
        return data


def _codes_in(file: Any) -> list[str]:
    if file.size > LARGEST_FILE:
        raise ValidationError({"file": _t("The file is larger than 4 MB: split it.")})
    text = _text(file.read())
    delimiter = next((sign for sign in ";\t,|" if sign in text.partition("\n")[0]), ",")
    try:
        cells = [row[0] for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
    except csv.Error as error:
        raise ValidationError({"file": _t("The file cannot be read as a table: save it as CSV.")}) from error
    return cells[1:] if cells and cells[0].strip().casefold() in _HEADS else cells


def _text(data: bytes) -> str:
    for encoding in ("utf-16",) if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise ValidationError({"file": _t("The characters of the file cannot be read: save it as CSV in UTF-8.")})
