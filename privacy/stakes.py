"""What an owner should know before a workspace is deleted."""

from __future__ import annotations

from dataclasses import dataclass

from advocates.models import Link, PeopleSum
from insights.together import SumOf, count_of, row_of
from integrations.models import Connection
from merchants.models import Membership, Merchant
from privacy.selectors import UNDER_WAY
from programs.models import Program
from rewards.models import Payout
from rewards.selectors import MoneyInState, money_by_state
from tracking.models import Review


@dataclass(frozen=True, slots=True)
class Stakes:
    """``money``: held and due, of every unit in which there is some."""

    money: list[MoneyInState]
    programs: int
    links: int
    advocates: int
    customers: int
    payouts: int
    in_review: int
    connections: int
    members: int


def stakes_of(merchant: Merchant) -> Stakes:
    money = [one for one in money_by_state() if one.held_minor or one.due_minor]
    asked = {
        "programs": Program.objects.filter(state=Program.State.ACTIVE, archived_at=None),
        "links": Link.objects.filter(retired_at=None),
        "payouts": Payout.objects.filter(state__in=UNDER_WAY),
        "in_review": Review.objects.filter(state=Review.State.OPEN).exclude(cause=Review.Cause.SAMPLE),
        "connections": Connection.objects.filter(removed_at=None),
    }
    counts = {name: count_of(rows) for name, rows in asked.items()} | {
        "advocates": _kept(PeopleSum.Kind.ADVOCATES),
        "customers": _kept(PeopleSum.Kind.CUSTOMERS),
    }
    found = dict(zip(counts, map(int, row_of(*counts.values()).get()), strict=True))
    return Stakes(money=money, members=Membership.objects.filter(merchant=merchant).count(), **found)


def _kept(kind: str) -> SumOf:
    """Of people the number is kept: there may be hundred thousands."""
    return SumOf(PeopleSum.objects.filter(kind=kind).values("people"))
