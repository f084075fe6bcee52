"""Reads about orders that more than one caller needs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from advocates.models import Advocate, Customer, Link
from kit.asked import asked_often
from kit.days import add_days
from programs.models import Program
from tracking.facts import OrderKey
from tracking.models import Introduction, Leak, Order


def order_by_key(key: OrderKey) -> Order | None:
    """The order of this number at this shop; None for one that nobody has told of."""
    return next(iter(_orders(key.platform, key.external_id)), None)


@asked_often
def _orders(platform: str, external_id: str) -> QuerySet[Order]:
    """One at most, as the constraint says."""
    rows: QuerySet[Order] = Order.objects.filter(platform=platform, external_id=external_id)
    return rows


def who_sent_until(order: Order, *, zone: str) -> datetime | None:
    """Until when the order's buyer may say who sent them; None where nobody asks: the order has an advocate, or is
    cancelled, or no program that would take it wants to know."""
    if not _may_be_asked(order) or order.placed_at is None or order.customer is None:
        return None
    bought_before = has_bought_before(order.customer, order.placed_at)
    days = [
        program.introduction_days
        for program in asking_programs()
        if not (bought_before and program.live_terms.new_customers_only)
    ]
    return add_days(order.placed_at, max(days), zone) if days else None


def _may_be_asked(order: Order) -> bool:
    is_open = order.outcome == Order.Outcome.NOT_REFERRED
    return is_open and order.customer_id is not None and order.cancelled_at is None and not order.is_test


def has_bought_before(customer: Customer, placed_at: datetime) -> bool:
    """By the customer's own row: enough for asking a question. The decision looks at the orders."""
    earlier = customer.first_paid_at is not None and customer.first_paid_at < placed_at
    return customer.imported_orders > 0 or earlier


def asking_programs() -> QuerySet[Any]:
    """Those that run and let buyers say afterwards who sent them."""
    return Program.objects.filter(state=Program.State.ACTIVE, introduction_days__gt=0).select_related("terms")


def introduction_of(order: Order) -> Introduction | None:
    return next(iter(_introductions_of(order.pk)), None)


@asked_often
def _introductions_of(order_id: UUID) -> QuerySet[Introduction]:
    """One at most, as the constraint says."""
    rows: QuerySet[Introduction] = Introduction.objects.filter(order=order_id)
    return rows.select_related("advocate__customer")


def questions_for(advocate: Advocate, *, now: datetime) -> list[Introduction]:
    """What friends have said and this person is to confirm, in whichever program, the oldest first."""
    return _questions(advocate.customer_id, now)


@asked_often
def _questions(customer_id: UUID, now: datetime) -> QuerySet[Introduction]:
    open_ones = Introduction.objects.filter(state=Introduction.State.NAMED, expires_at__gt=now)
    theirs: QuerySet[Introduction] = open_ones.filter(advocate__customer=customer_id)
    return theirs.select_related("advocate__program", "order").order_by("said_at", "pk")[:MOST_QUESTIONS]


def question_for(advocate: Advocate, introduction_id: UUID) -> Introduction | None:
    found = Introduction.objects.filter(pk=introduction_id, advocate__customer_id=advocate.customer_id)
    introduction: Introduction | None = found.select_related("order", "advocate").first()
    return introduction


#: On one page; the rest comes up when these are answered.
MOST_QUESTIONS = 5


def leaks_standing(links: Iterable[Link]) -> list[Leak]:
    """Which of these links got out, decided or not; what somebody left as it is is no leak."""
    states = [Leak.State.OPEN, Leak.State.ROTATED]
    rows = Leak.objects.filter(link__in=[link.pk for link in links], state__in=states)
    return list(rows.select_related("link").order_by("-found_at"))
