"""A kind of reward: first its form is chosen, then this form asks only what that form needs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from kit.units import amount_text
from programs.actions.kinds import LONGEST_NAME, LONGEST_SIZE, MOST_PIECES
from programs.kind_wording import FULFILMENT_WORDS, setting_name
from programs.presets import Preset
from programs.rules import FORMS, Form, Gives, Mechanism
from programs.rules.kinds import ANY_UNIT, MONEY_UNIT
from referral_saas.dashboard.forms.choices import with_words
from referral_saas.dashboard.forms.money import AmountField, major_text

_HELP = {
    "percent": _("A whole number from 1 to 100."),
    "product_id": _("The product's id in your shop."),
    "plan": _("As your product calls it."),
    "charity": _("The recipient reads it."),
    "campaign_id": _("Of your gift card account. Empty: the one of the connection."),
}
#: Asked for although a kind can do without.
_OPTIONAL = {Form.GIFT_CARD: ("campaign_id",)}
MOST_SIZES = 30
#: Codes and credit can run out; a thing, money that was paid and a story in the press cannot.
_CAN_END = (Mechanism.CODE, Mechanism.BALANCE)


class KindForm(forms.Form):
    """Fields are named as programs.rules names the problems of a kind."""

    name = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, help_text=_("Recipients read it, for example “Mug of the house”.")
    )
    fulfilment = forms.ChoiceField(label=_("Who delivers it"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, form: Form, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.form, self.row, self.currency = form, FORMS[form], currency
        ways = [(way.value, with_words(*FULFILMENT_WORDS[way])) for way in self.row.fulfilments]
        self.fields["fulfilment"].choices = ways  # type: ignore[attr-defined]
        self.fields["fulfilment"].initial = ways[0][0]
        self._ask_for_unit_and_worth()
        self._ask_for_settings()
        if self.row.mechanism == Mechanism.THING:
            self.fields["sizes"] = _sizes_field()
        if self.row.mechanism in _CAN_END or form == Form.GIFT_CARD:
            self.fields["valid_days"] = _days_field()

    def _ask_for_unit_and_worth(self) -> None:
        if self.row.unit == ANY_UNIT:
            self.fields["unit"] = forms.CharField(
                label=_("Unit"),
                max_length=12,
                initial="PIECES",
                help_text=_("In capital letters, for example MB, CREDITS or PIECES."),
            )
        if self.row.unit != MONEY_UNIT:
            self.fields["fair_minor"] = AmountField(
                label=_("What one is worth"),
                currency=self.currency,
                help_text=_("To the recipient. A good guess will do: budgets, allowances and tax limits count it."),
            )

    def _ask_for_settings(self) -> None:
        for name in (*self.row.wants, *_OPTIONAL.get(self.form, ())):
            self.fields[name] = forms.CharField(
                label=setting_name(name),
                max_length=120,
                required=name in self.row.wants,
                help_text=_HELP.get(name, ""),
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )

    def clean_unit(self) -> str:
        return str(self.cleaned_data["unit"]).strip().upper()

    def clean_sizes(self) -> dict[str, int]:
        return sizes_of(self.cleaned_data["sizes"])

    def gives(self) -> Gives:
        """What was asked for; valid forms only."""
        given = self.cleaned_data
        names = (*self.row.wants, *_OPTIONAL.get(self.form, ()))
        unit = given.get("unit") or (self.currency if self.row.unit == MONEY_UNIT else self.row.unit)
        return Gives(
            id="",
            name=given["name"],
            form=self.form,
            unit=unit,
            fulfilment=given["fulfilment"],
            fair_minor=None if unit == self.currency else given.get("fair_minor"),
            valid_days=given.get("valid_days"),
            setting={name: given[name].strip() for name in names if given.get(name, "").strip()},
        )


def _days_field() -> forms.IntegerField:
    return forms.IntegerField(
        label=_("Days it can be used"),
        required=False,
        min_value=1,
        max_value=3650,
        help_text=_("From the day they get it. Empty: it never ends."),
    )


def _sizes_field() -> forms.CharField:
    return forms.CharField(
        label=_("How many you have"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=_("One size a line with its number, such as “M 12”. Without sizes only the number."),
    )


def sizes_of(text: str) -> dict[str, int]:
    """ "S 10" a line, or a number alone where there are no sizes. Empty: none yet, without sizes."""
    found: dict[str, int] = {}
    for line in text.splitlines():
        if line.strip():
            size, count = _size_and_count(line.strip())
            if size in found:
                raise ValidationError(_t("“%(size)s” stands there twice.") % {"size": size})
            found[size] = count
    if len(found) > MOST_SIZES:
        raise ValidationError(_t("Use 30 sizes at most."))
    if "" in found and len(found) > 1:
        raise ValidationError(_t("Give every line a size, or only one number."))
    return found or {"": 0}


def _size_and_count(line: str) -> tuple[str, int]:
    size, _gap, count = line.rpartition(" ")
    if not (count.isascii() and count.isdigit() and len(count) < 8):
        raise ValidationError(_t("End each line with a number, such as “M 12”: “%(line)s” has none.") % {"line": line})
    if len(size.strip()) > LONGEST_SIZE:
        raise ValidationError(_t("Use 20 characters at most for a size."))
    return size.strip(), int(count)


def preset_initial(preset: Preset, currency: str) -> dict[str, Any]:
    gives = preset.gives_in(currency)
    return {
        "name": gives.name,
        "fulfilment": gives.fulfilment.value,
        "unit": gives.unit,
        "fair_minor": major_text(gives.fair_minor, currency),
        "valid_days": gives.valid_days,
        "sizes": "\n".join(f"{size} 0" for size in preset.sizes),
        **gives.setting,
    }


class RenameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=LONGEST_NAME)


class StockForm(forms.Form):
    """One size on the shelf."""

    size = forms.CharField(label=_("Size"), max_length=LONGEST_SIZE, required=False)
    left = forms.IntegerField(label=_("How many there are"), min_value=0, max_value=MOST_PIECES)


def worth_text(gives: Gives, currency: str, language: str) -> str:
    return "" if gives.fair_minor is None else amount_text(gives.fair_minor, currency, language)
