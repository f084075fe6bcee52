"""Locks of leads; their place among all locks stands in kit/locks.py: before the order that a lead may become."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from kit.locks import Rank, lock_named, note
from kit.text import email_key
from leads.models import Lead, LeadAsked


def lock_newcomer(program_id: UUID, address: str) -> None:
    """Before asking whether this person is a lead of the program already."""
    lock_named(Rank.LEAD, program_id, email_key(address))


def lead_for_update(lead_id: UUID) -> Lead:
    """The lead as it is now. Guards its stage and the numbers of its events.

    Nothing is read beside it: what came by a join would be from before the wait.
    """
    note(Rank.LEAD)
    lead: Lead = Lead.objects.select_for_update(no_key=True).get(pk=lead_id)
    return lead


def lock_leads_of(customer_id: UUID) -> None:
    """Before the person's own lock: whoever wins a lead holds it and then asks for theirs."""
    note(Rank.LEAD)
    list(Lead.objects.filter(customer=customer_id).order_by("pk").select_for_update(no_key=True))


def asked_for_update(*, real_now: datetime) -> LeadAsked | None:
    """The one that waits longest; those another worker is at are left to it."""
    rows = LeadAsked.objects.filter(next_try_at__lte=real_now).order_by("next_try_at", "pk")
    return rows.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
