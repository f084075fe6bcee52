"""The file of an import, and what must be known beside it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from referral_saas.dashboard.forms.people import ProgramForm

LARGEST = 2_000_000


class TableForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("Up to 2 MB. The first row names the columns. Nothing changes before you have seen what would."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        allow_empty_file=True,
    )

    def __init__(self, *args: Any, needs_file: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].required = needs_file

    def clean_file(self) -> Any:
        file = self.cleaned_data.get("file")
        if file and file.size > LARGEST:
            raise ValidationError(_now("The file is larger than 2 MB: split it."))
        return file


class AdvocateTableForm(ProgramForm, TableForm):
    program = forms.ChoiceField(label=_("Program"), help_text=_("Everybody in the file becomes an advocate of it."))
    field_order = ["program", "file"]
