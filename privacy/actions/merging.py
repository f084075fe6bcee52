"""Two rows of one person become one, in one transaction and for good: whatever pointed at the one points at the other.

The ledger knows rewards and no persons, so no amount moves and nothing in it is written again. Locks are taken as
settling an order takes them, under the workspace's: two merges follow each other. Whoever wrote a row for the one who
goes is waited for; whoever comes later finds them gone and begins again (kit.tenancy.again_after_deadlock), and then
their address, ids and codes lead to the one who stays.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from advocates.actions.merge import end_access, join_standing, join_what_is_known, let_advocate_go, let_customer_go
from advocates.locks import lock_to_merge
from advocates.models import Advocate, Customer
from kit.tenancy import BeginAgain, transaction_required
from leads.locks import lock_leads_of
from merchants.events import record
from merchants.locks import workspace_for_update
from privacy.keys import lead_over
from privacy.merging import Outlook, merge_outlook, own_unreleased
from rewards.actions.merge import keep_whom_lines_were_for, lock_rewards_to_merge
from tracking.actions.merge import (
    ask_anew_of_their_own,
    free_second_offers,
    keep_blocked,
    keep_decisions,
    lock_what_they_did,
)


class CannotMerge(Exception):
    """Refused, nothing changed. ``code``: same, gone, changed, or an obstacle of privacy.merging.Outlook."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction_required
def merge_people(*, goes_id: UUID, stays_id: UUID, seen: str, reason: str, by: str, now: datetime) -> Customer:
    """``seen``: the digest of the outlook that was confirmed. Gives the one who stays. Raises CannotMerge."""
    if goes_id == stays_id:
        raise CannotMerge("same")
    workspace_for_update()
    pair = _held({goes_id, stays_id})
    goes, stays = pair[goes_id], pair[stays_id]
    outlook = merge_outlook(goes=goes, stays=stays, now=now)
    if outlook.obstacles:
        raise CannotMerge(outlook.obstacles[0])
    if outlook.digest != seen:
        raise CannotMerge("changed")
    _keep_what_was_decided(goes, stays, by=by, now=now)
    end_access(goes=goes)
    joined = _join_places(goes, stays, now)
    moved = lead_over(goes=goes, stays=stays)
    join_what_is_known(goes=goes, stays=stays)
    let_customer_go(goes=goes, stays=stays, reason=reason, by=by, now=now)
    _tell(outlook, joined, moved, by=by, now=now)
    return stays


def _held(ids: set[UUID]) -> dict[UUID, Customer]:
    """Both, as they are once nobody writes anything about them any more."""
    for key in sorted(ids):
        lock_leads_of(key)
    advocates = _advocates_of(ids)
    lock_what_they_did(customer_ids=ids, advocate_ids=advocates)
    lock_to_merge(customer_ids=ids, advocate_ids=advocates)
    lock_rewards_to_merge(customer_ids=ids, advocate_ids=advocates)
    if _advocates_of(ids) != advocates:
        raise BeginAgain("They joined another program meanwhile.")
    pair: dict[UUID, Customer] = Customer.objects.in_bulk(ids)
    if len(pair) < len(ids):
        raise CannotMerge("gone")
    return pair


def _advocates_of(customer_ids: set[UUID]) -> set[UUID]:
    return set(Advocate.objects.filter(customer__in=customer_ids).values_list("pk", flat=True))


def _keep_what_was_decided(goes: Customer, stays: Customer, *, by: str, now: datetime) -> None:
    keep_decisions(goes=goes, stays=stays)
    ask_anew_of_their_own(referrals=own_unreleased(goes, stays))
    free_second_offers(goes=goes, stays=stays)
    keep_blocked(goes=goes, stays=stays, by=by, now=now)
    keep_whom_lines_were_for(goes=goes)


def _join_places(goes: Customer, stays: Customer, now: datetime) -> list[tuple[Advocate, dict[str, Any]]]:
    """In each program in which both take part. What ``goes`` is elsewhere, ``stays`` is afterwards."""
    standing = {row.program_id: row for row in Advocate.objects.filter(customer=stays)}
    told = []
    for row in Advocate.objects.filter(customer=goes).order_by("pk"):
        if into := standing.get(row.program_id):
            told.append((into, _joined(row, into, now)))
    return told


def _joined(goes: Advocate, stays: Advocate, now: datetime) -> dict[str, Any]:
    before, key = [stays.state, goes.state], str(goes.pk)
    join_standing(goes=goes, stays=stays)
    moved = lead_over(goes=goes, stays=stays)
    let_advocate_go(goes=goes, stays=stays, now=now)
    return {"gone": key, "before": before, "after": stays.state, "moved": moved}


def _tell(
    outlook: Outlook, joined: list[tuple[Advocate, dict[str, Any]]], moved: dict[str, int], *, by: str, now: datetime
) -> None:
    """Last, when the links hang where they belong: their addresses are told by these events."""
    goes, stays = outlook.goes, outlook.stays
    people = {"gone_customer": str(goes.customer.pk), "customer": str(stays.customer.pk)}
    for advocate, told in joined:
        record("advocate.merged", subject=advocate, by=by, now=now, data=people | told)
    before = {"stays": dict(stays.counts), "gone": dict(goes.counts)}
    data = {"gone": str(goes.customer.pk), "before": before, "moved": moved}
    record("customer.merged", subject=stays.customer, by=by, now=now, data=data)
