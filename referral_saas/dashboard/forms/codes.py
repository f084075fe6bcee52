"""A list of codes, pasted or as a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

LARGEST_FILE = 8_000_000
MOST_CODES = 100_000


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
        help_text=_("Text or CSV as your shop exports it. You see what it holds before anything happens. Up to 8 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        lines = data.get("pasted", "").splitlines()
        data["codes"] = lines
        if not any(line.strip() for line in lines) and not data.get("file") and not self.errors:
            raise ValidationError(_t("Paste at least one code, or choose a file."))
        if lines and data.get("file"):
            raise ValidationError(_t("Paste codes or choose a file, one at a time."))
        if len(lines) > MOST_CODES:
            raise ValidationError(_t("These are more than 100,000 codes: upload them in several parts."))
        return data

    def clean_file(self) -> Any:
        file = self.cleaned_data.get("file")
        if file and file.size > LARGEST_FILE:
            raise ValidationError(_t("The file is larger than %(size)s MB: split it.") % {"size": 8})
        return file

    @property
    def is_pasted(self) -> bool:
        """Codes were typed or pasted, and nothing is wrong with them."""
        return self.is_bound and self.is_valid() and not self.cleaned_data.get("file")
