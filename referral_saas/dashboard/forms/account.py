"""Forms of one's own account."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeForm(forms.Form):
    """What the app shows. Where one may also use a recovery code, ``or_recovery`` says so."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )

    def __init__(self, *args: object, or_recovery: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        digits = _("The six digits it shows.")
        self.fields["code"].help_text = _("The six digits it shows, or a recovery code.") if or_recovery else digits


class SetUpForm(CodeForm):
    #: The secret that the page shows, sealed for this person: it is kept nowhere until the app has shown a code of it.
    sealed = forms.CharField(widget=forms.HiddenInput, max_length=1000)
