"""What repeats: levels, choices, holds of certain products. Small groups of fields, one of them empty to add.

A group is removed by clearing its first field. Names are ``<group>_<n>_<field>``, counted from 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from referral_saas.dashboard.forms.money import AmountField
from referral_saas.dashboard.forms.program.shelf import Choices

SAME = "SAME"
SELF, FRIEND = "SELF", "FRIEND"
_NOTHING: Choices = [("", _("No further choice"))]


@dataclass(frozen=True, eq=False)
class Group:
    """``first``: the field whose clearing removes the group. ``title``: with %(number)s."""

    name: str
    first: str
    most: int
    title: Any
    fields: Callable[[Choices, str], dict[str, forms.Field]]

    def name_of(self, number: int, field: str) -> str:
        return f"{self.name}_{number}_{field}"

    def fields_of(self, number: int, shelf: Choices, currency: str) -> dict[str, forms.Field]:
        return {self.name_of(number, name): field for name, field in self.fields(shelf, currency).items()}

    def wanted(self, standing: int, data: Mapping[str, Any] | None) -> int:
        """So many groups are there: those of the draft and one more, or as many as were sent."""
        pattern = re.compile(rf"{self.name}_(\d{{1,2}})_{self.first}")
        sent = [int(found[1]) for found in map(pattern.fullmatch, data or ()) if found]
        return min(self.most, max([standing + 1, *sent]))

    def typed(self, number: int, data: Mapping[str, Any]) -> dict[str, Any]:
        """One group's fields under their short names."""
        start = f"{self.name}_{number}_"
        return {name.removeprefix(start): value for name, value in data.items() if name.startswith(start)}


def _text(label: Any, help_text: Any = "", longest: int = 24) -> forms.CharField:
    return forms.CharField(label=label, help_text=help_text, max_length=longest, required=False)


def _level_fields(shelf: Choices, currency: str) -> dict[str, forms.Field]:
    return {
        "name": _text(_("Name"), _("Advocates read it, for example Gold. Clear it to remove the level."), 40),
        "threshold": _text(_("Reached at"), _("A number of friends, or an amount of money: as chosen above.")),
        "gives": forms.ChoiceField(label=_("What advocates are given"), choices=shelf, required=False),
        "value": _text(_("Reward at this level"), _("An amount such as 25, or a share such as 15%.")),
        "cap": AmountField(
            label=_("Most per referral"), required=False, help_text=_("Only limits a percentage."), currency=currency
        ),
        "offer": _text(_("Discount for their friends"), _("Such as 20 or 20%. Empty: the same as for everybody.")),
        "code": _text(
            _("Shop code of that discount"),
            _("It must exist in your shop. Not needed if your webhook makes the codes."),
            80,
        ),
    }


def _choice_fields(shelf: Choices, currency: str) -> dict[str, forms.Field]:
    same: Choices = [(SAME, _("The same reward"))]
    return {
        "gives": forms.ChoiceField(
            label=_("Instead they may take"), choices=[*_NOTHING, *same, *shelf], required=False
        ),
        "value": _text(_("How much"), _("An amount such as 12, or a share such as 15%. Empty: as much as the reward.")),
        "to": forms.ChoiceField(
            label=_("Who gets it"),
            choices=[(SELF, _("The advocate")), (FRIEND, _("Their friend"))],
            required=False,
        ),
    }


def _hold_fields(shelf: Choices, currency: str) -> dict[str, forms.Field]:
    return {
        "ids": forms.CharField(
            label=_("Products or collections"),
            required=False,
            widget=forms.Textarea(attrs={"rows": 2}),
            help_text=_("Their numbers in your shop, one per line. Clear them to remove this."),
        ),
        "days": forms.IntegerField(
            label=_("Return window of these"), required=False, min_value=0, max_value=365, help_text=_("In days.")
        ),
    }


LEVELS = Group("tier", "name", 5, _("Level %(number)s"), _level_fields)
CHOICES = Group("choice", "gives", 4, _("Choice %(number)s"), _choice_fields)
HOLDS = Group("hold", "ids", 8, _("Exception %(number)s"), _hold_fields)
GROUPS: tuple[Group, ...] = (LEVELS, CHOICES, HOLDS)


def is_filled(typed: Mapping[str, Any], names: Iterable[str]) -> bool:
    return any(typed.get(name) not in (None, "") for name in names)
