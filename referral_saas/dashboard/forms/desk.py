"""Forms of what the team keeps about a person. Their actions say what is wrong; here only what is asked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class NoteForm(forms.Form):
    use_required_attribute = False

    text = forms.CharField(
        label=_("New note"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For your team alone. The person never sees it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "note-%s", **kwargs})


class TagForm(forms.Form):
    use_required_attribute = False

    word = forms.CharField(
        label=_("New tag"),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": "60"}),
        help_text=_("Small letters, for example loyal-guest. Lists can be filtered by it."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "tag-%s", **kwargs})
