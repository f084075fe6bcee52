"""What two rows of one person get: their rewards under lock, and what of them is said of the person they were.

No entry of the ledger names a person: a posting is about a reward, and a reward says who gets it. So whose a reward is
changes, and no amount moves.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from advocates.models import Customer
from kit.locks import Rank, lock_all_named, note
from kit.tenancy import transaction_required
from rewards.models import PayoutLine, Reward


@transaction_required
def lock_rewards_to_merge(*, customer_ids: Collection[UUID], advocate_ids: Collection[UUID]) -> None:
    """Every reward they get or that was given for what they brought, in the order of locks, and then their accounts of
    points and credit, from which nothing is used meanwhile. The caller holds their rows."""
    note(Rank.REWARD)
    theirs = Reward.objects.filter(Q(recipient__in=customer_ids) | Q(advocate__in=advocate_ids)).order_by("pk")
    held = list(theirs.select_for_update(of=("self",), no_key=True).values_list("pk", "unit"))
    units = {unit for _key, unit in held}
    lock_all_named(Rank.COUPON, [("balance", key, unit) for key in customer_ids for unit in units])


@transaction_required
def keep_whom_lines_were_for(*, goes: Customer) -> None:
    """A payout may have paid both: its lines stay two, each with the row it was for."""
    PayoutLine.objects.filter(recipient=goes, stood_for=None).update(stood_for=goes.pk)
