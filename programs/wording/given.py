"""What each side gets, in sentences. "You" is the advocate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programs.rules import (
    PATIENCE_DAYS,
    CapPeriod,
    Choice,
    CodeSource,
    Form,
    Fulfilment,
    Gives,
    Mechanism,
    Offer,
    RewardRule,
    Tier,
    TierMetric,
    Value,
)
from programs.wording.words import Words


def friend_side(words: Words) -> Iterator[str]:
    terms = words.terms
    if terms.offer:
        yield _offer_sentence(words, terms.offer)
    if terms.friend_reward:
        yield _friend_reward_sentence(words, terms.friend_reward)
    if not terms.offer and not terms.friend_reward:
        yield _("Nothing is promised to your friend yet.")
    if terms.new_customers_only:
        yield _("This is for people who have not bought from %(shop)s before.") % {"shop": words.shop}


def _offer_sentence(words: Words, offer: Offer) -> str:
    values = {"value": words.offer(offer), "count": offer.valid_days}
    if offer.source == CodeSource.SHOP_CODE:
        text = ngettext(
            "Your friend gets %(value)s off with a code that is valid for %(count)s day after they ask for it.",
            "Your friend gets %(value)s off with a code that is valid for %(count)s days after they ask for it.",
            offer.valid_days,
        )
    else:
        text = ngettext(
            "Your friend gets %(value)s off with a code that works once and is valid for %(count)s day after they "
            "ask for it.",
            "Your friend gets %(value)s off with a code that works once and is valid for %(count)s days after they "
            "ask for it.",
            offer.valid_days,
        )
    return text % values


def _friend_reward_sentence(words: Words, rule: RewardRule) -> str:
    if rule.kind == Value.FIXED:
        amount = {"amount": _named(words, rule)}
        if rule.gives:
            return _("Your friend gets %(amount)s after their order, at the same time as you.") % amount
        return _("Your friend gets a reward of %(amount)s after their order, at the same time as you.") % amount
    values = {"share": words.percent(rule.value)}
    if rule.cap_minor is None:
        return _("Your friend gets a reward of %(share)s of their order's value, at the same time as you.") % values
    return _(
        "Your friend gets a reward of %(share)s of their order's value, %(cap)s at most, at the same time as you."
    ) % {**values, "cap": words.amount(rule.cap_minor, rule)}


def advocate_side(words: Words) -> Iterator[str]:
    rule = words.terms.advocate_reward
    yield _advocate_reward_sentence(words, rule)
    yield from _delivery(words, rule.gives, rule.fulfilment)
    if rule.recurring_months:
        yield _further_orders(rule)
    yield from levels(words)
    yield from choices(words)
    yield from caps(words)


def _advocate_reward_sentence(words: Words, rule: RewardRule) -> str:
    values = {"amount": words.reward(rule), "share": words.reward(rule), "every": words.number(rule.every)}
    if rule.kind == Value.FIXED and rule.every == 1:
        return _("You get %(amount)s for each friend whose order counts.") % values
    if rule.kind == Value.FIXED:
        text = ngettext(
            "You get %(amount)s each time the orders of %(every)s more friend have counted.",
            "You get %(amount)s each time the orders of %(every)s more friends have counted.",
            rule.every,
        )
        return text % values
    return _share_sentence(words, rule) % (
        values if rule.cap_minor is None else {**values, "cap": words.amount(rule.cap_minor, rule)}
    )


def _share_sentence(words: Words, rule: RewardRule) -> str:
    if rule.every == 1 and rule.cap_minor is None:
        return _("For each friend whose order counts, you get %(share)s of the order's value.")
    if rule.every == 1:
        return _("For each friend whose order counts, you get %(share)s of the order's value, %(cap)s at most.")
    if rule.cap_minor is None:
        return ngettext(
            "Each time the orders of %(every)s more friend have counted, you get %(share)s of the last order's value.",
            "Each time the orders of %(every)s more friends have counted, you get %(share)s of the last order's value.",
            rule.every,
        )
    return ngettext(
        "Each time the orders of %(every)s more friend have counted, you get %(share)s of the last order's value, "
        "%(cap)s at most.",
        "Each time the orders of %(every)s more friends have counted, you get %(share)s of the last order's value, "
        "%(cap)s at most.",
        rule.every,
    )


# --- how it comes -------------------------------------------------------------------------------------------------


def _delivery(words: Words, gives: Gives | None, fulfilment: Fulfilment) -> Iterator[str]:
    if gives:
        yield _way_of(gives) % {"shop": words.shop, "name": gives.name, "charity": gives.setting.get("charity", "")}
        if gives.valid_days:
            text = ngettext(
                "You can use it for %(count)s day after you get it.",
                "You can use it for %(count)s days after you get it.",
                gives.valid_days,
            )
            yield text % {"count": words.number(gives.valid_days)}
    elif fulfilment in (Fulfilment.COUPON_POOL, Fulfilment.COUPON_WEBHOOK):
        yield _("It comes as a voucher code for %(shop)s.") % {"shop": words.shop}
    else:
        yield _("%(shop)s sends it to you.") % {"shop": words.shop}


def _way_of(gives: Gives) -> str:
    if gives.form == Form.DONATION:
        return _("%(shop)s donates it in your name to %(charity)s.")
    if gives.form == Form.GIFT_CARD:
        return _("It comes as a gift card (%(name)s).")
    return {
        Mechanism.CODE: _("It comes as a code for %(shop)s (%(name)s)."),
        Mechanism.BALANCE: _("It is added to your account with %(shop)s (%(name)s)."),
        Mechanism.MONEY: _("It is paid out to you (%(name)s)."),
        Mechanism.THING: _("It is sent to you by post: you say where to, when it is ready (%(name)s)."),
        Mechanism.WEBHOOK: _("%(shop)s gives it to you (%(name)s)."),
    }[gives.mechanism]


def _further_orders(rule: RewardRule) -> str:
    return ngettext(
        "Further orders of the same friend in the %(count)s month after their first one bring you the same again.",
        "Further orders of the same friend in the %(count)s months after their first one bring you the same again.",
        rule.recurring_months,
    ) % {"count": rule.recurring_months}


# --- levels and choices -------------------------------------------------------------------------------------------


def levels(words: Words) -> Iterator[str]:
    if not words.terms.tiers:
        return
    for tier in words.terms.tiers:
        yield _level(words, tier)
    yield _("You keep a level once you have reached it; it counts from your next friend on.")


def _level(words: Words, tier: Tier) -> str:
    reward = value_per_friend(words, tier.advocate_reward)
    values = {"name": tier.name, "reward": reward, "from": _threshold(words, tier)}
    if tier.offer:
        text = _("Level “%(name)s”, %(from)s: %(reward)s, and %(offer)s off for your friends.")
        return text % {**values, "offer": words.offer(tier.offer)}
    return _("Level “%(name)s”, %(from)s: %(reward)s.") % values


def _threshold(words: Words, tier: Tier) -> str:
    if words.terms.tier_metric == TierMetric.REVENUE:
        return _("once your friends have ordered for %(amount)s") % {"amount": words.money(tier.threshold)}
    return ngettext("once %(count)s friend has counted", "once %(count)s friends have counted", tier.threshold) % {
        "count": words.number(tier.threshold)
    }


def value_per_friend(words: Words, rule: RewardRule) -> str:
    if rule.kind == Value.FIXED:
        return _named(words, rule)
    values = {"share": words.percent(rule.value)}
    if rule.cap_minor is None:
        return _("%(share)s of the order's value") % values
    return _("%(share)s of the order's value, %(cap)s at most") % {**values, "cap": words.amount(rule.cap_minor, rule)}


def _named(words: Words, rule: RewardRule) -> str:
    """With the kind's own name, where the amount alone does not say what it is."""
    amount = words.amount(rule.value, rule)
    if rule.gives is None or rule.gives.name in amount:
        return amount
    return _("%(amount)s (%(name)s)") % {"amount": amount, "name": rule.gives.name}


def choices(words: Words) -> Iterator[str]:
    rule = words.terms.advocate_reward
    if not rule.choices:
        return
    ways = words.listed([choice_name(words, rule, choice) for choice in rule.choices], style="or")
    yield _("Instead you may choose: %(ways)s.") % {"ways": ways}
    late = _("If you choose nothing until %(days)s days after the return period, it comes as said above.")
    yield late % {"days": PATIENCE_DAYS}


def choice_name(words: Words, rule: RewardRule, choice: Choice) -> str:
    """One way to take a reward: "€12.00 (Store credit)", "the same for your friend"."""
    taken = rule.as_chosen(choice.key)
    is_same = not choice.value and choice.gives is None
    values = {"value": value_per_friend(words, taken)}
    if choice.to_friend:
        return _("the same for your friend") if is_same else _("%(value)s for your friend") % values
    if taken.gives and taken.gives.form == Form.DONATION:
        charity = taken.gives.setting.get("charity", "")
        value = value_per_friend(words, replace(taken, gives=None))
        return _("%(value)s as a donation to %(charity)s") % {"value": value, "charity": charity}
    return values["value"]


# --- limits -------------------------------------------------------------------------------------------------------


def caps(words: Words) -> Iterator[str]:
    terms = words.terms
    if terms.advocate_cap is not None:
        yield _cap_by_count(terms.cap_period, terms.advocate_cap) % {"count": words.number(terms.advocate_cap)}
    if terms.advocate_cap_minor is not None:
        most = words.amount(terms.advocate_cap_minor, terms.advocate_reward)
        yield _CAPS_BY_VALUE[terms.cap_period]() % {"amount": most}


def _cap_by_count(period: CapPeriod, cap: int) -> str:
    if period == CapPeriod.MONTH:
        return ngettext(
            "You can be rewarded for %(count)s friend in a calendar month; friends after that still get what is "
            "promised to them.",
            "You can be rewarded for %(count)s friends in a calendar month; friends after that still get what is "
            "promised to them.",
            cap,
        )
    if period == CapPeriod.YEAR:
        return ngettext(
            "You can be rewarded for %(count)s friend in a calendar year; friends after that still get what is "
            "promised to them.",
            "You can be rewarded for %(count)s friends in a calendar year; friends after that still get what is "
            "promised to them.",
            cap,
        )
    if period == CapPeriod.ROLLING_30:
        return ngettext(
            "You can be rewarded for %(count)s friend within 30 days; friends after that still get what is promised to "
            "them.",
            "You can be rewarded for %(count)s friends within 30 days; friends after that still get what is promised "
            "to them.",
            cap,
        )
    if period == CapPeriod.ROLLING_365:
        return ngettext(
            "You can be rewarded for %(count)s friend within 365 days; friends after that still get what is promised "
            "to them.",
            "You can be rewarded for %(count)s friends within 365 days; friends after that still get what is promised "
            "to them.",
            cap,
        )
    return ngettext(
        "You can be rewarded for %(count)s friend in total; friends after that still get what is promised to them.",
        "You can be rewarded for %(count)s friends in total; friends after that still get what is promised to them.",
        cap,
    )


_CAPS_BY_VALUE = {
    CapPeriod.EVER: lambda: _("You can get %(amount)s in total; the reward that reaches this may be smaller."),
    CapPeriod.MONTH: lambda: _(
        "You can get %(amount)s in a calendar month; the reward that reaches this may be smaller."
    ),
    CapPeriod.YEAR: lambda: _(
        "You can get %(amount)s in a calendar year; the reward that reaches this may be smaller."
    ),
    CapPeriod.ROLLING_30: lambda: _(
        "You can get %(amount)s within 30 days; the reward that reaches this may be smaller."
    ),
    CapPeriod.ROLLING_365: lambda: _(
        "You can get %(amount)s within 365 days; the reward that reaches this may be smaller."
    ),
}
