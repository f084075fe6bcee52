"""Every row lock of this app, ordered by pk; the order between kinds of locks stands in kit/locks.py."""

from __future__ import annotations

from uuid import UUID

from kit.locks import Rank, lock_named, note
from tracking.models import Claim, Referral


def lock_friend(customer_id: UUID) -> None:
    """Before asking "new customer?" or "already referred?": two orders of one friend must not both say no."""
    lock_named(Rank.FRIEND, customer_id)


def lock_visit(click_id: UUID) -> None:
    """In place of the friend's, where somebody claims without saying who they are."""
    lock_named(Rank.FRIEND, click_id)


def lock_advocate(advocate_id: UUID) -> None:
    """Before counting what an advocate was given against the cap."""
    lock_named(Rank.ADVOCATE, advocate_id)


def referral_for_update(order_id: UUID) -> Referral | None:
    note(Rank.REFERRAL)
    return Referral.objects.filter(order_id=order_id).select_for_update(of=("self",), no_key=True).first()


def claim_for_update(claim_id: UUID) -> Claim:
    claim: Claim = Claim.objects.select_for_update(of=("self",), no_key=True).get(pk=claim_id)
    return claim
