"""Forms about whose an order is: give it to an advocate by hand, and say what it is worth in another currency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from advocates.models import Advocate
from advocates.selectors import advocate_by_id, advocate_by_link_code, advocates_of, customer_by_email
from kit.ids import parse_public_id
from referral_saas.dashboard.forms.money import AmountField, major_text
from rewards.actions.by_hand import LONGEST_REASON


class AttributeForm(forms.Form):
    """``advocate``: chosen from what was found (its id), or written: a code or an e-mail address."""

    advocate = forms.CharField(
        label=_("Advocate's code or e-mail address"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Choose an advocate.")},
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For your team: it stands on the order and its referral. Advocates do not see it."),
        error_messages={"required": _("Say why: whoever looks at it later has to understand it.")},
    )
    with_rewards = forms.BooleanField(
        label=_("With the program's rewards"),
        required=False,
        initial=True,
        help_text=_("Without, it counts as one of their friends, for levels too, and nobody gets a reward for it."),
    )

    def __init__(self, data: Any = None, *, found: Sequence[tuple[str, str]] = ()) -> None:
        """``found``: whom a search found, to choose one of."""
        super().__init__(data, initial={"advocate": found[0][0] if len(found) == 1 else ""})
        if found:
            errors = {"required": _("Choose an advocate.")}
            self.fields["advocate"] = forms.ChoiceField(
                label=_("Advocate"), choices=found, widget=forms.RadioSelect, error_messages=errors
            )

    @property
    def has_choice(self) -> bool:
        return isinstance(self.fields["advocate"], forms.ChoiceField)

    def clean_advocate(self) -> Advocate:
        return named_advocate(str(self.cleaned_data["advocate"]))


def named_advocate(text: str) -> Advocate:
    """The one advocate behind an id, a code or an address. Raises ValidationError."""
    text = text.strip()
    if key := parse_public_id("adv", text):
        found = advocate_by_id(key)
    elif "@" not in text:
        found = advocate_by_link_code(text)
    else:
        return _by_address(text)
    if found is None:
        raise ValidationError(_now("No advocate has this code."))
    return found


def _by_address(text: str) -> Advocate:
    person = customer_by_email(text)
    places = advocates_of(person)[:2] if person else []
    if not places:
        raise ValidationError(_now("No advocate has this e-mail address."))
    if len(places) > 1:
        raise ValidationError(_now("This person is an advocate in several programs: write the code instead."))
    found: Advocate = places[0]
    return found


class WorthForm(forms.Form):
    worth = AmountField(label=_("What counts of the whole order"), help_text=_("Before returns. 0: without a reward."))

    def __init__(self, data: Any = None, *, currency: str, standing: int | None = None) -> None:
        super().__init__(data, initial={"worth": major_text(standing, currency)})
        self.fields["worth"].currency = currency  # type: ignore[attr-defined]
