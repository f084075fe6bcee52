"""Connecting a shop or a webhook."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.models import Connection


def _secret(label: Any, help_text: Any, *, required: bool = True) -> forms.CharField:
    """Never shown again, not even when the form comes back with an error."""
    return forms.CharField(
        label=label,
        max_length=300,
        required=required,
        help_text=help_text,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


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
    admin_token = _secret(
        _("Admin API token"),
        _(
            "Only for rewards that are discount codes of the shop. From an app of yours with write_discounts and "
            "read_products."
        ),
        required=False,
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


class WooForm(forms.Form):
    address = forms.CharField(
        label=_("Shop address"),
        max_length=300,
        help_text=_("For example https://shop.example.com."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "off"}),
    )
    consumer_key = _secret(_("Consumer key"), _("Begins with ck_. Make it with read and write permission."))
    consumer_secret = _secret(_("Consumer secret"), _("Begins with cs_. It is stored encrypted, never shown again."))
    name = forms.CharField(label=_("Name"), max_length=80, required=False, help_text=_("Default: the address."))


class StripeForm(forms.Form):
    secret_key = _secret(
        _("Secret key"),
        _(
            "Begins with sk_ or, better, rk_: a restricted key that may write coupons, promotion codes and customers "
            "and read subscriptions. It is stored encrypted, never shown again."
        ),
    )
    webhook_secret = _secret(
        _("Signing secret of the webhook"),
        _("Begins with whsec_. Only to hear of payment disputes; the address for it is shown afterwards."),
        required=False,
    )
    name = forms.CharField(label=_("Name"), max_length=80, required=False, help_text=_("Default: Stripe."))


class GiftCardForm(forms.Form):
    api_key = _secret(_("API key"), _("From your Tremendous account. It is stored encrypted, never shown again."))
    campaign_id = forms.CharField(
        label=_("Campaign"),
        max_length=120,
        required=False,
        help_text=_("The id of the campaign that says what people may choose from. A reward kind may name another."),
    )
    funding_source_id = forms.CharField(
        label=_("Funding source"), max_length=120, required=False, help_text=_("Default: the account's balance.")
    )
    name = forms.CharField(label=_("Name"), max_length=80, required=False, help_text=_("Default: Gift cards."))


class CredentialsForm(forms.Form):
    """The fields of one kind, all optional: what is left empty stays as it was."""

    def __init__(self, form: type[forms.Form], names: tuple[str, ...], data: Any = None) -> None:
        super().__init__(data)
        for name in names:
            field = form.base_fields[name]
            self.fields[name] = _secret(field.label, field.help_text, required=False)
