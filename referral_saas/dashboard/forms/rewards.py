"""What people add when they stop a reward or have sent one."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class StopForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("For your team. The recipient never reads it.")
    )


class SentForm(forms.Form):
    reference = forms.CharField(
        label=_("Code or reference"),
        max_length=120,
        required=False,
        help_text=_("A voucher code or a transfer's number. The recipient reads it in the mail."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
