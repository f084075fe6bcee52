"""What hangs on a program at this moment: whom a step would touch, and what goes on all the same.

Every count stops at MANY: beyond that a page says "more than", for nobody decides otherwise at 10,001.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, QuerySet, Subquery

from advocates.models import Advocate, Link
from insights.programs import MANY, CountOf
from programs.models import Program
from rewards.models import BonusCampaign, Reward
from rewards.selectors import rewards_by_state
from tracking.models import Claim, Referral


@dataclass(frozen=True, slots=True)
class Stakes:
    """``last_offer`` is until when the last offer that was given can be used, ``last_release`` when the last known hold
    ends; a count above MANY means more than that."""

    advocates: int
    links: int
    offers: int
    last_offer: datetime | None
    referrals: int
    held: int
    last_release: datetime | None
    under_way: int
    bonuses: int


def stakes_of(program: Program, now: datetime) -> Stakes:
    """Three statements, over rows that are still open, sums that are kept or an index of the program's own."""
    held = Reward.objects.filter(program=program, state=Reward.State.HELD, release_at__isnull=False)
    asked = {
        "advocates": Advocate.objects.filter(program=program, state=Advocate.State.ACTIVE),
        "links": Link.objects.filter(advocate__program=program, retired_at=None, replaced_by=None),
        "referrals": Referral.objects.filter(program=program, state=Referral.State.PENDING),
        "bonuses": BonusCampaign.objects.filter(program=program, ends_at__gt=now),
    }
    counted: Any = {name: _up_to(rows) for name, rows in asked.items()}
    counted["last_release"] = Subquery(held.order_by("-release_at").values("release_at")[:1])
    offers, rewards = _latest(offers_open(program.pk, now), "expires_at"), rewards_by_state(program.pk)
    return Stakes(
        offers=offers[0],
        last_offer=offers[1],
        held=rewards.get(Reward.State.HELD, 0),
        under_way=rewards.get(Reward.State.RELEASED, 0) + rewards.get(Reward.State.FULFILLING, 0),
        **Program.objects.filter(pk=program.pk).values(**counted).order_by().get(),
    )


def offers_open(program_id: UUID, now: datetime) -> QuerySet[Claim]:
    """Given and neither used nor run out."""
    found: QuerySet[Claim] = Claim.objects.filter(program_id=program_id, state=Claim.State.ISSUED, expires_at__gt=now)
    return found


def _up_to(rows: QuerySet[Any]) -> CountOf:
    return CountOf(rows.order_by().values("pk")[: MANY + 1])


def _latest(rows: QuerySet[Any], at: str) -> tuple[int, datetime | None]:
    """How many, and the latest moment among them, which comes first: so it is among those that are counted."""
    latest = rows.order_by(F(at).desc(nulls_last=True))[: MANY + 1]
    found = latest.aggregate(count=Count("pk"), last=Max(at))
    return int(found["count"]), found["last"]
