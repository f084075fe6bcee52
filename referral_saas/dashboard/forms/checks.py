"""Who is blocked or trusted, and how a program judges."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from referral_saas.dashboard.review_words import signal_title
from tracking.actions.checks import LONGEST_NOTE, SETTINGS
from tracking.models import FraudPolicy, ListEntry
from tracking.rules.fraud import LARGEST_WEIGHT, WEIGHTS, may_stand
from tracking.rules.fraud.lists import LONGEST_PATTERN

MOST_DAYS = 365
MOST_POINTS = 1_000
WEIGHT = "weight_"


def _said(field: str, label: Any) -> Any:
    is_for_both = may_stand(ListEntry.List.TRUST, field)
    return label if is_for_both else format_lazy(_("{what} (only to block)"), what=label)


class EntryForm(forms.Form):
    use_required_attribute = False

    to = forms.ChoiceField(
        label=_("What it does"),
        widget=forms.RadioSelect,
        initial=ListEntry.List.BLOCK,
        choices=[
            (ListEntry.List.BLOCK, _("Block: referrals that fit bring no reward")),
            (ListEntry.List.TRUST, _("Trust: referrals that fit are not checked any further")),
        ],
    )
    field = forms.ChoiceField(
        label=_("What is looked at"),
        choices=[(field, _said(field, label)) for field, label in ListEntry.Field.choices],
    )
    pattern = forms.CharField(
        label=_("What it must be"),
        max_length=LONGEST_PATTERN,
        help_text=_("A * stands for any characters: *@example.com, 203.0.113.*, or a country such as DE."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=LONGEST_NOTE, help_text=_("Why, for your team."))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "to" in cleaned and "field" in cleaned and not may_stand(cleaned["to"], cleaned["field"]):
            self.add_error("field", not_to_be_trusted())
        return cleaned


def not_to_be_trusted() -> str:
    return _t("A website they came from can be blocked, not trusted: anybody's browser can claim to come from there.")


class TryForm(forms.Form):
    """Says what the lists would do, and changes nothing."""

    use_required_attribute = False

    this = forms.CharField(
        label=_("E-mail address, website, network address or country"),
        max_length=LONGEST_PATTERN,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )


class PolicyForm(forms.Form):
    """``policy()`` is what tracking.actions.checks.save_policy takes."""

    use_required_attribute = False

    medium_at = forms.IntegerField(
        label=_("Somebody looks from"), min_value=1, max_value=MOST_POINTS, help_text=_("Points. Below, it passes.")
    )
    high_at = forms.IntegerField(
        label=_("Held until decided from"),
        min_value=2,
        max_value=MOST_POINTS,
        help_text=_("Points. Nothing of it goes by itself."),
    )
    medium_releases = forms.BooleanField(
        label=_("In between: release it when its hold ends, even if nobody looked"),
        required=False,
        help_text=_("Otherwise it waits until somebody decides. What could not be checked never goes by itself."),
    )
    remind_days = forms.IntegerField(label=_("Remind the team after so many days"), min_value=1, max_value=MOST_DAYS)
    void_days = forms.IntegerField(
        label=_("Refuse by itself after so many days"),
        min_value=2,
        max_value=MOST_DAYS,
        help_text=_("What is held until decided waits no longer. The advocate is told by mail."),
    )
    breaker_per_hour = forms.IntegerField(
        label=_("Stop above so many referrals in an hour"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text=_("The ones after that wait for you, and your team gets a mail. Empty: never."),
    )
    sample_percent = forms.IntegerField(
        label=_("Show so many of those that passed"),
        min_value=0,
        max_value=100,
        help_text=_("Percent, picked by chance. Nothing of them is held back."),
    )

    def __init__(self, data: Any = None, *, policy: FraudPolicy) -> None:
        super().__init__(data, initial={name: getattr(policy, name) for name in SETTINGS})
        for code, shipped in WEIGHTS.items():
            self.fields[f"{WEIGHT}{code.lower()}"] = forms.IntegerField(
                label=signal_title(code),
                min_value=0,
                max_value=LARGEST_WEIGHT,
                initial=policy.weights.get(code, shipped),
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("high_at", LARGEST_WEIGHT) <= cleaned.get("medium_at", 0):
            self.add_error("high_at", _t("This must be more than the points from which somebody looks."))
        if cleaned.get("void_days", MOST_DAYS + 1) <= cleaned.get("remind_days", 0):
            self.add_error("void_days", _t("This must be later than the reminder."))
        return cleaned

    def policy(self) -> dict[str, Any]:
        told = self.cleaned_data
        weights = {code: told[f"{WEIGHT}{code.lower()}"] for code in WEIGHTS}
        return {**{name: told[name] for name in SETTINGS}, "weights": weights}
