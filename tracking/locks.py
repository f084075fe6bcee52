"""Every row lock of this app, ordered by pk; the order between kinds of locks stands in kit/locks.py."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from kit.asked import asked_often
from kit.locks import Rank, key_of, lock_all_named, lock_named, note
from tracking.models import Claim, Introduction, Leak, OfferAsked, Referral


def lock_friend(customer_id: UUID) -> None:
    """Before asking "new customer?" or "already referred?": two orders of one friend must not both say no."""
    lock_named(Rank.FRIEND, customer_id)


def lock_friends(customer_ids: Iterable[UUID]) -> None:
    lock_all_named(Rank.FRIEND, [(customer_id,) for customer_id in customer_ids])


def lock_visit(click_id: UUID) -> None:
    """In place of the friend's, where somebody claims without saying who they are."""
    lock_named(Rank.FRIEND, click_id)


def lock_advocate(advocate_id: UUID) -> None:
    """Before counting what an advocate was given against the cap."""
    lock_named(Rank.ADVOCATE, advocate_id)


def lock_advocates(advocate_ids: Iterable[UUID]) -> None:
    lock_all_named(Rank.ADVOCATE, [(advocate_id,) for advocate_id in advocate_ids])


def figures_key() -> int:
    """Shared by all who add to the daily figures, never while they are made anew (tracking.actions.clicks.ASK)."""
    note(Rank.FIGURES)
    return key_of(Rank.FIGURES)


def lock_figures() -> None:
    """Before making daily figures anew: nobody adds to them meanwhile."""
    lock_named(Rank.FIGURES)


def referral_for_update(order_id: UUID) -> Referral | None:
    note(Rank.REFERRAL)
    return next(iter(_referrals_of(order_id)), None)


@asked_often
def _referrals_of(order_id: UUID) -> QuerySet[Referral]:
    """One at most, as the constraint says."""
    rows: QuerySet[Referral] = Referral.objects.filter(order_id=order_id)
    return rows.select_for_update(of=("self",), no_key=True)


def referrals_for_update(*, friend_ids: Collection[UUID], advocate_ids: Collection[UUID]) -> list[Referral]:
    """All that these people brought or came by."""
    note(Rank.REFERRAL)
    theirs = Referral.objects.filter(Q(friend__in=friend_ids) | Q(advocate__in=advocate_ids)).order_by("pk")
    return list(theirs.select_for_update(of=("self",), no_key=True).only("merchant_id"))


def claim_for_update(claim_id: UUID) -> Claim:
    claim: Claim = Claim.objects.select_for_update(of=("self",), no_key=True).get(pk=claim_id)
    return claim


def offer_asked_for_update(*, real_now: datetime) -> OfferAsked | None:
    """The one that waits longest; those another worker is at are left to it."""
    rows = OfferAsked.objects.filter(next_try_at__lte=real_now).order_by("next_try_at", "pk")
    return rows.select_for_update(of=("self",), no_key=True, skip_locked=True).first()


def leak_for_update(leak_id: UUID) -> Leak:
    """Before the advocate's lock, which a rotation takes."""
    found: Leak = Leak.objects.select_for_update(of=("self",), no_key=True).select_related("link").get(pk=leak_id)
    return found


def introduction_for_update(introduction_id: UUID) -> Introduction:
    """After the order's own lock, which whoever says or answers something holds."""
    found: Introduction = Introduction.objects.select_for_update(of=("self",), no_key=True).get(pk=introduction_id)
    return found


def open_introductions_for_update(*, now: datetime, limit: int) -> list[Introduction]:
    """Over and unanswered; rows somebody answers this very moment are left to them."""
    states = [Introduction.State.ASKED, Introduction.State.NAMED]
    rows = Introduction.objects.filter(state__in=states, expires_at__lte=now).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True, skip_locked=True)[:limit])
