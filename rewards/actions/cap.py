"""The advocate's cap: counted under the advocate's lock, told before and when it is reached."""

from __future__ import annotations

from datetime import datetime

from kit.tenancy import transaction_required
from merchants.events import record
from rewards.models import Reward
from rewards.rules import cap_notice
from tracking.locks import lock_advocate
from tracking.models import Referral

#: Rewards in these states take a place under the cap.
_State = Reward.State
COUNTING = (_State.HELD, _State.RELEASED, _State.FULFILLING, _State.FULFILLED, _State.FAILED)


@transaction_required
def room_under_cap(*, referral: Referral, now: datetime, by: str) -> bool:
    """Whether this referral may have its advocate reward. Refused once is refused for good; granted stays granted."""
    cap = referral.terms.as_terms().advocate_cap
    if cap is None:
        return True
    if referral.over_cap:
        return False
    lock_advocate(referral.advocate_id)
    given = rewards_counting(referral)
    if _has_place(referral):
        return True
    if given >= cap:
        referral.over_cap = True
        referral.save(update_fields=["over_cap"])
        return False
    _tell(referral, given=given + 1, cap=cap, now=now, by=by)
    return True


def rewards_counting(referral: Referral) -> int:
    return int(
        Reward.objects.filter(advocate_id=referral.advocate_id, side=Reward.Side.ADVOCATE, state__in=COUNTING).count()
    )


def has_friend_reward_elsewhere(referral: Referral) -> bool:
    """A friend gets their reward once per program, also where the advocate's cap refused the first order."""
    theirs = Reward.objects.filter(
        recipient_id=referral.friend_id, program_id=referral.program_id, side=Reward.Side.FRIEND, state__in=COUNTING
    )
    return bool(theirs.exclude(referral=referral).exists())


def _has_place(referral: Referral) -> bool:
    own = Reward.objects.filter(referral=referral, advocate_id=referral.advocate_id, side=Reward.Side.ADVOCATE)
    return bool(own.filter(state__in=COUNTING).exists())


def _tell(referral: Referral, *, given: int, cap: int, now: datetime, by: str) -> None:
    notice = cap_notice(given=given, cap=cap)
    data = {"given": given, "cap": cap, "program_id": str(referral.program_id)}
    if notice.near:
        record("advocate.cap_near", subject=referral.advocate, by=by, now=now, data=data)
    if notice.reached:
        record("advocate.cap_reached", subject=referral.advocate, by=by, now=now, data=data)
