"""Locks of people and links; their place among all locks stands in kit/locks.py."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import QuerySet

from advocates.models import Advocate, Customer, MergedAdvocate, MergedCustomer
from kit.asked import asked_often, the_one
from kit.locks import Rank, lock_all_named, lock_named
from kit.tenancy import BeginAgain


def advocate_for_update(advocate_id: UUID) -> Advocate:
    """The advocate as they are now. Guards their state, links, event numbers and whatever is counted against a cap.

    Raises BeginAgain where they were merged into somebody while we waited.
    """
    lock_named(Rank.ADVOCATE, advocate_id)
    try:
        found: Advocate = the_one(_advocate(advocate_id), Advocate)
    except Advocate.DoesNotExist as error:
        if MergedAdvocate.objects.filter(pk=advocate_id).exists():
            raise BeginAgain("They were merged into somebody.") from error
        raise
    return found


@asked_often
def _advocate(advocate_id: UUID) -> QuerySet[Advocate]:
    rows: QuerySet[Advocate] = Advocate.objects.select_related("program__terms", "customer").filter(pk=advocate_id)
    return rows.select_for_update(of=("self",), no_key=True)


def customer_for_update(customer_id: UUID) -> Customer:
    """One person as they are now. The named lock first, as settling an order does: the other way round two could wait
    for each other. Raises BeginAgain where they were merged into somebody while we waited."""
    lock_named(Rank.FRIEND, customer_id)
    try:
        customer: Customer = the_one(_customer(customer_id), Customer)
    except Customer.DoesNotExist as error:
        if MergedCustomer.objects.filter(pk=customer_id).exists():
            raise BeginAgain("They were merged into somebody.") from error
        raise
    return customer


@asked_often
def _customer(customer_id: UUID) -> QuerySet[Customer]:
    rows: QuerySet[Customer] = Customer.objects.filter(pk=customer_id)
    return rows.select_for_update(no_key=True)


def lock_to_merge(*, customer_ids: Collection[UUID], advocate_ids: Collection[UUID]) -> None:
    """The rows against everybody, whoever has just written a row that points at one included: they are waited for,
    and who comes later finds the row gone. The caller holds the persons' named locks, and the referrals'."""
    lock_all_named(Rank.ADVOCATE, [(key,) for key in advocate_ids])
    list(Customer.objects.filter(pk__in=customer_ids).order_by("pk").select_for_update())
    list(Advocate.objects.filter(pk__in=advocate_ids).order_by("pk").select_for_update(of=("self",)))


def customers_for_update(keys: list[str]) -> list[Customer]:
    """Many at once, in the order of their e-mail keys. For imports alone: they wait for no named lock."""
    customers = Customer.objects.filter(email_key__in=keys).order_by("email_key")
    return list(customers.select_for_update(no_key=True))
