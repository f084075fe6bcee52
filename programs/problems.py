"""Why a program cannot be published or moved, in words for the merchant."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from programs.rules import Problem

_FIELDS: dict[str, str | Promise] = {
    "friend_side": gettext_lazy("What the friend gets"),
    "offer_value": gettext_lazy("Friend's discount"),
    "offer_source": gettext_lazy("Where codes come from"),
    "offer_shop_code": gettext_lazy("Shop-wide code"),
    "offer_valid_days": gettext_lazy("Days a code is valid"),
    "advocate_reward_value": gettext_lazy("Advocate's reward"),
    "advocate_reward_cap": gettext_lazy("Most per referral"),
    "advocate_reward_fulfilment": gettext_lazy("How the advocate's reward is delivered"),
    "friend_reward_cap": gettext_lazy("Most for the friend"),
    "advocate_min_orders": gettext_lazy("Orders an advocate must have"),
    "friend_reward_value": gettext_lazy("Friend's reward"),
    "friend_reward_fulfilment": gettext_lazy("How the friend's reward is delivered"),
    "attribution_window_days": gettext_lazy("Days from click to order"),
    "qualification_window_days": gettext_lazy("Days from click to payment"),
    "return_window_days": gettext_lazy("Return window"),
    "min_order_minor": gettext_lazy("Minimum order"),
    "scope_ids": gettext_lazy("Products or collections"),
    "countries": gettext_lazy("Countries"),
    "landing": gettext_lazy("What links lead to"),
    "currency": gettext_lazy("Currency"),
    "starts_on": gettext_lazy("First day"),
    "ends_on": gettext_lazy("Last day"),
    "advocate_cap": gettext_lazy("Most rewards per advocate"),
    "advocate_reward_kind": gettext_lazy("Kind of reward"),
    "advocate_reward_every": gettext_lazy("Every how many friends"),
    "advocate_reward_recurring_months": gettext_lazy("Months in which further orders count"),
    "advocate_reward_choices": gettext_lazy("Choices of the advocate"),
    "friend_reward_kind": gettext_lazy("Kind of reward for the friend"),
    "friend_reward_every": gettext_lazy("Friend's reward"),
    "friend_reward_recurring_months": gettext_lazy("Friend's reward"),
    "friend_reward_choices": gettext_lazy("Friend's reward"),
    "advocate_cap_minor": gettext_lazy("Most value per advocate"),
    "hold_overrides": gettext_lazy("Hold of certain products"),
    "holiday": gettext_lazy("Holidays"),
    "trust_hold_days": gettext_lazy("Hold by trust level"),
    "tiers": gettext_lazy("Levels"),
    "tiers_kind": gettext_lazy("Levels"),
    "tiers_every": gettext_lazy("Levels"),
    "tiers_recurring_months": gettext_lazy("Levels"),
    "tiers_choices": gettext_lazy("Levels"),
    "state": gettext_lazy("Program"),
}

_TEXTS: dict[str, str | Promise] = {
    "friend_gets_nothing": gettext_lazy(
        "Give the friend something: an offer before the purchase or a reward after it."
    ),
    "days_1_to_365": gettext_lazy("Choose 1 to 365 days."),
    "days_0_to_365": gettext_lazy("Choose 0 to 365 days."),
    "required": gettext_lazy("This is needed."),
    "percent_needs_money": gettext_lazy("A percentage of an order is money: choose a fixed number instead."),
    "times_1_to_1000": gettext_lazy("Choose 1 to 1000 friends."),
    "months_0_to_120": gettext_lazy("Choose 0 to 120 months."),
    "choices_differ": gettext_lazy("Two of the choices are the same: take one of them out."),
    "thresholds_must_rise": gettext_lazy("Each level must be reached later than the one before it."),
    "cap_needs_one_unit": gettext_lazy(
        "A limit by value needs rewards of one kind only: levels and choices count something else here. Limit the "
        "number of rewards instead."
    ),
    "must_be_positive": gettext_lazy("Choose an amount above zero."),
    "must_not_be_negative": gettext_lazy("Choose zero or more."),
    "over_100_percent": gettext_lazy("Choose 100% or less."),
    "no_date": gettext_lazy("Write the date like 2026-03-31."),
    "end_before_start": gettext_lazy("The last day lies before the first."),
    "already_over": gettext_lazy("This day has passed: choose a later one."),
    "no_codes": gettext_lazy("There are no codes left: upload some that exist in your shop."),
    "kind_archived": gettext_lazy("This reward was put away: choose another one of your kinds."),
    "no_stock": gettext_lazy("None are left: refill the stock, or people will wait for theirs."),
    "needs_page": gettext_lazy(
        "Friends get a code of their own with this offer, so links show a page instead of leading to your shop."
    ),
    "not_connected": gettext_lazy("What would deliver this is not connected yet: connect it under Connections."),
    "not_workspace_currency": gettext_lazy("The program must use the currency of your workspace."),
    "draft_moved_on": gettext_lazy("The draft changed since you looked at it: look again, then publish."),
    "cannot_publish": gettext_lazy("This program is over and cannot be published again."),
    "closing": gettext_lazy("The workspace is being deleted. Keep it first, under Settings."),
    "cannot_pause": gettext_lazy("Only an active program can be paused."),
    "cannot_resume": gettext_lazy("Only a paused program can be resumed."),
    "cannot_end": gettext_lazy("Only an active or paused program can be ended."),
    "cannot_archive": gettext_lazy("Only a draft or an ended program can be archived."),
}


def problem_text(problem: Problem) -> str:
    """What to do about it; a code without words of its own still says where to look."""
    return str(_TEXTS.get(problem.code) or _("Check this setting."))


def field_name(field: str) -> str:
    return str(_FIELDS.get(field, field))
