"""What limits and raises a program's rewards, as its pages show it: the budget and the bonus campaigns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from kit.money import BASIS_POINTS
from kit.wording import day
from programs.models import Program
from rewards.bonus_words import effect_text
from rewards.models import BonusCampaign, Budget, RewardBlock


@dataclass(frozen=True, slots=True)
class BudgetCard:
    """Amounts in minor units of ``currency``; ``waiting``: rewards that find no room."""

    limit_minor: int
    committed_minor: int
    free_minor: int
    share_bp: int
    tone: str
    is_hard: bool
    waiting: int
    currency: str


def budget_card(program: Program) -> BudgetCard | None:
    budget = Budget.objects.filter(program=program).first()
    if budget is None:
        return None
    waiting = RewardBlock.objects.filter(
        kind=RewardBlock.Kind.BUDGET, lifted_at=None, reward__program_id=program.pk
    ).count()
    return BudgetCard(
        budget.limit_minor,
        budget.reserved_minor,
        max(budget.limit_minor - budget.reserved_minor, 0),
        share_of(budget),
        tone_of(budget),
        budget.is_hard,
        waiting,
        program.live_terms.currency,
    )


def share_of(budget: Budget) -> int:
    """Basis points of the limit; a limit of nothing is used up."""
    return int(budget.reserved_minor * BASIS_POINTS // budget.limit_minor) if budget.limit_minor else BASIS_POINTS


def tone_of(budget: Budget) -> str:
    share = share_of(budget)
    if budget.reached_at or share >= BASIS_POINTS:
        return "bad"
    return "warn" if share >= 8_000 else ""


@dataclass(frozen=True, slots=True)
class BonusLine:
    campaign: BonusCampaign
    effect: str
    days: str
    state: str
    tone: str
    can_end: bool


def bonus_lines(program: Program, *, now: datetime, zone: str, language: str) -> list[BonusLine]:
    """The latest first."""
    found = BonusCampaign.objects.filter(program=program).order_by("-starts_at", "-pk")[:100]
    return [_line(one, program, now, zone, language) for one in found]


def _line(one: BonusCampaign, program: Program, now: datetime, zone: str, language: str) -> BonusLine:
    last = max(one.ends_at - timedelta(seconds=1), one.starts_at)
    days = _("%(start)s to %(end)s") % {
        "start": day(one.starts_at, zone, language),
        "end": day(last, zone, language),
    }
    effect = effect_text(one, program.live_terms, language)
    if one.ends_at <= now:
        return BonusLine(one, effect, days, _("Over"), "neutral", False)
    if one.starts_at > now:
        return BonusLine(one, effect, days, _("Planned"), "info", True)
    return BonusLine(one, effect, days, _("Running"), "good", True)
