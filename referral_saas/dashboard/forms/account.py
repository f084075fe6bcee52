"""Forms of one's own account."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeForm(forms.Form):
    """What the app shows. Where one may also use a recovery code, ``or_recovery`` says so."""

    code = forms.CharField(
        label=_("Code"),
        help_text=_("The six digits your app shows."),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )

    def __init__(self, *args: object, or_recovery: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if or_recovery:  # the page asks for nothing else; elsewhere there is something to read before
            self.fields["code"].widget.attrs["autofocus"] = True
            self.fields["code"].help_text = _("The six digits your app shows, or a recovery code.")


class SetUpForm(CodeForm):
    #: The secret that the page shows, sealed for this person: it is kept nowhere until the app has shown a code of it.
    sealed = forms.CharField(widget=forms.HiddenInput, max_length=1000)
