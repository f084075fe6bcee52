"""What two rows of one person did: what was decided about their orders stays as it was decided.

Merging is no news about an order. Only what one referred to the other, while no reward of it was released, is judged
again by the next news about it: for then it is their own.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from advocates.models import Customer
from kit.tenancy import BeginAgain, transaction_required
from kit.text import email_without_tag
from tracking.actions.attribute import evidence_key
from tracking.actions.facts import as_facts, lock_orders
from tracking.facts import OrderKey
from tracking.locks import lock_friends, referrals_for_update
from tracking.models import Claim, ListEntry, Order, OrderFact, Referral
from tracking.rules import read_order


@transaction_required
def lock_what_they_did(*, customer_ids: Collection[UUID], advocate_ids: Collection[UUID]) -> None:
    """Their orders, themselves, and every referral of theirs on either side: as settling an order takes them. Raises
    BeginAgain where they bought meanwhile."""
    orders = _orders_of(customer_ids)
    lock_orders(orders)
    lock_friends(customer_ids)
    if _orders_of(customer_ids) != orders:
        raise BeginAgain("They bought meanwhile.")
    referrals_for_update(friend_ids=customer_ids, advocate_ids=advocate_ids)


def _orders_of(customer_ids: Collection[UUID]) -> set[OrderKey]:
    rows = Order.objects.filter(customer__in=customer_ids).values_list("platform", "external_id")
    return {OrderKey(*key) for key in rows}


@transaction_required
def keep_decisions(*, goes: Customer, stays: Customer) -> None:
    """While ``goes`` still has their orders: whose these are is not asked anew because their buyer has another id."""
    orders = list(Order.objects.filter(customer=goes).exclude(evidence_key=""))
    facts: dict[UUID, list[OrderFact]] = {order.pk: [] for order in orders}
    for fact in OrderFact.objects.filter(order__in=orders).order_by("as_of", "digest"):
        facts[fact.order_id].append(fact)
    for order in orders:
        view = read_order(as_facts(facts[order.pk]))
        if view and order.evidence_key == evidence_key(view, goes.pk):
            order.evidence_key = evidence_key(view, stays.pk)
    Order.objects.bulk_update(orders, ["evidence_key"], batch_size=200)


@transaction_required
def ask_anew_of_their_own(*, referrals: QuerySet[Referral]) -> None:
    """``referrals``: between the two, none of whose rewards was released. The next news finds it their own order."""
    Order.objects.filter(pk__in=referrals.values("order_id")).update(evidence_key="")


def between(goes: UUID, stays: UUID) -> QuerySet[Referral]:
    """What one of them referred to the other and is not blocked; what does not qualify so far may still do so."""
    one_way = Q(advocate__customer=goes, friend=stays) | Q(advocate__customer=stays, friend=goes)
    rows: QuerySet[Referral] = Referral.objects.filter(one_way).exclude(state=Referral.State.BLOCKED)
    return rows


@transaction_required
def free_second_offers(*, goes: Customer, stays: Customer) -> None:
    """In a program in which both claimed the offer, the claim of ``goes`` keeps its code and is known by that alone."""
    twice = Claim.objects.filter(friend=stays, program=OuterRef("program"))
    second = list(Claim.objects.filter(Exists(twice), friend=goes))
    taken = Claim.objects.filter(friend=None, click_id__in=[one.click_id for one in second if one.click_id])
    clicks = set(taken.values_list("program_id", "click_id"))
    for claim in second:
        claim.friend = None
        if (claim.program_id, claim.click_id) in clicks:
            claim.click_id = None
    Claim.objects.bulk_update(second, ["friend", "click_id"])


@transaction_required
def keep_blocked(*, goes: Customer, stays: Customer, by: str, now: datetime) -> None:
    """Whoever was blocked by the address of ``goes`` is blocked by that of ``stays``; trust does not go over."""
    fields = [ListEntry.Field.EMAIL, ListEntry.Field.ADVOCATE]
    spellings = {goes.email, goes.email_key, email_without_tag(goes.email)}
    blocked = ListEntry.objects.filter(list=ListEntry.List.BLOCK, field__in=fields, pattern__in=spellings)
    told = {"list": ListEntry.List.BLOCK, "pattern": stays.email.lower(), "by": by, "at": now}
    also = [ListEntry(field=one.field, note=one.note, **told) for one in blocked]
    ListEntry.objects.bulk_create(also, ignore_conflicts=True)
