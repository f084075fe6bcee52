"""Bonus campaigns in words: what they bring, for the merchant and for the friend, and what is wrong with one."""

from __future__ import annotations

from datetime import timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from kit.money import BASIS_POINTS
from kit.units import amount_text
from kit.wording import day, number
from programs.rules import RewardRule, Terms
from rewards.models import BonusCampaign

_PROBLEMS: dict[str, Promise | str] = {
    "end_before_start": _("The last day lies before the first, or has passed already."),
    "bonus_too_long": _("A bonus runs for a year at most: choose an earlier last day."),
    "bonus_overlaps": _("Another bonus of this program runs at that time: choose other days, or end that one first."),
    "multiplier_1_to_10": _("Choose a factor from 1 to 10."),
    "must_not_be_negative": _("Choose zero or more."),
    "bonus_of_nothing": _("That would change nothing: choose a factor above 1 or an amount on top."),
    "bonus_over": _("This bonus is over already."),
}


def bonus_problem(code: str) -> str:
    return str(_PROBLEMS.get(code) or _now("Check this."))


def effect_text(campaign: BonusCampaign, terms: Terms, language: str) -> str:
    """ "Doubled", "1.5 times", "€5.00 on top"."""
    parts = [_factor_text(campaign.multiplier_bp, language)] if campaign.multiplier_bp != BASIS_POINTS else []
    if campaign.extra_minor:
        unit = _raised_rule(campaign, terms).unit_in(terms.currency)
        parts.append(_now("%(amount)s on top") % {"amount": amount_text(campaign.extra_minor, unit, language)})
    return ", ".join(parts)


def friend_bonus_line(campaign: BonusCampaign | None, terms: Terms, *, zone: str, language: str) -> str:
    """For the friend's page; empty where the friend's own reward is not raised."""
    if campaign is None or campaign.side == BonusCampaign.Side.ADVOCATE or terms.friend_reward is None:
        return ""
    until = day(campaign.ends_at - timedelta(seconds=1), zone, language)
    values = {"name": campaign.name, "effect": effect_text(campaign, terms, language), "day": until}
    return _now("%(name)s: for orders until %(day)s your reward is higher (%(effect)s).") % values


def _factor_text(multiplier_bp: int, language: str) -> str:
    if multiplier_bp == 2 * BASIS_POINTS:
        return _now("doubled")
    if multiplier_bp == 3 * BASIS_POINTS:
        return _now("tripled")
    return _now("%(factor)s times") % {"factor": number(multiplier_bp / BASIS_POINTS, language)}


def _raised_rule(campaign: BonusCampaign, terms: Terms) -> RewardRule:
    if campaign.side == BonusCampaign.Side.FRIEND and terms.friend_reward:
        return terms.friend_reward
    return terms.advocate_reward
