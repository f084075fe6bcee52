"""What ties a buyer to advocates already: offers they claimed, and referrals of theirs that stand.

Read for one order, or for many at once, in either case under the locks of the buyers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from advocates.models import Advocate
from kit.asked import asked_often
from kit.many import any_of
from tracking.models import Claim, Order, Referral

_ADVOCATE = ("advocate", "advocate__program", "advocate__program__terms")
#: Referrals in these states stand: the friend has an advocate.
STANDING = (Referral.State.PENDING, Referral.State.QUALIFIED)


@dataclass(frozen=True, slots=True)
class Ties:
    """Of one buyer, read before the order that is looked at was written."""

    claims: Sequence[Claim] = ()
    referrals: Sequence[Referral] = ()

    def advocates(self) -> set[UUID]:
        return {one.advocate_id for one in (*self.claims, *self.referrals)}


NO_TIES = Ties()


def claims_of(order: Order) -> Sequence[Claim]:
    """Of the order's buyer."""
    if isinstance(order.ties, Ties):
        return order.ties.claims
    return _claims([order.customer_id]) if _may_be_known(order) else ()


def referrals_of(order: Order) -> Sequence[Referral]:
    """Those of the order's buyer that stand, by other orders than this."""
    if isinstance(order.ties, Ties):
        return order.ties.referrals
    found = _referrals([order.customer_id]) if _may_be_known(order) else ()
    return [one for one in found if one.order_id != order.pk]


def roots_of(order: Order) -> list[Referral]:
    """Those that this further order of the buyer may follow."""
    firsts = [one for one in referrals_of(order) if one.follows_id is None]
    qualified = [one for one in firsts if one.state == Referral.State.QUALIFIED]
    return [one for one in qualified if one.advocate.state == Advocate.State.ACTIVE]


def _may_be_known(order: Order) -> bool:
    """Nothing is looked up about nobody, nor about somebody just met."""
    return order.customer is not None and not order.customer.is_just_made


def ties_among(customer_ids: Collection[UUID]) -> dict[UUID, Ties]:
    """Of those who have any, by customer. For orders that are not written yet: all referrals are by other ones."""
    if not customer_ids:
        return {}
    claims = _by_friend(_claims(list(customer_ids)))
    referrals = _by_friend(_referrals(list(customer_ids)))
    return {one: Ties(claims.get(one, ()), referrals.get(one, ())) for one in {*claims, *referrals}}


def _by_friend(rows: Iterable[Claim | Referral]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    for row in rows:
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
