"""Locks of people and links; their place among all locks stands in kit/locks.py."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from advocates.models import Advocate, Customer
from kit.asked import asked_often, the_one
from kit.locks import Rank, lock_named


def advocate_for_update(advocate_id: UUID) -> Advocate:
    """The advocate as they are now. Guards their state, links, event numbers and whatever is counted against a cap."""
    lock_named(Rank.ADVOCATE, advocate_id)
    found: Advocate = the_one(_advocate(advocate_id), Advocate)
    return found


@asked_often
def _advocate(advocate_id: UUID) -> QuerySet[Advocate]:
    rows: QuerySet[Advocate] = Advocate.objects.select_related("program__terms", "customer").filter(pk=advocate_id)
    return rows.select_for_update(of=("self",), no_key=True)


def customer_for_update(customer_id: UUID) -> Customer:
    """One person as they are now. The named lock first, as settling an order does: the other way round two could wait
    for each other."""
    lock_named(Rank.FRIEND, customer_id)
    customer: Customer = Customer.objects.select_for_update(no_key=True).get(pk=customer_id)
    return customer


def customers_for_update(keys: list[str]) -> list[Customer]:
    """Many at once, in the order of their e-mail keys. For imports alone: they wait for no named lock."""
    customers = Customer.objects.filter(email_key__in=keys).order_by("email_key")
    return list(customers.select_for_update(no_key=True))
