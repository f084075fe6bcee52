"""What an owner should know before a workspace is deleted."""

from __future__ import annotations

from dataclasses import dataclass

from advocates.models import Advocate, Customer, Link
from insights.together import count_of, numbers
from integrations.models import Connection
from merchants.models import Membership, Merchant
from programs.models import Program
from rewards.models import Payout
from rewards.selectors import MoneyInState, money_by_state
from tracking.models import Review

#: Payouts that are not over.
OPEN_PAYOUTS = (Payout.State.PREVIEW, Payout.State.AWAITING_APPROVAL, Payout.State.CONFIRMED)


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
    found = numbers(
        programs=count_of(Program.objects.filter(state=Program.State.ACTIVE, archived_at=None)),
        links=count_of(Link.objects.filter(retired_at=None)),
        advocates=count_of(Advocate.objects.all()),
        customers=count_of(Customer.objects.all()),
        payouts=count_of(Payout.objects.filter(state__in=OPEN_PAYOUTS)),
        in_review=count_of(Review.objects.filter(state=Review.State.OPEN)),
        connections=count_of(Connection.objects.filter(removed_at=None)),
    )
    return Stakes(money=money, members=Membership.objects.filter(merchant=merchant).count(), **found)
