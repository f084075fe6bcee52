"""What a friend may tell us. Nothing of it is needed for the offer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kit.text import clean_text, normalise_email
from leads.actions.arrive import LONGEST


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


class TalkForm(forms.Form):
    """Details of somebody who buys after talking. ``website`` is seen by programs alone: people leave it empty."""

    use_required_attribute = False

    token = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=LONGEST["name"],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": gettext_lazy("Write your name.")},
    )
    company = forms.CharField(
        label=gettext_lazy("Your company"),
        required=False,
        max_length=LONGEST["company"],
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    email = forms.CharField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": gettext_lazy("Write your e-mail address.")},
    )
    phone = forms.CharField(
        label=gettext_lazy("Your phone number, if you like to be called"),
        required=False,
        max_length=LONGEST["phone"],
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    message = forms.CharField(
        label=gettext_lazy("What is it about?"),
        required=False,
        max_length=LONGEST["message"],
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    tell = forms.BooleanField(label=gettext_lazy("Tell them my first name"), required=False)
    website = forms.CharField(required=False, widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}))

    def __init__(self, *args: Any, advocate: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "talk-%s", **kwargs})
        if advocate:
            self.fields["tell"].label = _("Tell %(name)s my first name") % {"name": advocate}

    def clean_email(self) -> str:
        email = normalise_email(self.cleaned_data["email"].strip())
        if email is None:
            raise forms.ValidationError(_("Write a complete e-mail address."))
        return email

    def clean_name(self) -> str:
        name = " ".join(clean_text(self.cleaned_data["name"]).split())
        if not name:
            raise forms.ValidationError(_("Write your name."))
        return name

    @property
    def is_by_program(self) -> bool:
        return bool(self.data.get("website"))
