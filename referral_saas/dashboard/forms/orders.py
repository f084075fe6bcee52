"""Forms about orders: record a sale, mark it delivered, say whose it is."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kit.days import local_date, start_of_day
from kit.text import clean_text, normalise_email
from referral_saas.dashboard.forms.attribution import named_advocate
from referral_saas.dashboard.forms.days import DayField
from referral_saas.dashboard.forms.money import AmountField


def moment_of(day: date, now: datetime, zone: str) -> datetime:
    """Today means now; an earlier day its last second: nobody gets a shorter hold than promised, and a sale is never
    before the click or claim of the same day."""
    if day == local_date(now, zone):
        return now
    return start_of_day(day + timedelta(days=1), zone) - timedelta(seconds=1)


class _DatedForm(forms.Form):
    """Knows the workspace's today."""

    def __init__(self, *args: Any, now: datetime, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now, self.zone = now, zone
        self.today = local_date(now, zone)

    def refuse_future(self, day: date) -> date:
        if day > self.today:
            raise ValidationError(_now("This day lies in the future."))
        return day


class SaleForm(_DatedForm):
    number = forms.CharField(
        label=_("Order number"), max_length=100, help_text=_("As it stands on the receipt. Each number counts once.")
    )
    email = forms.CharField(label=_("Customer's e-mail address"), max_length=254, widget=forms.EmailInput())
    name = forms.CharField(label=_("Customer's name"), max_length=200, required=False)
    amount = AmountField(
        label=_("Amount"), help_text=_("After discounts, without tax and shipping. Rewards are counted from it.")
    )
    placed_on = DayField(label=_("Day of the sale"))
    advocate = forms.CharField(
        label=_("Code or advocate"),
        max_length=254,
        required=False,
        help_text=_("The code the customer named, or the advocate's e-mail address. Empty: decided by what is known."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].currency = currency  # type: ignore[attr-defined]
        self.fields["placed_on"].initial = self.today

    def clean_number(self) -> str:
        return clean_text(self.cleaned_data["number"]).strip()

    def clean_email(self) -> str:
        return address_in(self.cleaned_data["email"])

    def clean_amount(self) -> int:
        amount = self.cleaned_data["amount"]
        if not amount:
            raise ValidationError(_now("Write the amount: a sale of nothing is nothing to refer."))
        return int(amount)

    def clean_placed_on(self) -> date:
        return self.refuse_future(self.cleaned_data["placed_on"])

    def clean_advocate(self) -> str:
        """An address names an advocate; anything else is a code and is judged as one typed at checkout."""
        text = str(self.cleaned_data["advocate"]).strip()
        self.named = named_advocate(text) if "@" in text else None
        return text

    @property
    def code(self) -> str:
        return "" if self.named else str(self.cleaned_data["advocate"])


class DeliveredForm(_DatedForm):
    delivered_on = DayField(label=_("Delivered on"))

    def __init__(self, *args: Any, delivered_at: datetime | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        marked = local_date(delivered_at, self.zone) if delivered_at else None
        self.fields["delivered_on"].initial = marked or self.today

    def clean_delivered_on(self) -> date:
        return self.refuse_future(self.cleaned_data["delivered_on"])


def address_in(text: str) -> str:
    address = normalise_email(text)
    if address is None:
        raise ValidationError(_now("Write a whole e-mail address, like name@example.com."))
    return address
