"""What rewards will cost and when: due by day, ending by day, cash for the next days. Constant in queries.

Amounts are of one unit each and never summed across units. What is stopped or waits for shipment has no day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, DateField, Exists, F, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Greatest, Least, TruncDate

from insights.home import undelivered
from kit.asked import asked_often
from kit.days import local_date, start_of_day
from kit.money import is_currency
from programs.rules import Form, Fulfilment
from rewards.locks import can_end_unclaimed, can_end_unused
from rewards.models import Reward, RewardBlock
from rewards.rules.ending import CLAIM_WITHIN

State = Reward.State
AHEAD = 90
SOON, LATER = 7, 30
#: Where the end of a hold lies: in none of SOON, LATER and AHEAD days, which are 0 to 2; or there is none.
SPANS, NEVER = 3, -1
DUE = (State.RELEASED, State.FULFILLING, State.FAILED)

#: Money that leaves the merchant's account when it is given. A code or store credit costs nothing until it is used.
CASH = (
    Q(fulfilment__in=[Fulfilment.PAYOUT, Fulfilment.GIFT_CARD])
    | Q(fulfilment=Fulfilment.MANUAL, kind=None)
    | Q(fulfilment=Fulfilment.MANUAL, kind__form__in=[Form.CASH, Form.GIFT_CARD])
)


@dataclass(frozen=True, slots=True)
class Amount:
    minor: int = 0
    count: int = 0


NOTHING = Amount()


@dataclass
class Day:
    """``due``: holds that end on it. ``unused``, ``unclaimed``: what ends on it unless it is used or claimed before."""

    on: date
    due: Amount = NOTHING
    unused: Amount = NOTHING
    unclaimed: Amount = NOTHING


@dataclass
class Outlook:
    """One unit. ``days`` has only those on which something happens; what is overdue stands on the first day."""

    unit: str
    days: dict[date, Day] = field(default_factory=dict)
    due_now: Amount = NOTHING
    unshipped: Amount = NOTHING
    stopped: Amount = NOTHING
    later: Amount = NOTHING
    cash_soon: Amount = NOTHING
    cash_later: Amount = NOTHING

    def on(self, day: date) -> Day:
        return self.days.setdefault(day, Day(day))

    @property
    def is_money(self) -> bool:
        return is_currency(self.unit)

    @property
    def in_order(self) -> list[Day]:
        return [self.days[day] for day in sorted(self.days)]

    def due_between(self, first: date, last: date) -> Amount:
        found = [day.due for day in self.days.values() if first <= day.on <= last]
        return Amount(sum(one.minor for one in found), sum(one.count for one in found))


def stopped() -> Q:
    return _has_block() & undelivered()


def dated() -> Q:
    """Held, with an end of the hold, and nothing in its way."""
    return Q(state=State.HELD, release_at__isnull=False) & ~_has_block()


def cash_needed() -> Q:
    """Undelivered money that will leave the account, with nothing in its way."""
    return CASH & undelivered() & ~_has_block()


def _has_block() -> Q:
    return Q(Exists(RewardBlock.objects.filter(reward=OuterRef("pk"), lifted_at=None)))


def outlook(now: datetime, zone: str) -> list[Outlook]:
    """Every unit with something ahead, in the order of their names."""
    found: defaultdict[str, Outlook] = _Units()
    today = local_date(now, zone)
    last = today + timedelta(days=AHEAD)
    _add_open(found, today, zone)
    for day, unit, *amount in _ending_unused(zone)(_end_of(last, zone)):
        place = found[unit].on(max(day, today))
        place.unused = _sum(place.unused, Amount(*amount))
    for day, unit, *amount in _ending_unclaimed(zone)(_end_of(last, zone) - CLAIM_WITHIN):
        place = found[unit].on(max(day + CLAIM_WITHIN, today))
        place.unclaimed = _sum(place.unclaimed, Amount(*amount))
    return [found[unit] for unit in sorted(found)]


class _Units(defaultdict[str, Outlook]):
    def __missing__(self, unit: str) -> Outlook:
        self[unit] = made = Outlook(unit)
        return made


def _end_of(day: date, zone: str) -> datetime:
    """The first instant after the day."""
    return start_of_day(day + timedelta(days=1), zone)


@cache
def _ending_unused(zone: str) -> Callable[[datetime], list[Any]]:
    @asked_often
    def rows(until: datetime) -> QuerySet[Any]:
        return _by_day(can_end_unused().filter(valid_until__lt=until), "valid_until", zone)

    return rows


@cache
def _ending_unclaimed(zone: str) -> Callable[[datetime], list[Any]]:
    @asked_often
    def rows(until: datetime) -> QuerySet[Any]:
        return _by_day(can_end_unclaimed().filter(release_at__lt=until), "release_at", zone)

    return rows


def _by_day(rows: QuerySet[Reward], at: str, zone: str) -> QuerySet[Any]:
    """(day, unit, sum, how many)."""
    days = rows.order_by().annotate(day=TruncDate(at, tzinfo=ZoneInfo(zone)))
    sums: QuerySet[Any] = days.values_list("day", "unit")
    return sums.annotate(minor=Sum(F("amount_minor") - F("clawed_back_minor")), count=Count("id"))


def _add_open(found: defaultdict[str, Outlook], today: date, zone: str) -> None:
    """By day, what comes due; what has no day within the calendar; and the cash: one statement that looks at each open
    reward once. All that is overdue is of today, all that is beyond the calendar of the day after its last."""
    beyond = today + timedelta(days=AHEAD + 1)
    for unit, state, is_stopped, is_cash, day, minor, left, count in _open(zone)(today, beyond):
        for name in _names_of(state, is_stopped, is_cash, _span(day, today)):
            setattr(found[unit], name, _sum(getattr(found[unit], name), Amount(minor, count)))
        if state == State.HELD and not is_stopped and day and day < beyond:
            place = found[unit].on(day)
            place.due = _sum(place.due, Amount(left, count))


@cache
def _open(zone: str) -> Callable[[date, date], list[Any]]:
    @asked_often
    def rows(today: date, beyond: date) -> QuerySet[Any]:
        on = Least(Greatest(TruncDate("release_at", tzinfo=ZoneInfo(zone)), Value(today)), Value(beyond))
        rewards: QuerySet[Any] = Reward.objects.filter(undelivered()).annotate(
            is_stopped=Exists(RewardBlock.objects.filter(reward=OuterRef("pk"), lifted_at=None)),
            is_cash=Case(When(CASH, then=True), default=False),
            on=Case(When(release_at=None, then=None), default=on, output_field=DateField()),
        )
        alike = rewards.order_by().values_list("unit", "state", "is_stopped", "is_cash", "on")
        left = Sum(F("amount_minor") - F("clawed_back_minor"))
        return alike.annotate(minor=Sum("amount_minor"), left=left, count=Count("id"))

    return rows


def _span(day: date | None, today: date) -> int:
    if day is None:
        return NEVER
    ends = (today + timedelta(days=count) for count in (SOON, LATER, AHEAD))
    return next((place for place, end in enumerate(ends) if day <= end), SPANS)


def _names_of(state: str, is_stopped: bool, is_cash: bool, span: int) -> Iterator[str]:
    """To which of the sums rewards belong that have all this in common."""
    if is_stopped:
        yield "stopped"
        return
    if state in DUE:
        yield "due_now"
    elif span == NEVER:
        yield "unshipped"
    elif span == SPANS:
        yield "later"
    if is_cash and NEVER < span <= 0:
        yield "cash_soon"
    if is_cash and NEVER < span <= 1:
        yield "cash_later"


def _sum(one: Amount, other: Amount) -> Amount:
    return Amount(one.minor + other.minor, one.count + other.count)
