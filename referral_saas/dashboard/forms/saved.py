"""The form of a view that is kept. Its actions say what is wrong; here only what is asked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from merchants.saved import LONGEST_NAME


class ViewForm(forms.Form):
    """``query`` is what the list's address asks for; only the list itself says what of it is understood."""

    name = forms.CharField(
        label=_("Name of the view"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    is_shared = forms.BooleanField(
        label=_("Share it with the team"), required=False, help_text=_("Everybody here then sees it above this list.")
    )
    query = forms.CharField(max_length=1_000, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "view-%s", **kwargs})
        if not may_share:
            del self.fields["is_shared"]
