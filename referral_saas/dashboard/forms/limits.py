"""A program's budget, and a time in which it gives more."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from kit.days import start_of_day
from kit.money import BASIS_POINTS
from programs.rules import Terms
from referral_saas.dashboard.forms.days import DayField
from referral_saas.dashboard.forms.money import AmountField, with_point
from referral_saas.dashboard.forms.program.shelf import amount_of
from rewards.models import BonusCampaign

HARD, SOFT = "hard", "soft"


class BudgetForm(forms.Form):
    use_required_attribute = False

    limit = AmountField(
        label=_("Budget"),
        help_text=_(
            "What all rewards of this program may cost together, for both sides. Points and things count with what you "
            "said they are worth."
        ),
    )
    reach = forms.ChoiceField(
        label=_("When it is used up"),
        widget=forms.RadioSelect,
        initial=HARD,
        choices=[
            (HARD, _("Pause the offer. Links say so, and what was earned waits until there is budget again.")),
            (SOFT, _("Only tell us. Rewards go on.")),
        ],
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["limit"].currency = currency  # type: ignore[attr-defined]


class BonusForm(forms.Form):
    """``bonus()`` is what rewards.actions.bonus.plan_bonus takes."""

    use_required_attribute = False

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Advocates read it, such as “Winter bonus”."))
    side = forms.ChoiceField(
        label=_("Who gets more"), choices=BonusCampaign.Side.choices, initial=BonusCampaign.Side.ADVOCATE
    )
    from_day = DayField(label=_("First day"), help_text=_("Orders placed from then on. Today means: from now on."))
    to_day = DayField(label=_("Last day"), help_text=_("Orders placed up to the end of this day."))
    effect = forms.ChoiceField(
        label=_("How much more"),
        widget=forms.RadioSelect,
        initial="DOUBLE",
        choices=[
            ("DOUBLE", _("Double")),
            ("TRIPLE", _("Three times")),
            ("FACTOR", _("Another factor")),
            ("EXTRA", _("A fixed amount on top")),
        ],
    )
    factor = forms.CharField(
        label=_("Factor"), required=False, max_length=8, help_text=_("Only for another factor: 1.5 makes 15 of 10.")
    )
    extra = forms.CharField(
        label=_("Amount on top"),
        required=False,
        max_length=24,
        help_text=_("Only for a fixed amount: in what the reward counts."),
    )

    def __init__(self, *args: Any, terms: Terms, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.terms, self.zone = terms, zone

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        effect = cleaned.get("effect")
        cleaned["multiplier_bp"] = {"DOUBLE": 2 * BASIS_POINTS, "TRIPLE": 3 * BASIS_POINTS}.get(
            effect or "", BASIS_POINTS
        )
        cleaned["extra_minor"] = 0
        try:
            if effect == "FACTOR":
                cleaned["multiplier_bp"] = _factor_of(cleaned.get("factor", ""))
            elif effect == "EXTRA":
                cleaned["extra_minor"] = self._extra(cleaned)
        except ValidationError as error:
            self.add_error(str(effect).lower(), error)
        if cleaned.get("side") != BonusCampaign.Side.ADVOCATE and self.terms.friend_reward is None:
            self.add_error("side", _t("Friends get no reward after their order in this program, so it cannot be more."))
        return cleaned

    def bonus(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "name": data["name"],
            "side": data["side"],
            "starts_at": start_of_day(data["from_day"], self.zone),
            "ends_at": start_of_day(data["to_day"] + timedelta(days=1), self.zone),
            "multiplier_bp": data["multiplier_bp"],
            "extra_minor": data["extra_minor"],
        }

    def _extra(self, cleaned: dict[str, Any]) -> int:
        units = self._units(cleaned.get("side", ""))
        if len(units) > 1:
            raise ValidationError(_t("The two sides get different things: choose one side, or a factor."))
        if not cleaned.get("extra"):
            raise ValidationError(_t("Write how much more they get."))
        return amount_of(cleaned["extra"], units.pop())

    def _units(self, side: str) -> set[str]:
        given = [self.terms.advocate_reward] if side != BonusCampaign.Side.FRIEND else []
        if self.terms.friend_reward and side in (BonusCampaign.Side.FRIEND, BonusCampaign.Side.BOTH):
            given.append(self.terms.friend_reward)
        return {rule.unit_in(self.terms.currency) for rule in given} or {self.terms.currency}


def _factor_of(text: str) -> int:
    """ "1.5" is 15000 basis points."""
    try:
        factor = Decimal(with_point(text))
    except InvalidOperation as error:
        raise ValidationError(_t("Write the factor as a number, for example 1.5.")) from error
    if not factor.is_finite() or not 1 <= factor <= 10 or (points := factor * BASIS_POINTS) != int(points):
        raise ValidationError(_t("Write a factor from 1 to 10, for example 1.5."))
    return int(points)
