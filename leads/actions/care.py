"""Who looks after a lead, until when the next step is taken, what it may be worth, and what is known of the person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kit.days import local_date
from kit.tenancy import transaction_required
from kit.text import clean_text
from leads.actions.arrive import LONGEST, MOST_MINOR
from leads.actions.refusals import Refused, refuse_erased
from leads.locks import lead_for_update
from leads.models import Lead
from merchants import events
from merchants.models import Membership
from merchants.selectors import workspace


@dataclass(frozen=True, slots=True)
class Plan:
    """``owner`` None: nobody's. ``due_date`` None: no next step is planned."""

    owner: Membership | None = None
    due_date: date | None = None
    value_minor: int | None = None


@transaction_required
def plan_lead(*, lead: Lead, plan: Plan, by: str, now: datetime) -> Lead:
    """A day that is over may stay, but not be chosen anew. Unchanged, nothing happens. Raises Refused."""
    found = lead_for_update(lead.pk)
    today = local_date(now, workspace().time_zone)
    if plan.due_date and plan.due_date != found.due_date and plan.due_date < today:
        raise Refused("day_over", "due_date")
    if plan.value_minor is not None and not 0 <= plan.value_minor <= MOST_MINOR:
        raise Refused("too_much", "value")
    owner_id = plan.owner.user_id if plan.owner else None
    wanted = {"owner_id": owner_id, "due_date": plan.due_date, "value_minor": plan.value_minor}
    told = {"owner": str(owner_id) if owner_id else None, "due_date": _iso(plan.due_date)}
    return _changed(found, wanted, "lead.planned", told, by, now)


@transaction_required
def describe_lead(*, lead: Lead, name: str, company: str, phone: str, by: str, now: datetime) -> Lead:
    """Correct what is known of the person. Unchanged, nothing happens. Raises Refused."""
    found = lead_for_update(lead.pk)
    refuse_erased(found)
    told = {"name": name, "company": company, "phone": phone}
    wanted = {field: " ".join(clean_text(text, max_length=LONGEST[field]).split()) for field, text in told.items()}
    return _changed(found, wanted, "lead.described", {}, by, now)


def _changed(lead: Lead, wanted: dict[str, Any], code: str, told: dict[str, Any], by: str, now: datetime) -> Lead:
    fields = [name for name, value in wanted.items() if getattr(lead, name) != value]
    for name in fields:
        setattr(lead, name, wanted[name])
    if fields:
        lead.save(update_fields=[name.removesuffix("_id") for name in fields])
        data = told | {"fields": [name.removesuffix("_id") for name in fields]}
        events.record(code, subject=lead, by=by, now=now, data=data)
    return lead


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
