"""The advocate's caps, by count and by value: counted under the advocate's lock, told before and when reached."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet, Sum

from kit.tenancy import transaction_required
from merchants.events import record
from programs.rules import Terms
from rewards.models import Reward
from rewards.rules import CapNotice, cap_notice, cap_starts_at
from rewards.selectors import COUNTING
from tracking.locks import lock_advocate
from tracking.models import Referral


@transaction_required
def room_under_cap(*, referral: Referral, terms: Terms, zone: str, now: datetime, by: str) -> bool:
    """Whether this referral may have its advocate reward. Refused once is refused for good; granted stays granted."""
    cap = terms.advocate_cap
    if cap is None:
        return True
    if referral.over_cap:
        return False
    lock_advocate(referral.advocate_id)
    if _has_place(referral):
        return True
    given = counting_under_cap(referral.advocate_id, terms, zone=zone, now=now).count()
    if given >= cap:
        refuse_over_cap(referral)
        return False
    tell_cap(referral, cap_notice(given=given + 1, cap=cap), now=now, by=by, given=given + 1, cap=cap)
    return True


@transaction_required
def refuse_over_cap(referral: Referral) -> None:
    referral.over_cap = True
    referral.save(update_fields=["over_cap"])


def counting_under_cap(advocate_id: object, terms: Terms, *, zone: str, now: datetime) -> QuerySet[Reward]:
    """The advocate's rewards that take a place: of the cap's period, or of all time."""
    given: QuerySet[Reward] = Reward.objects.filter(
        advocate_id=advocate_id, side=Reward.Side.ADVOCATE, state__in=COUNTING, order__isnull=False
    )
    starts_at = cap_starts_at(terms.cap_period, now=now, zone=zone)
    return given.filter(created_at__gte=starts_at) if starts_at else given


def value_under_cap(advocate_id: object, terms: Terms, *, unit: str, zone: str, now: datetime) -> int:
    given = counting_under_cap(advocate_id, terms, zone=zone, now=now).filter(unit=unit)
    return int(given.aggregate(total=Sum("amount_minor"))["total"] or 0)


def has_friend_reward_elsewhere(referral: Referral) -> bool:
    """A friend gets their reward once per program, also where the advocate's cap refused the first order."""
    theirs = Reward.objects.filter(
        recipient_id=referral.friend_id, program_id=referral.program_id, side=Reward.Side.FRIEND, state__in=COUNTING
    )
    return bool(theirs.exclude(referral=referral).exists())


def _has_place(referral: Referral) -> bool:
    own = Reward.objects.filter(referral=referral, advocate_id=referral.advocate_id, side=Reward.Side.ADVOCATE)
    return bool(own.filter(state__in=COUNTING).exists())


def tell_cap(referral: Referral, notice: CapNotice, *, now: datetime, by: str, **data: Any) -> None:
    data["program_id"] = str(referral.program_id)
    if notice.near:
        record("advocate.cap_near", subject=referral.advocate, by=by, now=now, data=data)
    if notice.reached:
        record("advocate.cap_reached", subject=referral.advocate, by=by, now=now, data=data)
