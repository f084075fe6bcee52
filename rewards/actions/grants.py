"""What a referral is granted across orders: its tier, whether it is the N-th, a bonus, the room under a cap by value.

Asked once, under the advocate's lock, when the referral first qualifies; written onto it and never asked again.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from advocates.models import Advocate
from kit.asked import asked_often
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from programs.rules import Terms, TierMetric
from rewards.actions.cap import tell_cap, value_under_cap
from rewards.choices import grant_of
from rewards.models import BonusCampaign
from rewards.rules import UNGRANTED, Bonus, Grant, advocate_rule, cap_notice, counted, earns_now
from rewards.selectors import revenue_of, rewarded_of
from tracking.locks import lock_advocate
from tracking.models import Referral
from tracking.rules import OrderView

NO_BONUS = Bonus()


@transaction_required
def grant_once(*, referral: Referral, view: OrderView, terms: Terms, zone: str, now: datetime, by: str) -> Grant:
    """The referral's grant, decided now if it has none. A program without any such rule writes nothing."""
    if referral.granted:
        return grant_of(referral)
    bonus = bonus_at(referral.program_id, view.placed_at)
    if bonus is None and not _looks_at_others(terms):
        return UNGRANTED
    lock_advocate(referral.advocate_id)
    advocate = Advocate.objects.get(pk=referral.advocate_id)
    grant = _with_room(_grant(referral, advocate, terms, bonus), referral, terms, zone, now=now)
    _tell_room(grant, referral, view, terms, now=now, by=by)
    referral.granted = grant.to_json()
    referral.save(update_fields=["granted"])
    _move_tier(advocate, referral, view, terms, grant, now=now)
    return grant


@transaction_required
def grant_in_mind(*, referral: Referral, view: OrderView, terms: Terms, zone: str, now: datetime) -> Grant:
    """What it would be granted. Where an order was given back before it was seen paid, its cancelled rewards show what
    they would have been, as they do where it was seen paid first. Nothing is written down, and nobody told."""
    bonus = bonus_at(referral.program_id, view.placed_at)
    if referral.granted or (bonus is None and not _looks_at_others(terms)):
        return grant_of(referral)
    return _with_room(_grant(referral, referral.advocate, terms, bonus), referral, terms, zone, now=now)


def bonus_at(program_id: UUID, at: datetime) -> BonusCampaign | None:
    """The campaign in whose time an order was placed; where two overlap the one that began later."""
    return next(iter(_running(program_id, at)), None)


@asked_often
def _running(program_id: UUID, at: datetime) -> QuerySet[BonusCampaign]:
    running = BonusCampaign.objects.filter(program_id=program_id, starts_at__lte=at, ends_at__gt=at)
    rows: QuerySet[BonusCampaign] = running.order_by("-starts_at", "-pk")[:1]
    return rows


def _looks_at_others(terms: Terms) -> bool:
    rules = [terms.advocate_reward, *(tier.advocate_reward for tier in terms.tiers)]
    every = any(rule.every > 1 for rule in rules)
    return bool(every or terms.tiers or terms.advocate_cap_minor or terms.trust_hold_days)


def _grant(referral: Referral, advocate: Advocate, terms: Terms, bonus: BonusCampaign | None) -> Grant:
    every = terms.at_tier(advocate.tier).advocate_reward.every
    before = _qualified_before(referral)
    is_further = referral.follows_id is not None
    ordinal = before if is_further else before + 1
    return Grant(
        tier=advocate.tier,
        ordinal=ordinal,
        earns=every == 1 or is_further or earns_now(qualified=ordinal, rewarded=rewarded_of(advocate), every=every),
        bonus_id=str(bonus.pk) if bonus else "",
        advocate_bonus=_bonus_for(bonus, BonusCampaign.Side.ADVOCATE),
        friend_bonus=_bonus_for(bonus, BonusCampaign.Side.FRIEND),
        trust=advocate.trust_level,
    )


def _with_room(grant: Grant, referral: Referral, terms: Terms, zone: str, *, now: datetime) -> Grant:
    """What the cap by value leaves; the last reward under it may be a smaller one."""
    cap = terms.advocate_cap_minor
    if cap is None or not grant.earns:
        return grant
    unit = advocate_rule(terms, grant).unit_in(terms.currency)
    used = value_under_cap(referral.advocate_id, terms, unit=unit, zone=zone, now=now)
    return Grant.from_json(grant.to_json() | {"most_minor": max(cap - used, 0)})


def _tell_room(grant: Grant, referral: Referral, view: OrderView, terms: Terms, *, now: datetime, by: str) -> None:
    cap, room = terms.advocate_cap_minor, grant.most_minor
    if not cap or not room:
        return
    rule, used = advocate_rule(terms, grant), cap - room
    given = used + grant.advocate_amount(rule, counted(view, terms, referral.worth_minor)[1])
    notice = cap_notice(given=given, cap=cap, before=used)
    tell_cap(referral, notice, now=now, by=by, given=given, cap=cap, unit=rule.unit_in(terms.currency))


def _bonus_for(bonus: BonusCampaign | None, side: str) -> Bonus:
    if bonus is None or bonus.side not in (side, BonusCampaign.Side.BOTH):
        return NO_BONUS
    return Bonus(bonus.multiplier_bp, bonus.extra_minor)


def _qualified_before(referral: Referral) -> int:
    """The advocate's other referrals that stand qualified now; further orders of the same friend are none."""
    others = Referral.objects.filter(advocate_id=referral.advocate_id, state=Referral.State.QUALIFIED, follows=None)
    return int(others.exclude(pk=referral.pk).count())


def _move_tier(
    advocate: Advocate, referral: Referral, view: OrderView, terms: Terms, grant: Grant, *, now: datetime
) -> None:
    """Up by the program's metric, never down by itself; the new level counts from the next referral on."""
    if not terms.tiers or referral.follows_id:
        return
    level = terms.level_for(_measured(referral, view, terms, grant))
    if level <= advocate.tier:
        return
    before, advocate.tier, advocate.tier_moved_at = advocate.tier, level, now
    advocate.save(update_fields=["tier", "tier_moved_at"])
    data = {
        "before": before,
        "tier": level,
        "name": terms.tiers[level - 1].name,
        "program_id": str(advocate.program_id),
    }
    record("advocate.tier_moved", subject=advocate, by=SYSTEM, now=now, data=data)


def _measured(referral: Referral, view: OrderView, terms: Terms, grant: Grant) -> int:
    if terms.tier_metric == TierMetric.REFERRALS:
        return grant.ordinal
    others = Referral.objects.filter(advocate_id=referral.advocate_id, state=Referral.State.QUALIFIED)
    return revenue_of(others.exclude(pk=referral.pk)) + counted(view, terms, referral.worth_minor)[1]
