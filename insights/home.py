"""What stands on the first page: the funnel, the revenue, and what has to be seen to. Constant in queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.functions import TruncDate

from advocates.models import Advocate
from insights.days import Days
from programs.rules import Fulfilment
from rewards.models import Reward, RewardBlock
from rewards.selectors import ASKED_OF_RECIPIENT
from tracking.figures import clicks_between
from tracking.models import Claim, Order, Referral


@dataclass(frozen=True, slots=True)
class Funnel:
    """Each step counts what happened in the days; qualified are those of the attributed that qualify today."""

    clicks: int
    claims: int
    attributed: int
    qualified: int


def funnel(days: Days) -> Funnel:
    referrals = Referral.objects.filter(attributed_at__gte=days.since, attributed_at__lt=days.until).aggregate(
        attributed=Count("id"), qualified=Count("id", filter=Q(state=Referral.State.QUALIFIED))
    )
    return Funnel(
        clicks=clicks_between(days.first, days.last),
        claims=Claim.objects.filter(claimed_at__gte=days.since, claimed_at__lt=days.until).count(),
        **referrals,
    )


@dataclass(frozen=True, slots=True)
class Revenue:
    """Net value of attributed orders that arrived in the days, in one currency; ``by_day`` has every day of them."""

    currency: str
    minor: int
    orders: int
    by_day: list[int]


def revenue_by_currency(days: Days) -> dict[str, Revenue]:
    """After discounts and refunds, without tax and shipping (tracking.models.Order.net_base_minor)."""
    orders = Order.objects.filter(
        outcome=Order.Outcome.ATTRIBUTED, received_at__gte=days.since, received_at__lt=days.until
    )
    rows = orders.annotate(day=TruncDate("received_at", tzinfo=ZoneInfo(days.zone))).values("currency", "day")
    totals: dict[str, dict[date, tuple[int, int]]] = {}
    for row in rows.annotate(minor=Sum("net_base_minor"), count=Count("id")).order_by():
        totals.setdefault(row["currency"], {})[row["day"]] = (row["minor"], row["count"])
    return {currency: _revenue(currency, found, days) for currency, found in sorted(totals.items())}


def _revenue(currency: str, found: Mapping[date, tuple[int, int]], days: Days) -> Revenue:
    return Revenue(
        currency,
        minor=sum(minor for minor, _count in found.values()),
        orders=sum(count for _minor, count in found.values()),
        by_day=[found.get(one, (0, 0))[0] for one in days.dates],
    )


@dataclass(frozen=True, slots=True)
class RewardsToSee:
    """Counts of rewards that wait for a person."""

    failed: int
    to_send: int
    stopped: int
    unshipped: int


def rewards_to_see() -> RewardsToSee:
    """Each count by an index of its own: together they would read every reward there ever was."""
    rows, by_hand = Reward.objects, [Fulfilment.MANUAL, Fulfilment.SHIPMENT]
    return RewardsToSee(
        failed=rows.filter(state=Reward.State.FAILED).count(),
        to_send=rows.filter(state=Reward.State.RELEASED, fulfilment__in=by_hand).count(),
        stopped=rows.filter(stopped_here()).count(),
        unshipped=rows.filter(unshipped_long()).count(),
    )


def stopped_here() -> Q:
    """By the team, a budget, a dispute or a service: not where only its recipient can say something."""
    blocks = RewardBlock.objects.filter(reward=OuterRef("pk"), lifted_at=None).exclude(kind__in=ASKED_OF_RECIPIENT)
    return Q(Exists(blocks)) & undelivered()


def undelivered() -> Q:
    """One condition per partial index of rewards: written as one list of states it would fit none of them."""
    return Q(state=Reward.State.HELD) | due()


def due() -> Q:
    """Released, and not with the person yet."""
    return Q(state__in=[Reward.State.RELEASED, Reward.State.FULFILLING]) | Q(state=Reward.State.FAILED)


def unshipped_long() -> Q:
    """Held for an order that somebody was told of, for nobody ships it."""
    return Q(state=Reward.State.HELD, release_at=None, order__unshipped_told_at__isnull=False)


def has_advocates() -> bool:
    return bool(Advocate.objects.exists())


def has_referrals() -> bool:
    return bool(Referral.objects.exists())
