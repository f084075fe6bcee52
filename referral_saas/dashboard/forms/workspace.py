"""A workspace's settings as forms. The actions judge the values; these only ask for them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from referral_saas.dashboard.forms import choices


class NewWorkspaceForm(forms.Form):
    name = forms.CharField(
        label=_("Name of your shop"),
        max_length=120,
        help_text=_("Friends and advocates read it on every page and in every mail."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    shop_url = forms.CharField(
        label=_("Shop address"),
        max_length=300,
        help_text=_("Where friends go to buy, for example shop.example.com."),
        widget=forms.TextInput(attrs={"inputmode": "url", "autocomplete": "url"}),
    )
    currency = forms.ChoiceField(
        label=_("Currency"),
        choices=choices.currencies,
        initial="EUR",
        help_text=_("Of your prices and rewards. It is fixed once a program is published."),
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=choices.time_zones,
        initial="Europe/Berlin",
        help_text=_("Days of holds, dates and reports are days of this zone."),
    )


class WorkspaceForm(NewWorkspaceForm):
    support_email = forms.CharField(
        label=_("Address for questions"),
        max_length=254,
        required=False,
        help_text=_("Shown to advocates and friends who need help. Default: the founder's address."),
        widget=forms.EmailInput(),
    )
    language = forms.ChoiceField(
        label=_("Language of portal and mails"),
        choices=settings.LANGUAGES,
        help_text=_("For people whose own language we do not know."),
    )
    brand_colour = forms.CharField(
        label=_("Brand colour"),
        max_length=7,
        help_text=_("Buttons and links of your friend pages and portal. Text on it stays readable by itself."),
        widget=forms.TextInput(attrs={"type": "color"}),
    )

    field_order = ["name", "shop_url", "support_email", "language", "brand_colour", "currency", "time_zone"]

    def __init__(self, *args: Any, currency_fixed: bool = False, **kwargs: Any) -> None:
        """A fixed currency is shown and never read from the request (Django keeps a disabled field's initial value)."""
        super().__init__(*args, **kwargs)
        self.fields["currency"].disabled = currency_fixed
        if currency_fixed:
            self.fields["currency"].help_text = _("Fixed since a program was published in it: amounts were promised.")
