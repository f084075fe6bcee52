"""The few figures of the portal: how it goes, and how much room the cap leaves."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F, Q, Sum

from advocates.models import Advocate
from rewards.actions.cap import COUNTING
from rewards.models import Reward
from rewards.rules import cap_notice
from tracking.models import Click, Referral


@dataclass(frozen=True, slots=True)
class Tally:
    """Amounts in minor units of the program's currency, the advocate's own rewards only."""

    clicks: int
    friends: int
    coming_minor: int
    here_minor: int
    currency: str


def tally_of(advocate: Advocate) -> Tally:
    own = Reward.objects.filter(advocate=advocate, side=Reward.Side.ADVOCATE)
    coming = [Reward.State.HELD, Reward.State.RELEASED, Reward.State.FULFILLING, Reward.State.FAILED]
    sums = own.aggregate(
        coming=Sum("amount_minor", filter=Q(state__in=coming)),
        here=Sum(F("amount_minor") - F("clawed_back_minor"), filter=Q(state=Reward.State.FULFILLED)),
    )
    bought = [Referral.State.PENDING, Referral.State.QUALIFIED]
    return Tally(
        clicks=Click.objects.filter(link__advocate=advocate).count(),
        friends=Referral.objects.filter(advocate=advocate, state__in=bought).count(),
        coming_minor=sums["coming"] or 0,
        here_minor=sums["here"] or 0,
        currency=advocate.live_terms.currency,
    )


@dataclass(frozen=True, slots=True)
class Cap:
    given: int
    most: int
    reached: bool
    near: bool

    @property
    def share(self) -> int:
        """Basis points of the cap that are taken."""
        return self.given * 10_000 // self.most if self.most else 10_000


def cap_of(advocate: Advocate) -> Cap | None:
    most = advocate.live_terms.advocate_cap
    if most is None:
        return None
    given = Reward.objects.filter(advocate=advocate, side=Reward.Side.ADVOCATE, state__in=COUNTING).count()
    reached = cap_notice(given=given, cap=most).reached
    return Cap(given, most, reached, near=not reached and given * 10 >= most * 8)
