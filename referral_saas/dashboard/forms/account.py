"""Forms of one's own account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _t
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


class DeletionForm(forms.Form):
    """The address once more, so that nobody deletes the account of somebody else who is signed in here."""

    typed_email = forms.CharField(label=_("Your e-mail address"), max_length=254)

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email
        self.fields["typed_email"].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        self.fields["typed_email"].help_text = _t("Write “%(name)s”.") % {"name": email}

    def clean_typed_email(self) -> str:
        typed = str(self.cleaned_data["typed_email"])
        if typed.strip().lower() != self.email.lower():
            raise forms.ValidationError(_t("This is not the address you are signed in with."))
        return typed
