"""Finding people, and counting what stands behind them, in the same number of statements for any number of rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Lower

from advocates.models import Advocate, Customer
from advocates.selectors import customers_by_former_key
from kit.asked import asked_often
from kit.many import any_key_of, any_of
from kit.text import email_key, normalise_email
from tracking.models import Order, Referral

#: Sorts after every letter: the end of the range of texts with a common beginning, under COLLATE "C".
LAST = "\U0010ffff"


def search_people(rows: QuerySet[Any], text: str, *, prefix: str = "") -> QuerySet[Any]:
    """Whose address or name begins so. Ranges on stored columns: LIKE would read every row under row security."""
    text = text.strip()
    if not text:
        return rows
    if address := normalise_email(text):
        key = email_key(address)
        merged = customers_by_former_key([key]).get(key)
        return rows.filter(**{f"{prefix}email_key": merged.email_key if merged else key})
    return rows.filter(_begins(f"{prefix}email_key", text.lower()) | _begins(f"{prefix}name_key", text))


def addresses_beginning(text: str) -> QuerySet[Any]:
    """Customers whose address begins so, by address: one range, which an index gives in this order."""
    return Customer.objects.filter(_begins("email_key", text.strip().lower())).order_by("email_key", "pk")


def _begins(column: str, text: str) -> Q:
    return Q(**{f"{column}__gte": Lower(Value(text)), f"{column}__lt": Lower(Value(text + LAST))})


def search_orders(rows: QuerySet[Any], text: str, *, order: str = "order", person: str = "customer") -> QuerySet[Any]:
    """By an order's whole number, with or without its sign, or by a person: ``rows`` name both in these columns."""
    text = text.strip()
    if not text:
        return rows
    plain = text.removeprefix("#")
    written = [plain, f"#{plain}"]
    numbered = Order.objects.filter(Q(number__in=written) | Q(external_id__in=written))
    return rows.filter(any_key_of(order, numbered) | any_key_of(person, search_people(Customer.objects.all(), text)))


def tally_by_advocate(rows: Iterable[Advocate]) -> dict[UUID, int]:
    """Referrals of each advocate on the page."""
    return dict(_referrals_of([row.pk for row in rows]))


@asked_often
def _referrals_of(advocates: list[UUID]) -> QuerySet[Any]:
    return _counted_by("advocate_id", Referral.objects.filter(any_of("advocate", advocates)))


def orders_by_customer(rows: Iterable[Any]) -> dict[UUID, int]:
    return dict(_orders_of([row.pk for row in rows]))


@asked_often
def _orders_of(customers: list[UUID]) -> QuerySet[Any]:
    return _counted_by("customer_id", Order.objects.filter(any_of("customer", customers)))


def _counted_by(column: str, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.values_list(column).annotate(n=Count("pk")).order_by()
