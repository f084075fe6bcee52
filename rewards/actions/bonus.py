"""Bonus campaigns: for orders placed in a time a side's reward is multiplied or raised. Never changed once begun."""

from __future__ import annotations

from datetime import datetime, timedelta

from kit.tenancy import transaction_required
from merchants.events import record
from programs.locks import program_for_update
from programs.models import Program
from rewards.models import BonusCampaign

LONGEST = timedelta(days=366)
LARGEST_MULTIPLIER_BP = 100_000


class BadBonus(ValueError):
    """Refused, nothing changed: the field and a reason code (rewards.bonus_words.bonus_problem has the words)."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field, self.code = field, code


@transaction_required
def plan_bonus(
    *,
    program: Program,
    name: str,
    side: str,
    starts_at: datetime,
    ends_at: datetime,
    multiplier_bp: int,
    extra_minor: int,
    by: str,
    now: datetime,
) -> BonusCampaign:
    """From now on or later, never for what was bought already; one at a time per program, so that none is surprising.

    ``multiplier_bp``: 20000 doubles. ``extra_minor``: in the unit of the reward, on top.
    """
    program_for_update(program.pk)
    starts_at = max(starts_at, now)
    _refuse_bad(starts_at, ends_at, multiplier_bp, extra_minor)
    if BonusCampaign.objects.filter(program=program, starts_at__lt=ends_at, ends_at__gt=starts_at).exists():
        raise BadBonus("starts_at", "bonus_overlaps")
    campaign: BonusCampaign = BonusCampaign.objects.create(
        program=program,
        name=name,
        side=BonusCampaign.Side(side),
        starts_at=starts_at,
        ends_at=ends_at,
        multiplier_bp=multiplier_bp,
        extra_minor=extra_minor,
        created_at=now,
        created_by=by,
    )
    record("bonus.planned", subject=campaign, by=by, now=now, data=_facts(campaign))
    return campaign


@transaction_required
def end_bonus(*, campaign: BonusCampaign, by: str, now: datetime) -> BonusCampaign:
    """From now on no order earns it; those placed in its time keep it. One that has not begun never does."""
    program_for_update(campaign.program_id)
    campaign.refresh_from_db()
    if campaign.ends_at <= now:
        raise BadBonus("ends_at", "bonus_over")
    campaign.ends_at = max(now, campaign.starts_at)
    campaign.save(update_fields=["ends_at"])
    record("bonus.ended", subject=campaign, by=by, now=now, data=_facts(campaign))
    return campaign


def _refuse_bad(starts_at: datetime, ends_at: datetime, multiplier_bp: int, extra_minor: int) -> None:
    if ends_at <= starts_at:
        raise BadBonus("ends_at", "end_before_start")
    if ends_at - starts_at > LONGEST:
        raise BadBonus("ends_at", "bonus_too_long")
    if not 10_000 <= multiplier_bp <= LARGEST_MULTIPLIER_BP:
        raise BadBonus("multiplier_bp", "multiplier_1_to_10")
    if extra_minor < 0:
        raise BadBonus("extra_minor", "must_not_be_negative")
    if multiplier_bp == 10_000 and not extra_minor:
        raise BadBonus("multiplier_bp", "bonus_of_nothing")


def _facts(campaign: BonusCampaign) -> dict[str, object]:
    return {
        "program_id": str(campaign.program_id),
        "starts_at": campaign.starts_at.isoformat(),
        "ends_at": campaign.ends_at.isoformat(),
        "multiplier_bp": campaign.multiplier_bp,
        "extra_minor": campaign.extra_minor,
        "side": campaign.side,
    }
