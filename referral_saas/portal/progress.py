"""What lies ahead for an advocate: a bonus that runs, the next level, the N-th reward, the room under a cap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from advocates.models import Advocate
from kit.language import language_of_page
from kit.money import BASIS_POINTS, format_money
from kit.units import amount_text
from kit.wording import number
from programs.rules import Terms, TierMetric
from rewards.actions.cap import value_under_cap
from rewards.actions.grants import bonus_at
from rewards.models import BonusCampaign
from rewards.selectors import measured_for, qualified_of, rewarded_of


@dataclass(frozen=True, slots=True)
class Step:
    """``share``: how much of the way is done, in basis points; None where there is nothing to measure."""

    title: str
    text: str
    share: int | None = None
    ends_at: datetime | None = None


def steps_ahead(advocate: Advocate, *, zone: str, now: datetime) -> list[Step]:
    """Only what the program has: nothing at all for a plain one."""
    terms = advocate.live_terms
    found = [
        _bonus(bonus_at(advocate.program_id, now), terms),
        _next_of_n(advocate, terms),
        _level(advocate, terms),
        _value_cap(advocate, terms, zone, now),
    ]
    return [step for step in found if step]


def _bonus(bonus: BonusCampaign | None, terms: Terms) -> Step | None:
    if bonus is None:
        return None
    parts = []
    if bonus.multiplier_bp != BASIS_POINTS:
        factor = number(bonus.multiplier_bp / BASIS_POINTS, language_of_page())
        parts.append(_("%(factor)s times the reward") % {"factor": factor})
    if bonus.extra_minor:
        unit = terms.advocate_reward.unit_in(terms.currency)
        parts.append(_("%(amount)s on top") % {"amount": amount_text(bonus.extra_minor, unit, language_of_page())})
    said = {"what": " + ".join(parts)}
    if bonus.side == BonusCampaign.Side.FRIEND:
        text = _("For orders in this time your friends get %(what)s.") % said
    elif bonus.side == BonusCampaign.Side.BOTH:
        text = _("For orders in this time you and your friends get %(what)s.") % said
    else:
        text = _("For orders in this time you get %(what)s.") % said
    return Step(bonus.name, text, ends_at=bonus.ends_at)


def _next_of_n(advocate: Advocate, terms: Terms) -> Step | None:
    every = terms.advocate_reward.every
    if every == 1:
        return None
    missing = max((rewarded_of(advocate) + 1) * every - qualified_of(advocate), 1)
    text = ngettext(
        "%(count)s more friend until your next reward.", "%(count)s more friends until your next reward.", missing
    )
    return Step(_("Next reward"), text % {"count": missing}, share=(every - missing) * BASIS_POINTS // every)


def _level(advocate: Advocate, terms: Terms) -> Step | None:
    levels = advocate.program.live_terms.tiers
    if not levels:
        return None
    reached = levels[advocate.tier - 1].name if advocate.tier else ""
    title = _("Your level: %(name)s") % {"name": reached} if reached else _("Your first level")
    if advocate.tier >= len(levels):
        return Step(title, _("You have reached the highest level."))
    ahead, measured = levels[advocate.tier], measured_for(advocate, terms.tier_metric)
    left = max(ahead.threshold - measured, 0)
    if terms.tier_metric == TierMetric.REVENUE:
        amount = format_money(left, terms.currency, language_of_page())
        text = _("Orders of your friends for %(amount)s more, and you are %(name)s.")
        values: dict[str, object] = {"amount": amount, "name": ahead.name}
    else:
        text = ngettext(
            "%(count)s more friend, and you are %(name)s.", "%(count)s more friends, and you are %(name)s.", left
        )
        values = {"count": left, "name": ahead.name}
    return Step(title, text % values, share=min(measured, ahead.threshold) * BASIS_POINTS // ahead.threshold)


def _value_cap(advocate: Advocate, terms: Terms, zone: str, now: datetime) -> Step | None:
    cap = terms.advocate_cap_minor
    if cap is None:
        return None
    unit = terms.advocate_reward.unit_in(terms.currency)
    used = min(value_under_cap(advocate.pk, terms, unit=unit, zone=zone, now=now), cap)
    said = {"used": amount_text(used, unit, language_of_page()), "most": amount_text(cap, unit, language_of_page())}
    if used >= cap:
        text = _("All %(most)s are yours. Friends who use your link still get their offer.")
    else:
        text = _("%(used)s of %(most)s are taken. After that, friends who use your link still get their offer.")
    return Step(_("Limit of this program"), text % said, share=used * BASIS_POINTS // cap)
