"""What an advocate has earned by a clean history: fewer looks, and a shorter hold where the terms say so."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Max

from advocates.models import Advocate
from kit.tenancy import transaction_required
from merchants.events import SYSTEM, record
from rewards.models import Reward
from rewards.rules import Why
from rewards.rules.trust import LEVELS, trust_for
from tracking.models import Review


@transaction_required
def renew_trust(advocate_id: UUID, *, now: datetime) -> int:
    """The level as the history says it by now: it falls by a fault alone, never by a customer who returned something.
    The caller holds the advocate's lock. Returns the level."""
    advocate: Advocate = Advocate.objects.get(pk=advocate_id)
    since = _last_fault(advocate_id)
    level = trust_for(clean_of(advocate_id, since))
    level = level if since else max(level, advocate.trust_level)
    if level == advocate.trust_level:
        return level
    before, advocate.trust_level = advocate.trust_level, level
    advocate.save(update_fields=["trust_level"])
    data = {"before": before, "level": level}
    record("advocate.trust_changed", subject=advocate, by=SYSTEM, now=now, data=data)
    return level


def _last_fault(advocate_id: UUID) -> datetime | None:
    """When a referral of theirs was last refused by a person, or its payment taken back."""
    refused = Review.objects.filter(advocate=advocate_id, state=Review.State.REFUSED)
    lost = Reward.objects.filter(advocate=advocate_id, state=Reward.State.REVERSED, reason=Why.DISPUTE_LOST)
    ends = [refused.aggregate(at=Max("decided_at"))["at"], lost.aggregate(at=Max("reversed_at"))["at"]]
    return max(filter(None, ends), default=None)


def clean_of(advocate_id: UUID, since: datetime | None = None) -> int:
    """Referrals that were delivered after their hold and stayed so, made after ``since``.

    Counted no further than the highest level needs. Further orders of the same friend are none of their own.
    """
    rewards = Reward.objects.filter(
        advocate=advocate_id,
        side=Reward.Side.ADVOCATE,
        state=Reward.State.FULFILLED,
        referral__follows=None,
        referral__isnull=False,
    )
    if since is not None:
        rewards = rewards.filter(referral__attributed_at__gt=since)
    return len(rewards.values_list("pk", flat=True)[: LEVELS[-1]])
