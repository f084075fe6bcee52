"""Merging two entries of one person: why, and that it is meant."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class MergeForm(forms.Form):
    use_required_attribute = False

    reason = forms.CharField(
        label=_("Why they are one person"),
        max_length=500,
        error_messages={"required": _("Say how you know that they are one person.")},
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For your team. It stays on their page."),
    )
    sure = forms.BooleanField(
        label=_("I have made sure that this is one person. It cannot be undone."),
        error_messages={"required": _("Make sure first that this is one person, and tick the box.")},
    )
