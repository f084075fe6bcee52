"""What erasing a person would take away, what would stay, and what stands in its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from advocates.actions.forget import had_paid
from advocates.models import Advocate, Customer, Link, Note, Tagged, Task
from insights.together import count_of, row_of
from leads.models import Lead
from merchants.models import Workspace
from rewards.actions.forget import OPEN
from rewards.models import DeliveryAddress, FulfilmentAttempt, Payout, PayoutAccount, PayoutLine, Reward
from tracking.actions.forget import was_referred
from tracking.models import Claim, Order, Referral

#: Payouts that are not over: money may be on its way.
UNDER_WAY = (Payout.State.PREVIEW, Payout.State.AWAITING_APPROVAL, Payout.State.CONFIRMED)


@dataclass(frozen=True, slots=True)
class GivenUp:
    """Rewards of one unit that the person would not get."""

    unit: str
    rewards: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """``obstacles`` are codes: payout, delivery, in_doubt. While there is one nobody is erased."""

    obstacles: list[str]
    given_up: list[GivenUp]
    notes: int
    tags: int
    tasks: int
    links: int
    addresses: int
    accounts: int
    leads: int
    orders: int
    referrals: int
    rewards: int
    #: Whether a hash of the address is kept (advocates.actions.forget.mark_erased).
    leaves_mark: bool


def closing_days() -> int:
    """From asking for a workspace's deletion until it is deleted: as the setting says, and never fewer than whoever
    migrated last told the database, which lets no earlier day pass (merchants 0014)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT closing_days()")
        return max(settings.WORKSPACE_CLOSING_DAYS, int(cursor.fetchone()[0]))


def obstacles_to_erasing(customer: Customer) -> list[str]:
    """Money that may be on its way to this person: afterwards nobody could tell the provider whom it is for."""
    lines = PayoutLine.objects.filter(recipient=customer, state=PayoutLine.State.INCLUDED, payout__state__in=UNDER_WAY)
    unknown = FulfilmentAttempt.objects.filter(reward=OuterRef("pk"), state=FulfilmentAttempt.State.UNKNOWN)
    theirs = Reward.objects.filter(recipient=customer)
    found = {
        "payout": lines.exists(),
        "delivery": theirs.filter(state=Reward.State.FULFILLING).exists(),
        "in_doubt": theirs.filter(Exists(unknown), state=Reward.State.FAILED).exists(),
    }
    return [code for code, stands in found.items() if stands]


def open_rewards_of(customer: Customer) -> list[Reward]:
    return list(Reward.objects.filter(recipient=customer, state__in=OPEN).order_by("pk"))


def open_rewards_of_erased() -> list[UUID]:
    rows = Reward.objects.filter(state__in=OPEN, rejected_at=None, recipient__erased_at__isnull=False)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:500])


def friends_to_forget(*, now: datetime) -> QuerySet[Customer]:
    """Who asked for an offer and never bought anything, longer ago than the merchant keeps such people. The longest
    known first."""
    days = Workspace.objects.values_list("friend_retention_days", flat=True).first()
    if days is None:
        return Customer.objects.none()
    before, them = now - timedelta(days=days), OuterRef("pk")
    rows = Customer.objects.filter(
        source=Customer.Source.CLAIM,
        created_at__lt=before,
        first_paid_at=None,
        imported_orders=0,
        erased_at=None,
    )
    ties = (
        Order.objects.filter(customer=them),
        Advocate.objects.filter(customer=them),
        Reward.objects.filter(recipient=them),
        Lead.objects.filter(customer=them),
        Claim.objects.filter(friend=them, claimed_at__gte=before),
    )
    for tie in ties:
        rows = rows.exclude(Exists(tie))
    return rows.order_by("created_at", "pk")


def outlook_for(customer: Customer) -> Outlook:
    """What is only counted is one statement."""
    advocates = Advocate.objects.filter(customer=customer).values("pk")
    counted = {
        "notes": Note.objects.filter(customer=customer),
        "tags": Tagged.objects.filter(customer=customer),
        "tasks": Task.objects.filter(customer=customer),
        "links": Link.objects.filter(advocate__in=advocates, retired_at=None),
        "addresses": DeliveryAddress.objects.filter(reward__recipient=customer),
        "accounts": PayoutAccount.objects.filter(customer=customer),
        "leads": Lead.objects.filter(customer=customer),
        "orders": Order.objects.filter(customer=customer),
        "referrals": Referral.objects.filter(Q(friend=customer) | Q(advocate__in=advocates)),
        "rewards": Reward.objects.filter(recipient=customer),
    }
    numbers = dict(zip(counted, row_of(*map(count_of, counted.values())).get(), strict=True))
    return Outlook(
        obstacles=obstacles_to_erasing(customer),
        given_up=_given_up(customer),
        leaves_mark=bool(settings.ERASED_MARK_DAYS) and (had_paid(customer) or was_referred(customer)),
        **numbers,
    )


def _given_up(customer: Customer) -> list[GivenUp]:
    rows = Reward.objects.filter(recipient=customer, state__in=OPEN).values("unit")
    sums = rows.annotate(rewards=Count("pk"), amount=Sum("amount_minor")).order_by("unit")
    return [GivenUp(row["unit"], row["rewards"], row["amount"]) for row in sums]
