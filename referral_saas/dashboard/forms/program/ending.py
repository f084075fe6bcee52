"""What is asked before a program ends for good."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _


class EndForm(forms.Form):
    """The name, written once more: ending cannot be undone."""

    typed_name = forms.CharField(
        label=_("The name of the program"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, name: str) -> None:
        super().__init__(data)
        self.name = name
        self.fields["typed_name"].widget.attrs["placeholder"] = name
        self.fields["typed_name"].help_text = _t("Write “%(name)s” to end it.") % {"name": name}

    def clean_typed_name(self) -> str:
        typed = str(self.cleaned_data["typed_name"])
        if _plain(typed) != _plain(self.name):
            raise ValidationError(
                _t("That is another name. Write “%(name)s” to end this program.") % {"name": self.name}
            )
        return typed


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
