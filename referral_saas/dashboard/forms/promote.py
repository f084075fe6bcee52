"""A link for somebody of the staff. The action judges the name."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class StaffLinkForm(forms.Form):
    use_required_attribute = False

    name = forms.CharField(
        label=_("Whose link is it?"),
        max_length=80,
        help_text=_("For example Till 2 or Maria. Customers never see it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
