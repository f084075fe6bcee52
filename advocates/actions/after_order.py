"""A first paid order may make an advocate: the program says off, invite or on."""

from __future__ import annotations

from datetime import datetime

from advocates.actions.enrol import NotEligible, enrol_advocate
from advocates.models import Advocate, Customer
from kit.tenancy import transaction_required
from programs.models import Program

_STATE_FOR = {
    Program.AutoEnrol.ON: Advocate.State.ACTIVE,
    Program.AutoEnrol.INVITE: Advocate.State.INVITED,
}


@transaction_required
def enrol_after_first_order(*, customer: Customer, by: str, now: datetime) -> None:
    """Enrol or invite the customer in every active program that asks for it; one that does not admit them is passed over."""
    for program in Program.objects.filter(state=Program.State.ACTIVE, auto_enrol__in=_STATE_FOR):
        try:
            enrol_advocate(
                program=program,
                customer=customer,
                by=by,
                now=now,
                state=_STATE_FOR[Program.AutoEnrol(program.auto_enrol)],
            )
        except NotEligible:
            continue
