"""A surprise for one advocate, and what a team member may give in a month."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from kit.money import is_currency
from programs.models import RewardKind
from programs.presets import PRESETS
from programs.rules import Fulfilment
from programs.selectors import kinds_for_rules
from referral_saas.dashboard.forms.money import AmountField, minor_of
from rewards.actions.surprise import LONGEST_TEXT

#: Plain money, by who gives it.
MONEY = {
    "money:MANUAL": (_("Money, sent by hand"), Fulfilment.MANUAL),
    "money:PAYOUT": (_("Money, with the next payout"), Fulfilment.PAYOUT),
}
_AREA = {"rows": 3}


class SurpriseForm(forms.Form):
    """``kind`` or ``money_by`` hold what was chosen once the form is valid; a ready-made idea is made by the view."""

    use_required_attribute = False

    what = forms.ChoiceField(label=_("What they get"))
    amount = forms.CharField(
        label=_("How much"),
        max_length=24,
        initial="1",
        help_text=_("Money as 12.50; of anything else a whole number."),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    reason = forms.CharField(
        label=_("What for"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs=_AREA),
        help_text=_("For your team and the books. The recipient never reads it."),
    )
    message = forms.CharField(
        label=_("A word to them"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs=_AREA),
        help_text=_("Stands in their mail and portal. Empty: only what they get."),
    )
    at_once = forms.BooleanField(
        label=_("Give it at once"),
        required=False,
        help_text=_("Otherwise it waits as long as every reward of the program."),
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        self.known = {str(kind.pk): kind for kind in kinds_for_rules()}
        names = {kind.name for kind in self.known.values()}
        ideas = [(f"idea:{p.key}", p.name) for p in PRESETS.values() if p.at_desk and str(p.name) not in names]
        groups: list[Any] = [(_("Money"), [(key, words) for key, (words, _way) in MONEY.items()])]
        if self.known:
            groups.append((_("From your catalogue"), [(f"kind:{key}", kind.name) for key, kind in self.known.items()]))
        if ideas:
            groups.append((_("Ideas"), ideas))
        self.fields["what"].choices = groups  # type: ignore[attr-defined]

    @property
    def kind(self) -> RewardKind | None:
        return self.known.get(self.cleaned_data["what"].removeprefix("kind:"))

    @property
    def money_by(self) -> Fulfilment:
        return MONEY[self.cleaned_data["what"]][1] if self.cleaned_data["what"] in MONEY else Fulfilment.MANUAL

    @property
    def idea(self) -> str:
        prefix, _sign, key = str(self.cleaned_data["what"]).partition(":")
        return key if prefix == "idea" else ""

    def clean(self) -> dict[str, Any]:
        """``amount_minor`` in the unit of what was chosen."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "what" in data and "amount" in data:
            try:
                data["amount_minor"] = self._amount(data["amount"].strip())
            except ValidationError as error:
                self.add_error("amount", error)
        return data

    def _amount(self, text: str) -> int:
        kind = self.kind
        if is_currency(kind.unit) if kind else not self.idea:
            return minor_of(text, self.currency)
        if not (text.isascii() and text.isdigit() and len(text) < 10):
            raise ValidationError(_t("Write a whole number."))
        return int(text)


class AllowanceForm(forms.Form):
    monthly = AmountField(
        label=_("A month"),
        required=False,
        widget=forms.TextInput(attrs={"class": "input", "inputmode": "decimal", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["monthly"].currency = currency  # type: ignore[attr-defined]
