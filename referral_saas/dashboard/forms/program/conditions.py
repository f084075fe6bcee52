"""The fields of which orders count, how long rewards are held, what limits them, and who may join."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from programs.models import Program
from programs.rules import CapPeriod, CodeRule, Scope, TouchRule
from referral_saas.dashboard.forms.choices import is_country
from referral_saas.dashboard.forms.days import DayField
from referral_saas.dashboard.forms.money import AmountField

MOST_IDS, LONGEST_ID = 500, 64
TRUST_LEVELS = (1, 2, 3)


def ids_of(text: str) -> tuple[str, ...]:
    """The shop's numbers of products or collections, one per line, each once."""
    lines = [line.strip() for line in text.replace(",", "\n").splitlines()]
    if len(lines) > MOST_IDS or any(len(line) > LONGEST_ID for line in lines):
        raise ValidationError(_t("Write up to 500 numbers of 64 characters at most, one per line."))
    return tuple(dict.fromkeys(line for line in lines if line))


def _days(label: Any, help_text: Any, least: int = 1, required: bool = True) -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text, min_value=least, max_value=365, required=required)


class OrderFields(forms.Form):
    new_customers_only = forms.BooleanField(
        label=_("Only for friends who have never bought from you"),
        required=False,
        help_text=_("Default. Import your customers before publishing, so that old ones are known."),
    )
    min_order_minor = AmountField(
        label=_("Minimum order"),
        required=False,
        help_text=_("Of what counts: without tax and shipping, unless you let them count. Empty: no minimum."),
    )
    count_tax = forms.BooleanField(
        label=_("Tax counts"),
        required=False,
        help_text=_("Percentages, minimum and levels are then counted from the value with tax."),
    )
    count_shipping = forms.BooleanField(
        label=_("Shipping counts"),
        required=False,
        help_text=_("Usually not: it is what you pay on to the carrier."),
    )
    attribution_window_days = _days(_("Days from click to order"), _("Default 30."))
    qualification_window_days = _days(_("Days from click to payment"), _("Default 90; business customers need 180."))
    touch_rule = forms.ChoiceField(
        label=_("Who is rewarded when several people recommended"),
        choices=[
            (TouchRule.FIRST.value, _("The first one (default)")),
            (TouchRule.LAST.value, _("The last one")),
        ],
        help_text=_("Links opened and offers asked for, in the order of time."),
    )
    code_rule = forms.ChoiceField(
        label=_("A code typed at the checkout"),
        choices=[
            (CodeRule.OVERRIDES.value, _("Always wins (default)")),
            (CodeRule.TOUCH.value, _("Counts like a link opened at that moment")),
        ],
        help_text=_("The default is what most friends expect. The other choice helps where codes get around."),
    )
    starts_on = DayField(label=_("First day"), required=False, help_text=_("Empty: as soon as it is published."))
    ends_on = DayField(label=_("Last day"), required=False, help_text=_("Empty: until you end it."))
    scope = forms.ChoiceField(
        label=_("Which products count"),
        choices=[
            (Scope.SHOP.value, _("The whole shop")),
            (Scope.PRODUCTS.value, _("Only certain products")),
            (Scope.COLLECTIONS.value, _("Only certain collections")),
        ],
    )
    scope_ids = forms.CharField(
        label=_("Products or collections"),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
        help_text=_("Their numbers in your shop, one per line. Only if not the whole shop counts."),
    )
    countries = forms.CharField(
        label=_("Countries"),
        max_length=800,
        required=False,
        help_text=_("Two letters each, divided by commas: DE, AT, CH. Empty: everywhere."),
    )

    def clean_countries(self) -> str:
        codes = [code.strip().upper() for code in self.cleaned_data["countries"].replace(";", ",").split(",")]
        wrong = [code for code in codes if code and not is_country(code)]
        if wrong:
            raise ValidationError(_t("%(code)s is no country: write two letters like DE.") % {"code": wrong[0][:20]})
        return ",".join(sorted({code for code in codes if code}))

    def clean_scope_ids(self) -> str:
        return "\n".join(ids_of(self.cleaned_data["scope_ids"]))


class HoldFields(forms.Form):
    return_window_days = _days(
        _("Return window"), _("Days a reward is held after delivery. Default 30; services without returns: 0."), least=0
    )
    holiday_from = DayField(
        label=_("Holidays: delivered from"),
        required=False,
        help_text=_("Many shops take Christmas presents back until the end of January. Empty: no such time."),
    )
    holiday_to = DayField(label=_("Holidays: delivered until"), required=False)
    holiday_until = DayField(label=_("Holidays: can be returned until"), required=False)
    trust_1 = _days(
        _("Longest hold at trust level 1"),
        _("In days, shorter than the return window. Empty: trusted advocates wait as long as all others."),
        least=0,
        required=False,
    )
    trust_2 = _days(_("Longest hold at trust level 2"), _("Empty: as at level 1."), least=0, required=False)
    trust_3 = _days(_("Longest hold at trust level 3"), _("Empty: as at level 2."), least=0, required=False)

    def check_holiday(self) -> None:
        """All three days or none, in their order."""
        names = ("holiday_from", "holiday_to", "holiday_until")
        days = [self.cleaned_data.get(name) for name in names]
        if any(name in self.errors for name in names) or not any(days):
            return
        for name, day in zip(names, days, strict=True):
            if day is None:
                self.add_error(name, _t("Fill in all three days, or none."))
        if all(days) and days != sorted(days, key=str):
            self.add_error("holiday_until", _t("These three days must follow each other."))

    def check_trust(self) -> None:
        """Level by level: an empty one has what the one before it has."""
        for level in TRUST_LEVELS[1:]:
            here, before = self.cleaned_data.get(f"trust_{level}"), self.cleaned_data.get(f"trust_{level - 1}")
            if here is not None and before is None and not self.errors.get(f"trust_{level - 1}"):
                self.add_error(f"trust_{level - 1}", _t("Fill in this level too."))


class LimitFields(forms.Form):
    advocate_cap = forms.IntegerField(
        label=_("Most rewards per advocate"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text=_("Empty: no limit. Advocates are told at 80% and when it is reached."),
    )
    advocate_cap_minor = forms.CharField(
        label=_("Most value per advocate"),
        required=False,
        max_length=24,
        help_text=_("In what the reward counts. Empty: no limit."),
    )
    cap_period = forms.ChoiceField(
        label=_("These limits count"),
        choices=[
            (CapPeriod.EVER.value, _("For ever")),
            (CapPeriod.MONTH.value, _("Per calendar month")),
            (CapPeriod.YEAR.value, _("Per calendar year")),
            (CapPeriod.ROLLING_30.value, _("Within 30 days")),
            (CapPeriod.ROLLING_365.value, _("Within 365 days")),
        ],
    )


class JoiningFields(forms.Form):
    self_sign_up = forms.BooleanField(
        label=_("Customers may join by themselves"), required=False, help_text=_("In the portal. It counts at once.")
    )
    auto_enrol = forms.ChoiceField(
        label=_("After a first paid order"),
        choices=Program.AutoEnrol.choices,
        widget=forms.RadioSelect,
        help_text=_("It counts at once."),
    )
    advocates_must_be_customers = forms.BooleanField(
        label=_("Advocates must have bought from you before"), required=False
    )
    advocate_min_orders = forms.IntegerField(
        label=_("Orders an advocate must have"), required=False, min_value=0, max_value=1000, help_text=_("Default 0.")
    )


class IntroductionFields(forms.Form):
    introduction_days = forms.IntegerField(
        label=_("Days after the order in which they may say so"),
        min_value=0,
        max_value=90,
        help_text=_("Default 14. 0: nobody is asked. It counts at once."),
    )
    introduction_mail = forms.BooleanField(
        label=_("Also ask by mail after the order"),
        required=False,
        help_text=_(
            "One mail to new customers whose order nobody referred. The link is on your thank-you page anyway."
        ),
    )
