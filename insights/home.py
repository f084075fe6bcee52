"""What stands on the first page: the rates, the funnel, the revenue, the best advocates. Constant in queries.

Clicks and people come from the figures that are kept (docs/decisions/0011 and 0026); what is counted from rows is
counted by an index over the days that are shown, never over all there ever were.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Sum

from advocates.models import Advocate, PeopleSum, Share
from insights.days import Days, PlaceOf
from insights.together import CountOf, DifferentOf, SumOf, count_of, row_of
from kit.asked import asked_often
from kit.many import any_of
from programs.rules import Fulfilment
from rewards.models import Reward, RewardBlock
from rewards.selectors import ASKED_OF_RECIPIENT
from tracking.models import Claim, DayStat, Order, Referral

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Funnel:
    """What happened in some days; qualified are those of the attributed that qualify today."""

    clicks: int
    claims: int
    attributed: int
    qualified: int


@dataclass(frozen=True, slots=True)
class Figures(Funnel):
    """And the people of those days: who shared at least once, and who became an advocate."""

    sharers: int
    joined: int


@dataclass(frozen=True, slots=True)
class People:
    """Today, whatever days are looked at: all who are known, and the advocates who may recommend."""

    customers: int
    advocates: int


def figures(days: Days) -> tuple[Figures, Funnel, People]:
    """Of the days, of as many before them, and of today: one statement, whose SQL is made once."""
    before = days.before
    of_days, of_before = ((one.first, one.last, one.since, one.until) for one in (days, before))
    [found] = _asked(*of_days, *of_before)
    told = (int(number or 0) for number in found)
    return _next(Figures, told), _next(Funnel, told), _next(People, told)


def _next(kind: type[T], told: Iterator[int]) -> T:
    return kind(*islice(told, len(fields(kind))))  # type: ignore[arg-type]  # each is a dataclass of numbers


@asked_often
def _asked(
    first: date, last: date, since: datetime, until: datetime,
    first_before: date, last_before: date, since_before: datetime, until_before: datetime,
) -> QuerySet[Any]:  # fmt: skip
    before = _funnel(first_before, last_before, since_before, until_before)
    return row_of(*_funnel(first, last, since, until), *_joining(since, until), *before, *_people())


def _funnel(first: date, last: date, since: datetime, until: datetime) -> list[Subquery]:
    """In the order of Funnel."""
    return [
        SumOf(DayStat.objects.filter(day__gte=first, day__lte=last).values("clicks")),
        count_of(_between(Claim.objects.all(), "claimed_at", since, until)),
        count_of(_between(Referral.objects.all(), "attributed_at", since, until)),
        count_of(_between(_qualified(), "attributed_at", since, until)),
    ]


def _joining(since: datetime, until: datetime) -> list[Subquery]:
    """In the order of what Figures adds to Funnel."""
    return [
        DifferentOf(_between(Share.objects.all(), "at", since, until).order_by().values("advocate_id")),
        count_of(_between(Advocate.objects.all(), "enrolled_at", since, until)),
    ]


def _qualified() -> QuerySet[Referral]:
    """They have an index of their own, which says whose they are."""
    rows: QuerySet[Referral] = Referral.objects.filter(state=Referral.State.QUALIFIED)
    return rows


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
    dates, totals = both.dates, dict[str, dict[date, tuple[int, int]]]()
    for currency, place, minor, count in _revenue_of(both.starts, both.since, both.until):
        totals.setdefault(currency, {})[dates[place - 1]] = (minor, count)
    return _of_days(totals, days), _of_days(totals, days.before)


@asked_often
def _revenue_of(starts: list[datetime], since: datetime, until: datetime) -> QuerySet[Any]:
    """By an index that holds all it takes: none of these orders is read."""
    orders = _between(Order.objects.filter(outcome=Order.Outcome.ATTRIBUTED), "received_at", since, until)
    rows = orders.annotate(place=PlaceOf("received_at", starts)).values_list("currency", "place")
    return rows.annotate(minor=Sum("net_base_minor"), count=Count("*")).order_by()


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


#: So many may come into question, where many are equal.
EQUALS_NAMED = 200


@dataclass(frozen=True, slots=True)
class TopAdvocate:
    id: UUID
    name: str
    qualified: int


def top_advocates(days: Days, *, most: int = 5) -> list[TopAdvocate]:
    """By how many referrals of the days qualify today; of equals by name, among those who joined first where they are
    very many. Whoever brought none is not named."""
    brought = dict(as_good_as(most, _most_qualified(days.since, days.until)))
    found = sorted(_names(list(brought)), key=lambda row: (-brought[row[0]], row[1], row[0])) if brought else []
    return [TopAdvocate(key, name or email, brought[key]) for key, name, email in found[:most]]


def as_good_as(place: int, best: list[tuple[UUID, int]]) -> Iterable[tuple[UUID, int]]:
    """Those whom a name may bring among the first: who brought as many as the one at that place."""
    least = min((brought for _key, brought in best[:place]), default=0)
    return (one for one in best if one[1] >= least)


@asked_often
def _most_qualified(since: datetime, until: datetime) -> QuerySet[Any]:
    rows = _between(_qualified(), "attributed_at", since, until).values_list("advocate_id")
    return rows.annotate(n=Count("*")).order_by("-n", "advocate_id")[:EQUALS_NAMED]


@asked_often
def _names(advocates: list[UUID]) -> QuerySet[Any]:
    return Advocate.objects.filter(any_of("pk", advocates)).values_list("pk", "customer__name", "customer__email")


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
