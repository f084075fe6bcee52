"""How many referrals and rewards of a program are in each state, and how many of the latter something stops."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet

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
    blocks = RewardBlock.objects.filter(lifted_at=None, reward__program_id=program_id, reward__state__in=UNDELIVERED)
    stopped = blocks.values("reward__state").annotate(count=Count("reward", distinct=True)).order_by()
    return States(
        _by_state(Referral.objects.filter(program_id=program_id)),
        rewards_by_state(program_id),
        {row["reward__state"]: row["count"] for row in stopped},
    )


def _by_state(rows: QuerySet[Any]) -> dict[str, int]:
    return {row["state"]: row["count"] for row in rows.values("state").annotate(count=Count("id")).order_by()}
