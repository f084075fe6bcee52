"""What people found out at a provider or in their shop."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ArrivedForm(forms.Form):
    arrived_code = forms.CharField(
        label=_("Code or reference"),
        max_length=120,
        required=False,
        help_text=_("What the person got, as the provider shows it. They read it in the mail."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class AnewForm(forms.Form):
    new_code = forms.CharField(
        label=_("New code"),
        max_length=120,
        help_text=_("Make one in your shop and write it here. Tell the person: no mail is sent for it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
