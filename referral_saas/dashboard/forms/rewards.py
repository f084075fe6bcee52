"""What people add when they stop a reward or have sent one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from programs.rules import Fulfilment
from rewards.models import Reward


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


class ParcelForm(forms.Form):
    """The same for a parcel."""

    reference = forms.CharField(
        label=_("Tracking number"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def sent_form(reward: Reward, data: Any = None) -> forms.Form:
    """What is noted when it was sent: a parcel's number, or whatever else it can be found by."""
    return ParcelForm(data) if reward.fulfilment == Fulfilment.SHIPMENT else SentForm(data)


class RefuseForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"), max_length=200, help_text=_("For your team. It can be taken back while nothing is paid.")
    )
