"""How many referrals and rewards of a program are in each state, and how many of the latter something stops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

from kit.asked import asked_often
from rewards.models import Reward, RewardBlock
from rewards.selectors import rewards_by_state
from tracking.models import Referral


@dataclass(frozen=True, slots=True)
class States:
    """State -> count; what nothing is in is absent. ``stopped``: of those rewards, by state."""

    referrals: Mapping[str, int] = field(default_factory=dict)
    rewards: Mapping[str, int] = field(default_factory=dict)
    stopped: Mapping[str, int] = field(default_factory=dict)


#: What can be stopped: everything else is over.
UNDELIVERED = (Reward.State.HELD, Reward.State.RELEASED, Reward.State.FULFILLING, Reward.State.FAILED)


def states_of(program_id: UUID) -> States:
    """Three statements; rewards come from the sums that are kept, however many there are."""
    return States(dict(_referrals(program_id)), rewards_by_state(program_id), dict(_stopped(program_id)))


@asked_often
def _referrals(program_id: UUID) -> QuerySet[Any]:
    rows: QuerySet[Any] = Referral.objects.filter(program=program_id).order_by().values_list("state")
    return rows.annotate(count=Count("id"))


@asked_often
def _stopped(program_id: UUID) -> QuerySet[Any]:
    blocks = RewardBlock.objects.filter(lifted_at=None, reward__program=program_id, reward__state__in=UNDELIVERED)
    rows: QuerySet[Any] = blocks.order_by().values_list("reward__state")
    return rows.annotate(count=Count("reward", distinct=True))
