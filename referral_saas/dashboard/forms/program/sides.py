"""The fields of what each side gets."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from programs.rules import CodeSource, TierMetric, Value
from referral_saas.dashboard.forms.money import AmountField
from referral_saas.dashboard.forms.program.shelf import DELIVERIES

VALUES = [(Value.PERCENT.value, _("Percent of the order")), (Value.FIXED.value, _("Fixed amount"))]
SOURCES = [
    (CodeSource.POOL.value, _("Single-use codes that you upload from your shop (safest)")),
    (CodeSource.SHOP_CODE.value, _("One code for everybody that exists in your shop")),
    (CodeSource.WEBHOOK.value, _("Your webhook makes a code for each friend")),
]
SIDES = [("offer", _("An offer before the purchase")), ("reward", _("A reward after the purchase"))]


class FriendFields(forms.Form):
    friend_side = forms.ChoiceField(label=_("What the friend gets"), choices=SIDES, widget=forms.RadioSelect)
    friend_both = forms.BooleanField(
        label=_("Give both"),
        required=False,
        help_text=_("Rarely worth it: the friend costs twice."),
        widget=forms.CheckboxInput(attrs={"data-both": "yes"}),
    )
    offer_kind = forms.ChoiceField(label=_("Kind of discount"), choices=VALUES)
    offer_value = forms.CharField(label=_("Discount"), max_length=24)
    offer_source = forms.ChoiceField(
        label=_("Where codes come from"),
        choices=SOURCES,
        widget=forms.RadioSelect,
        help_text=_("A code is only shown to a friend when your shop knows it."),
    )
    offer_shop_code = forms.CharField(
        label=_("Shop-wide code"),
        max_length=80,
        required=False,
        help_text=_("Only for the second choice. It must exist in your shop."),
    )
    offer_valid_days = forms.IntegerField(
        label=_("Days a code is valid"), min_value=1, max_value=365, help_text=_("Default 30.")
    )

    friend_reward_fulfilment = forms.ChoiceField(label=_("What the friend is given"), choices=DELIVERIES)
    friend_reward_kind = forms.ChoiceField(label=_("Kind of reward for the friend"), choices=VALUES)
    friend_reward_value = forms.CharField(label=_("Friend's reward"), max_length=24)
    friend_reward_cap = AmountField(
        label=_("Most for the friend"), required=False, help_text=_("Only limits a percentage. Empty: no limit.")
    )


class AdvocateFields(forms.Form):
    advocate_reward_fulfilment = forms.ChoiceField(
        label=_("What advocates are given"),
        choices=DELIVERIES,
        help_text=_("Money, or anything of your catalogue: points, months, gifts."),
    )
    advocate_reward_kind = forms.ChoiceField(label=_("Kind of reward"), choices=VALUES)
    advocate_reward_value = forms.CharField(label=_("Advocate's reward"), max_length=24)
    advocate_reward_cap = AmountField(
        label=_("Most per referral"), required=False, help_text=_("Only limits a percentage. Empty: no limit.")
    )
    advocate_reward_every = forms.IntegerField(
        label=_("Every how many friends"),
        required=False,
        min_value=1,
        max_value=1000,
        help_text=_("Default 1: each friend who buys. With 3, every third one brings a reward."),
    )
    advocate_reward_recurring_months = forms.IntegerField(
        label=_("Months in which further orders count"),
        required=False,
        min_value=0,
        max_value=120,
        help_text=_(
            "For subscriptions: each further order of the same friend in these months after the first one earns the "
            "same again. Default 0: only the first order."
        ),
    )
    tier_metric = forms.ChoiceField(
        label=_("Levels are reached by"),
        choices=[
            (TierMetric.REFERRALS.value, _("Friends whose order counted")),
            (TierMetric.REVENUE.value, _("What those friends ordered, in money")),
        ],
    )
