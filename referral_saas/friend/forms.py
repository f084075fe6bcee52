"""What a friend may tell us. Nothing of it is needed for the offer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kit.text import clean_text, normalise_email


class ClaimForm(forms.Form):
    """``token`` is the signed click: it ties the claim to the visit, so that no cookie is needed."""

    token = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    email = forms.CharField(
        label=gettext_lazy("Your e-mail address"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("Then your code comes by mail, and your order is recognised on another device too."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name = forms.CharField(
        label=gettext_lazy("Your first name"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    tell = forms.BooleanField(label=gettext_lazy("Tell them my first name"), required=False)

    def __init__(self, *args: Any, advocate: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if advocate:
            self.fields["tell"].label = _("Tell %(name)s my first name") % {"name": advocate}

    def clean_email(self) -> str:
        typed = self.cleaned_data["email"].strip()
        if not typed:
            return ""
        email = normalise_email(typed)
        if email is None:
            raise forms.ValidationError(_("Write a complete e-mail address, or leave it empty."))
        return email

    def clean_name(self) -> str:
        return clean_text(self.cleaned_data["name"]).replace("\n", " ").strip()

    @property
    def wants_extras(self) -> bool:
        """Whether the folded fields should be open: something was written there, or is wrong there."""
        return self.is_bound and bool(self.errors or self.data.get("email") or self.data.get("name"))
