"""What is known of a buyer already: offers they claimed, referrals of theirs that stand, and that they bought before.

Read for one order, or for many at once, in either case under the locks of the buyers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Min, QuerySet

from advocates.models import Advocate
from kit.asked import asked_often
from kit.many import any_of
from tracking.models import Claim, Order, Referral

_ADVOCATE = ("advocate", "advocate__program", "advocate__program__terms")
#: Referrals in these states stand: the friend has an advocate.
STANDING = (Referral.State.PENDING, Referral.State.QUALIFIED)


@dataclass(frozen=True, slots=True)
class Ties:
    """Of one buyer, read before the order that is looked at was written. ``bought_at``: when the first of their orders
    that stand was placed. ``clicked``: whoever's claims from the clicks by which this order came."""

    claims: Sequence[Claim] = ()
    referrals: Sequence[Referral] = ()
    bought_at: datetime | None = None
    clicked: Sequence[Claim] = ()

    @property
    def has_any(self) -> bool:
        return bool(self.claims or self.referrals)

    def advocates(self) -> set[UUID]:
        return {one.advocate_id for one in self.claims} | {one.advocate_id for one in self.referrals}


NO_TIES = Ties()


def claims_of(order: Order) -> Sequence[Claim]:
    """Of the order's buyer."""
    if isinstance(order.ties, Ties):
        return order.ties.claims
    return _claims([order.customer_id]) if order.customer_id and may_be_known(order) else ()


def claims_from(clicks: Collection[UUID], order: Order) -> Sequence[Claim]:
    """Whoever's that were made from these clicks, by which the order came; the newest first."""
    if isinstance(order.ties, Ties):
        return order.ties.clicked
    return _claims_from(list(clicks))


def claims_by_click(clicks: Collection[UUID]) -> dict[UUID, list[Claim]]:
    """For the orders of many clicks."""
    found: dict[UUID, list[Claim]] = {}
    for claim in _claims_from(list(clicks)) if clicks else ():
        if claim.click_id is not None:
            found.setdefault(claim.click_id, []).append(claim)
    return found


def referrals_of(order: Order) -> Sequence[Referral]:
    """Those of the order's buyer that stand, by other orders than this."""
    if isinstance(order.ties, Ties):
        return order.ties.referrals
    found = _referrals([order.customer_id]) if order.customer_id and may_be_known(order) else ()
    return [one for one in found if one.order_id != order.pk]


def roots_of(order: Order) -> list[Referral]:
    """Those that this further order of the buyer may follow. Who turned out to have referred themselves (two entries
    were merged) keeps what was given for it, and further orders are their own."""
    firsts = [one for one in referrals_of(order) if one.follows_id is None]
    qualified = [one for one in firsts if one.state == Referral.State.QUALIFIED]
    return [one for one in qualified if one.advocate.state == Advocate.State.ACTIVE and not _is_own(one)]


def _is_own(referral: Referral) -> bool:
    return bool(referral.advocate.customer_id == referral.friend_id)


def bought_before(order: Order, at: datetime) -> bool:
    """Whether the buyer placed another order before that, which was paid and stands."""
    if isinstance(order.ties, Ties):
        first_at = order.ties.bought_at
        return first_at is not None and first_at < at
    return order.customer_id is not None and bool(_earlier_bought(order.customer_id, at, order.pk))


def may_be_known(order: Order) -> bool:
    """Nothing is looked up about nobody, nor about somebody just met."""
    return order.customer is not None and not order.customer.is_just_made


def ties_among(customer_ids: Collection[UUID]) -> dict[UUID, Ties]:
    """Of each of these customers. For orders that are not written yet: all that is found is of other ones."""
    if not customer_ids:
        return {}
    ids = list(customer_ids)
    claims, referrals = _by_friend(_claims(ids)), _by_friend(_referrals(ids))
    bought_at = dict(_first_bought(ids))
    return {one: Ties(claims.get(one, ()), referrals.get(one, ()), bought_at.get(one)) for one in ids}


def _by_friend(rows: Iterable[Claim | Referral]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows:
        if row.friend_id is not None:
            found.setdefault(row.friend_id, []).append(row)
    return found


@asked_often
def _referrals(friend_ids: list[UUID]) -> QuerySet[Referral]:
    rows = Referral.objects.filter(any_of("friend_id", friend_ids), state__in=STANDING)
    found: QuerySet[Referral] = rows.select_related("advocate", "terms", "order").order_by("pk")
    return found


@asked_often
def _claims(friend_ids: list[UUID]) -> QuerySet[Claim]:
    rows = Claim.objects.filter(any_of("friend_id", friend_ids))
    found: QuerySet[Claim] = rows.select_related("terms", *_ADVOCATE).order_by("pk")
    return found


@asked_often
def _claims_from(clicks: list[UUID]) -> QuerySet[Claim]:
    rows = Claim.objects.filter(any_of("click_id", clicks)).select_related("terms").order_by("-pk")
    found: QuerySet[Claim] = rows
    return found


@asked_often
def _earlier_bought(customer_id: UUID, before: datetime, order_id: UUID) -> QuerySet[Any]:
    earlier = _bought().filter(customer=customer_id, placed_at__lt=before)
    return earlier.exclude(pk=order_id).values_list("pk")[:1]


@asked_often
def _first_bought(customer_ids: list[UUID]) -> QuerySet[Any]:
    theirs = _bought().filter(any_of("customer_id", customer_ids)).order_by()
    return theirs.values_list("customer_id").annotate(at=Min("placed_at"))


def _bought() -> QuerySet[Order]:
    """Paid, and neither cancelled nor wholly given back."""
    paid = Order.objects.filter(paid_at__isnull=False, cancelled_at=None, net_base_minor__gt=0, is_test=False)
    rows: QuerySet[Order] = paid
    return rows
