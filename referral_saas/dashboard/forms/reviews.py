"""What people say when they decide a review."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rewards.actions.reviews import LONGEST_NOTE

GIVE, REFUSE = "give", "refuse"
SAID = {GIVE: True, REFUSE: False}


class DecisionForm(forms.Form):
    """``sides``: the values of Reward.Side that can be decided. A side nobody says anything about stays open."""

    use_required_attribute = False

    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=LONGEST_NOTE,
        help_text=_("For your team only."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    tell = forms.BooleanField(
        label=_("Tell them by mail"),
        required=False,
        initial=True,
        help_text=_("The mail is kind and says nothing about what you saw."),
    )

    def __init__(self, *args: Any, sides: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for side, label in sides:
            choice = forms.ChoiceField(
                label=label,
                required=False,
                widget=forms.RadioSelect,
                choices=[(GIVE, _("Give it")), (REFUSE, _("Refuse it"))],
            )
            self.fields[side.lower()] = choice
        self.order_fields([side.lower() for side, _label in sides])

    def ok(self, side: str) -> bool | None:
        return SAID.get(self.cleaned_data.get(side.lower(), ""))


class BulkForm(forms.Form):
    """For several at once."""

    note = forms.CharField(required=False, max_length=LONGEST_NOTE)
    tell = forms.BooleanField(required=False)
