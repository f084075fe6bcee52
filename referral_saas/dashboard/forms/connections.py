"""Connecting a shop or a webhook."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.models import Connection


class ShopifyForm(forms.Form):
    domain = forms.CharField(
        label=_("Shop domain"),
        max_length=253,
        help_text=_("As in the shop's admin, for example nordlicht.myshopify.com."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    secret = forms.CharField(
        label=_("Signing secret"),
        max_length=200,
        help_text=_(
            "Shopify shows it under Settings, Notifications, Webhooks. It is stored encrypted, never shown again."
        ),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(label=_("Name"), max_length=80, required=False, help_text=_("Default: the domain."))
    reports_shipping = forms.BooleanField(
        label=_("The shop reports shipping"),
        required=False,
        initial=True,
        help_text=_("Off for digital goods: holds then count from payment."),
    )


class WebhookForm(forms.Form):
    url = forms.CharField(
        label=_("Address"),
        max_length=300,
        help_text=_("We post signed JSON there (standard-webhooks) and expect a 2xx answer within ten seconds."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    purposes = forms.MultipleChoiceField(
        label=_("What it does for you"), choices=Connection.Purpose.choices, widget=forms.CheckboxSelectMultiple
    )
    name = forms.CharField(label=_("Name"), max_length=80, required=False, help_text=_("Default: the address."))
