"""What stands on the first page: the rates, the funnel, the revenue, the best advocates. Constant in queries.

Clicks and people come from the figures that are kept (docs/decisions/0011 and 0026); what is counted from rows is
counted by an index over the days that are shown, never over all there ever were.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncDate

from advocates.models import Advocate, PeopleSum, Share
from insights.days import Days
from insights.together import CountOf, SumOf, count_of, row_of
from kit.asked import asked_often
from kit.many import any_of
from programs.rules import Fulfilment
from rewards.models import Reward, RewardBlock
from rewards.selectors import ASKED_OF_RECIPIENT
from tracking.models import Claim, DayStat, Order, Referral


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened in some days; qualified are those of the attributed that qualify today. ``sharers`` and ``joined``
    are people: who shared at least once, and who became an advocate."""

    clicks: int
    claims: int
    attributed: int
    qualified: int
    sharers: int
    joined: int


@dataclass(frozen=True, slots=True)
class People:
    """Today, whatever days are looked at: all who are known, and the advocates who may recommend."""

    customers: int
    advocates: int


def figures(days: Days) -> tuple[Figures, Figures, People]:
    """Of the days, of as many before them, and of today: one statement, whose SQL is made once."""
    before = days.before
    of_days, of_before = ((one.first, one.last, one.since, one.until) for one in (days, before))
    [found] = _asked(*of_days, *of_before)
    told = [int(number or 0) for number in found]
    size = len(Figures.__slots__)
    return (Figures(*told[:size]), Figures(*told[size : 2 * size]), People(*told[2 * size :]))


@asked_often
def _asked(
    first: date, last: date, since: datetime, until: datetime,
    first_before: date, last_before: date, since_before: datetime, until_before: datetime,
) -> QuerySet[Any]:  # fmt: skip
    now, before = _counted(first, last, since, until), _counted(first_before, last_before, since_before, until_before)
    return row_of(*now, *before, *_people())


def _counted(first: date, last: date, since: datetime, until: datetime) -> list[Subquery]:
    """In the order of Figures."""
    referrals = _between(Referral.objects.all(), "attributed_at", since, until)
    return [
        SumOf(DayStat.objects.filter(day__gte=first, day__lte=last).values("clicks")),
        count_of(_between(Claim.objects.all(), "claimed_at", since, until)),
        count_of(referrals),
        count_of(referrals.filter(state=Referral.State.QUALIFIED)),
        CountOf(_between(Share.objects.all(), "at", since, until).order_by().values("advocate_id").distinct()),
        count_of(_between(Advocate.objects.all(), "enrolled_at", since, until)),
    ]


def _people() -> list[Subquery]:
    """In the order of People."""
    kept, of = PeopleSum.objects, PeopleSum.Kind
    active = kept.filter(kind=of.ADVOCATES, state=Advocate.State.ACTIVE)
    return [SumOf(kept.filter(kind=of.CUSTOMERS).values("people")), SumOf(active.values("people"))]


def _within(rows: QuerySet[Any], at: str, days: Days) -> QuerySet[Any]:
    return _between(rows, at, days.since, days.until)


def _between(rows: QuerySet[Any], at: str, since: datetime, until: datetime) -> QuerySet[Any]:
    return rows.filter(**{f"{at}__gte": since, f"{at}__lt": until})


def shares(days: Days) -> QuerySet[Any]:
    return _within(Share.objects.all(), "at", days)


def sharers(days: Days) -> QuerySet[Any]:
    """The advocates behind that figure."""
    rows: QuerySet[Any] = Advocate.objects.filter(Exists(shares(days).filter(advocate=OuterRef("pk"))))
    return rows


def sharers_counted(days: Days) -> QuerySet[Any]:
    """As many rows as there are sharers: by the index of shares alone, where ``sharers`` reads every advocate."""
    return shares(days).values("advocate_id").distinct()


@dataclass(frozen=True, slots=True)
class Revenue:
    """Net value of attributed orders that arrived in the days, in one currency; ``by_day`` has every day of them."""

    currency: str
    minor: int
    orders: int
    by_day: list[int]


def revenue_by_currency(days: Days) -> tuple[dict[str, Revenue], dict[str, Revenue]]:
    """Of the days, and of as many before them: one statement. After discounts and refunds, without tax and shipping
    (tracking.models.Order.net_base_minor)."""
    both = Days(days.before.first, days.last, days.zone)
    orders = _within(Order.objects.filter(outcome=Order.Outcome.ATTRIBUTED), "received_at", both)
    rows = orders.annotate(day=TruncDate("received_at", tzinfo=ZoneInfo(days.zone))).values("currency", "day")
    totals: dict[str, dict[date, tuple[int, int]]] = {}
    for row in rows.annotate(minor=Sum("net_base_minor"), count=Count("id")).order_by():
        totals.setdefault(row["currency"], {})[row["day"]] = (row["minor"], row["count"])
    return _of_days(totals, days), _of_days(totals, days.before)


def _of_days(totals: Mapping[str, Mapping[date, tuple[int, int]]], days: Days) -> dict[str, Revenue]:
    found = {currency: _revenue(currency, by_day, days) for currency, by_day in sorted(totals.items())}
    return {currency: revenue for currency, revenue in found.items() if revenue.orders}


def _revenue(currency: str, found: Mapping[date, tuple[int, int]], days: Days) -> Revenue:
    each = [found.get(one, (0, 0)) for one in days.dates]
    return Revenue(
        currency,
        minor=sum(minor for minor, _count in each),
        orders=sum(count for _minor, count in each),
        by_day=[minor for minor, _count in each],
    )


#: So many are looked up by name, for who comes first among equals.
EQUALS_NAMED = 200


@dataclass(frozen=True, slots=True)
class TopAdvocate:
    id: UUID
    name: str
    qualified: int


def top_advocates(days: Days, *, most: int = 5) -> list[TopAdvocate]:
    """By how many referrals of the days qualify today; of equals by name, among those who joined first where they are
    very many. Whoever brought none is not named."""
    rows = _within(Referral.objects.filter(state=Referral.State.QUALIFIED), "attributed_at", days)
    best = rows.values_list("advocate_id").annotate(n=Count("pk")).order_by("-n", "advocate_id")[:EQUALS_NAMED]
    brought: dict[UUID, int] = dict(best)
    names = Advocate.objects.filter(any_of("pk", brought)).values_list("pk", "customer__name", "customer__email")
    found = sorted(names, key=lambda row: (-brought[row[0]], row[1], row[0]))[:most] if brought else []
    return [TopAdvocate(key, name or email, brought[key]) for key, name, email in found]


# --- rewards that wait for a person -------------------------------------------------------------------------------


def rewards_to_see() -> dict[str, CountOf]:
    """Each count by an index of its own: together they would read every reward there ever was."""
    rows, by_hand = Reward.objects, [Fulfilment.MANUAL, Fulfilment.SHIPMENT]
    return {
        "failed": count_of(rows.filter(state=Reward.State.FAILED)),
        "to_send": count_of(rows.filter(state=Reward.State.RELEASED, fulfilment__in=by_hand)),
        "stopped": count_of(rows.filter(stopped_here())),
        "unshipped": count_of(rows.filter(unshipped_long())),
    }


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
