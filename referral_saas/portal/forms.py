"""What advocates fill in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kit.text import clean_text, normalise_email


class EmailForm(forms.Form):
    email = forms.CharField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def clean_email(self) -> str:
        email = normalise_email(self.cleaned_data["email"])
        if email is None:
            raise forms.ValidationError(_("Write a complete e-mail address, like name@example.com."))
        return email


class JoinForm(EmailForm):
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        help_text=gettext_lazy("Friends see your first name."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    accept = forms.BooleanField(label=gettext_lazy("I have read the terms and accept them"))
    field_order = ("name", "email", "accept")

    def clean_name(self) -> str:
        name = clean_text(self.cleaned_data["name"]).replace("\n", " ").strip()
        if not name:
            raise forms.ValidationError(_("Write your name."))
        return name


class SettingsForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("Friends see the first word of it. Empty: they see “a friend”."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        required=False,
        choices=[("", gettext_lazy("As in your browser")), *settings.LANGUAGES],
    )
    wants_mail = forms.BooleanField(
        label=gettext_lazy("Write to me about my rewards"),
        required=False,
        help_text=gettext_lazy("Mails that you ask for, like the one to sign in, come in any case."),
    )

    def clean_name(self) -> str:
        return clean_text(self.cleaned_data["name"]).replace("\n", " ").strip()


class AccountForm(forms.Form):
    """Where the money goes. The action checks that it is an account of the chosen way."""

    method = forms.ChoiceField(
        label=gettext_lazy("How do you want to be paid?"),
        choices=[("IBAN", gettext_lazy("Bank account (IBAN)")), ("PAYPAL", gettext_lazy("PayPal"))],
        widget=forms.RadioSelect,
        initial="IBAN",
    )
    holder = forms.CharField(
        label=gettext_lazy("Name of the account's holder"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    account = forms.CharField(
        label=gettext_lazy("IBAN or PayPal address"),
        max_length=254,
        help_text=gettext_lazy("The IBAN stands on your card or statement. PayPal knows you by an e-mail address."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
    )


class CodeForm(forms.Form):
    """The action judges the spelling and whether it is free."""

    code = forms.CharField(
        label=gettext_lazy("A code of your own"),
        max_length=60,
        help_text=gettext_lazy("Letters and digits, such as ANNA-10. Your earlier code goes on."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )


class PlaceForm(forms.Form):
    placement = forms.CharField(
        label=gettext_lazy("Where will it stand?"),
        max_length=60,
        help_text=gettext_lazy("For you alone, for example: podcast, profile, flyer."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=60,
        required=False,
        help_text=gettext_lazy("Empty: we make one."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )

    def __init__(self, *args: Any, may_choose: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_choose:
            del self.fields["code"]
