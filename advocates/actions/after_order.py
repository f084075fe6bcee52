"""A paid order may make an advocate: the program says off, invite or on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import QuerySet

from advocates.actions.enrol import NotEligible, enrol_advocate
from advocates.models import Advocate, Customer
from kit.asked import asked_often
from kit.tenancy import transaction_required
from programs.models import Program

_STATE_FOR = {
    Program.AutoEnrol.ON: Advocate.State.ACTIVE,
    Program.AutoEnrol.INVITE: Advocate.State.INVITED,
}


@transaction_required
def enrol_after_order(*, customer: Customer, count_orders: Callable[[], int], by: str, now: datetime) -> None:
    """Enrol or invite the buyer in every active program that asks for it and admits them after so many orders."""
    programs = programs_that_enrol()
    known = set(Advocate.objects.filter(customer=customer).values_list("program_id", flat=True)) if programs else set()
    for program in programs:
        if program.pk not in known:
            _enrol(program, customer, count_orders(), by, now)


@asked_often
def programs_that_enrol() -> QuerySet[Program]:
    active = Program.objects.filter(state=Program.State.ACTIVE, auto_enrol__in=list(_STATE_FOR))
    rows: QuerySet[Program] = active.select_related("terms")
    return rows


def _enrol(program: Program, customer: Customer, paid_orders: int, by: str, now: datetime) -> None:
    state = _STATE_FOR[Program.AutoEnrol(program.auto_enrol)]
    try:
        enrol_advocate(program=program, customer=customer, by=by, now=now, state=state, paid_orders=paid_orders)
    except NotEligible:
        return
