"""Who may recommend: joining a program and accepting its terms."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from advocates.actions.links import make_link
from advocates.locks import advocate_for_update
from advocates.models import Advocate, Channel, Customer
from advocates.selectors import advocate_of
from kit.tenancy import transaction_required
from kit.text import clean_text
from merchants import events
from merchants.selectors import workspace
from programs.models import Program
from programs.rules import Terms
from programs.selectors import Closed, closed_because

#: Programs that are not open for one of these reasons may still be joined: they will be, or will be again.
JOINABLE_WHILE = (None, Closed.PAUSED, Closed.NOT_STARTED, Closed.OUT_OF_BUDGET)


class NotEligible(Exception):
    """Refused, nothing changed. ``reason``: program_draft, program_ended, not_a_customer, too_few_orders,
    other_country or banned."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Enrolled:
    advocate: Advocate
    created: bool


@transaction_required
def enrol_advocate(
    *,
    program: Program,
    customer: Customer,
    by: str,
    now: datetime,
    kind: str = Advocate.Kind.CUSTOMER,
    place: str = "",
    state: str = Advocate.State.ACTIVE,
    paid_orders: int | None = None,
) -> Enrolled:
    """Make the customer an advocate with a link of their own; joining again gives the advocate there is.

    ``state`` INVITED asks first: accepting the terms, or enrolling again as ACTIVE, completes it. ``paid_orders`` is
    what the caller has counted; without it only the imported history and the first payment are known here.
    Raises NotEligible.
    """
    _refuse_closed(program, now)
    if kind == Advocate.Kind.CUSTOMER:
        _refuse_by_terms(program.live_terms, customer, paid_orders)
    told = _new_advocate(program, customer, kind=kind, place=place, state=state, by=by, now=now)
    Advocate.objects.bulk_create([told], ignore_conflicts=True)
    standing = advocate_of(program, customer)
    assert standing is not None, "just made or there before"
    if standing.pk != told.pk:
        return Enrolled(_join_again(standing, state, by, now), created=False)
    make_link(standing, Channel.LINK, "", now)
    _record_joining(standing, by, now)
    return Enrolled(standing, created=True)


@transaction_required
def accept_terms(*, advocate: Advocate, now: datetime) -> Advocate:
    """Keep which version the advocate accepted and when; an invited one becomes active. Again: nothing changes."""
    found = advocate_for_update(advocate.pk)
    if found.program.terms_id is None or found.state == Advocate.State.BANNED:
        return found
    by = events.by_advocate(found.pk)
    if found.accepted_terms_id != found.program.terms_id:
        found.accepted_terms, found.accepted_at = found.program.terms, now
        found.save(update_fields=["accepted_terms", "accepted_at"])
        data = {"terms": str(found.accepted_terms_id)}
        events.record("advocate.accepted", subject=found, by=by, now=now, data=data)
    return _complete_invitation(found, by, now)


def _refuse_closed(program: Program, now: datetime) -> None:
    closed = closed_because(program, now, workspace().time_zone)
    if closed not in JOINABLE_WHILE:
        raise NotEligible(f"program_{closed}")


def _refuse_by_terms(terms: Terms, customer: Customer, paid_orders: int | None) -> None:
    """Employees, partners and influencers are chosen by the merchant; these rules are for customers."""
    known = max(customer.imported_orders, int(customer.first_paid_at is not None), paid_orders or 0)
    if terms.advocates_must_be_customers and not known:
        raise NotEligible("not_a_customer")
    if known < terms.advocate_min_orders:
        raise NotEligible("too_few_orders")
    if terms.countries and customer.country and customer.country not in terms.countries:
        raise NotEligible("other_country")


def _new_advocate(program: Program, customer: Customer, *, by: str, now: datetime, **fields: Any) -> Advocate:
    return Advocate(
        program=program,
        customer=customer,
        kind=Advocate.Kind(fields["kind"]),
        place=clean_text(fields["place"], max_length=120).strip(),
        state=Advocate.State(fields["state"]),
        enrolled_at=now,
        enrolled_by=by,
    )


def _join_again(advocate: Advocate, state: str, by: str, now: datetime) -> Advocate:
    if advocate.state == Advocate.State.BANNED:
        raise NotEligible("banned")
    if advocate.state != Advocate.State.INVITED or state != Advocate.State.ACTIVE:
        return advocate
    return _complete_invitation(advocate_for_update(advocate.pk), by, now)


def _complete_invitation(advocate: Advocate, by: str, now: datetime) -> Advocate:
    if advocate.state == Advocate.State.INVITED:
        advocate.state = Advocate.State.ACTIVE
        advocate.enrolled_at = now
        advocate.save(update_fields=["state", "enrolled_at"])
        _record_joining(advocate, by, now)
    return advocate


def _record_joining(advocate: Advocate, by: str, now: datetime) -> None:
    code = "advocate.invited" if advocate.state == Advocate.State.INVITED else "advocate.enrolled"
    events.record(code, subject=advocate, by=by, now=now, data={"program": str(advocate.program_id)})
