"""The few figures of the portal: how it goes, and how much room the cap leaves."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import F, Q, Sum

from advocates.models import Advocate
from rewards.models import Reward
from rewards.rules import cap_notice
from rewards.selectors import COUNTING
from tracking.figures import clicks_of
from tracking.models import Referral


@dataclass(frozen=True, slots=True)
class Tally:
    """Amounts in minor units of the program's currency, the advocate's own rewards only."""

    clicks: int
    friends: int
    coming_minor: int
    here_minor: int
    currency: str
    #: The same of every other unit they ever got: points, months, pieces.
    others: list[UnitTally] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class UnitTally:
    unit: str
    coming: int
    here: int


def tally_of(advocate: Advocate) -> Tally:
    own = Reward.objects.filter(advocate=advocate, side=Reward.Side.ADVOCATE)
    coming = [Reward.State.HELD, Reward.State.RELEASED, Reward.State.FULFILLING, Reward.State.FAILED]
    sums = own.values("unit").annotate(
        coming=Sum("amount_minor", filter=Q(state__in=coming), default=0),
        here=Sum(F("amount_minor") - F("clawed_back_minor"), filter=Q(state=Reward.State.FULFILLED), default=0),
    )
    by_unit = {row["unit"]: UnitTally(row["unit"], row["coming"], row["here"]) for row in sums.order_by("unit")}
    currency = advocate.live_terms.currency
    money = by_unit.pop(currency, UnitTally(currency, 0, 0))
    bought = [Referral.State.PENDING, Referral.State.QUALIFIED]
    return Tally(
        clicks=clicks_of(advocate),
        friends=Referral.objects.filter(advocate=advocate, state__in=bought).count(),
        coming_minor=money.coming,
        here_minor=money.here,
        currency=currency,
        others=[each for each in by_unit.values() if each.coming or each.here],
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
    own = Reward.objects.filter(advocate=advocate, side=Reward.Side.ADVOCATE, state__in=COUNTING)
    given = own.filter(order__isnull=False).count()
    reached = cap_notice(given=given, cap=most).reached
    return Cap(given, most, reached, near=not reached and given * 10 >= most * 8)
