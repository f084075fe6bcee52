"""Locks of people and links; their place among all locks stands in kit/locks.py."""

from __future__ import annotations

from uuid import UUID

from advocates.models import Advocate, Customer
from kit.locks import Rank, lock_named


def advocate_for_update(advocate_id: UUID) -> Advocate:
    """The advocate as they are now. Guards their state, links, event numbers and whatever is counted against a cap."""
    lock_named(Rank.ADVOCATE, advocate_id)
    advocates = Advocate.objects.select_related("program__terms", "customer")
    advocate: Advocate = advocates.select_for_update(of=("self",), no_key=True).get(pk=advocate_id)
    return advocate


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
