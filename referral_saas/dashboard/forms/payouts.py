"""What people choose about payouts: the rules, a new one, and what the bank said."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kit.money import parse_minor
from referral_saas.dashboard.forms.days import DayField
from referral_saas.dashboard.forms.money import AmountField, major_text
from rewards.models import PayoutPolicy
from rewards.payout_words import NOT_PAID

#: Larger ones no shop means, and the database could not hold every sum of them.
LARGEST = 1_000_000


class PayoutRulesForm(forms.Form):
    minimum = AmountField(
        label=_("Smallest payout"),
        required=False,
        help_text=_("Less than this waits until more has come together. Advocates read it in their portal."),
    )
    cycle = forms.ChoiceField(
        label=_("How often you pay"),
        choices=PayoutPolicy.Cycle.choices,
        help_text=_("On Mondays, on the first of the month, or on the first of the quarter. You start every payout."),
    )
    cut_off_days = forms.IntegerField(
        label=_("Days between cut-off and payout"),
        min_value=0,
        max_value=60,
        help_text=_("What is released until so many days before is in it. 0: everything up to the day itself."),
    )
    approval_over = AmountField(
        label=_("A second person agrees above"),
        required=False,
        help_text=_(
            "Payouts of more than this need two people of your team; what one person confirms alone in a day counts "
            "together. Empty: one person is always enough."
        ),
    )

    def __init__(self, *args: Any, currency: str, policy: PayoutPolicy, **kwargs: Any) -> None:
        initial = {
            "minimum": major_text(policy.minimum_minor, currency),
            "cycle": policy.cycle,
            "cut_off_days": policy.cut_off_days,
            "approval_over": major_text(policy.approval_over_minor, currency),
        }
        super().__init__(*args, **{"initial": initial, **kwargs})
        for name in ("minimum", "approval_over"):
            self.fields[name].currency = currency  # type: ignore[attr-defined]
        self.most_minor = parse_minor(str(LARGEST), currency)

    def clean(self) -> dict[str, Any]:
        for name in ("minimum", "approval_over"):
            value = self.cleaned_data.get(name)
            if value is not None and not 0 <= value <= self.most_minor:
                self.add_error(name, _("Choose an amount from 0 to a million."))
        return self.cleaned_data


class NewPayoutForm(forms.Form):
    unit = forms.ChoiceField(label=_("Currency"), help_text=_("Every currency has payouts of its own."))
    last_day = DayField(
        label=_("Released until"),
        help_text=_("The day itself included. What is released later waits for the next payout."),
    )

    def __init__(self, *args: Any, units: list[str], today: date, last_day: date, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"last_day": last_day.isoformat()}, **kwargs})
        self.fields["unit"].choices = [(unit, unit) for unit in units]  # type: ignore[attr-defined]
        self.fields["last_day"].widget.attrs["max"] = today.isoformat()


class MarksForm(forms.Form):
    """Which lines, and what became of them. The lines are ticked in the table."""

    reference = forms.CharField(
        label=_("Reference"),
        max_length=120,
        required=False,
        help_text=_("The transfer's number at your bank. Recipients read it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    reason = forms.ChoiceField(label=_("If it failed"), choices=list(NOT_PAID.items()), initial="account_wrong")


class ResultsForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("Columns line and status (paid or failed), and if you like reference and reason."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        allow_empty_file=True,
    )
